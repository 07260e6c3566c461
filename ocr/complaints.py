"""Hears what C libraries say on the error stream while they decode: their return values do not tell everything.

Before: a decoder is about to run. After: what it wrote is known, and nothing of it reaches the logs, where it might
quote a document.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager

_STANDARD_ERROR = 2
_MOST_HEARD = 256 * 1024


@contextmanager
def complaints() -> Iterator[list[str]]:
    """Collect what C libraries write to the error stream meanwhile; the list is filled when the block ends."""
    lines: list[str] = []
    kept = os.dup(_STANDARD_ERROR)
    with tempfile.TemporaryFile() as file:
        os.dup2(file.fileno(), _STANDARD_ERROR)
        try:
            yield lines
        finally:
            os.dup2(kept, _STANDARD_ERROR)
            os.close(kept)
            file.seek(0)
            lines.extend(file.read(_MOST_HEARD).decode("utf-8", "replace").splitlines())
