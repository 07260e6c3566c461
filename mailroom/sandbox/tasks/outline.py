"""Task: how many pages a document has, and how large they are.

Before: `identify` found a PDF, TIFF, JPEG or PNG. After: `read_page` is run for each page.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from mailroom.sandbox.tasks.reading import page_limits, refused_in_words
from ocr.document import outline


def outline_document(source: Path, _scratch: Path, arguments: Mapping[str, Any]) -> dict[str, Any]:
    """Return `pages` and `sizes`, the width and height of each page in points (1/72 inch).

    Args:
        source: the document.
        arguments: `media_type` as found by `identify`; `most_pages` and `most_pixels` where they differ from usual.

    Raises:
        TaskRefused: it is locked, damaged, or has too many pages.
    """
    with refused_in_words():
        found = outline(source, arguments["media_type"], page_limits(arguments))
    return {"pages": len(found.pages), "sizes": [[page.width, page.height] for page in found.pages]}
