"""The OCR engine of this process: opened once in the warm parent, found again in every child forked from it.

Before: `zygote` opens it with its model. After: the task `read_page` takes it from `READING_ENGINE`.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable
from contextvars import ContextVar
from pathlib import Path
from typing import Any

import ocr
from ocr.engine import Engine

READING_ENGINE: ContextVar[Engine] = ContextVar("reading_engine")


def load(place: str) -> Callable[..., Any]:
    """Return the function or class that stands at `module:name`.

    Raises:
        ImportError: there is no such module.
        AttributeError: the module has no such name.
    """
    module, _, name = place.partition(":")
    found: Callable[..., Any] = getattr(importlib.import_module(module), name)
    return found


def open_engine(engine: str, languages: str, tessdata: str | None) -> Engine:
    """Open an engine with its model.

    Args:
        engine: a name in `ocr.BUILTIN`, or `module:Class` of one from outside.
        languages: what it shall read, as Tesseract writes it (`eng+cym`).
        tessdata: folder of the models; None to look in the usual places.

    Raises:
        ReadingError: a model or a program is missing.
    """
    opened: Engine = load(ocr.BUILTIN.get(engine, engine))(languages, Path(tessdata) if tessdata else None)
    return opened
