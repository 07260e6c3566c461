"""Task: the searchable copy of a document, from pages that have been read.

Before: `read_page` has run for each page and its layers lie in the scratch folder. After: the copy is a rendition.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from mailroom.sandbox.tasks.read_page import SEARCHABLE, page_from_json
from mailroom.sandbox.tasks.reading import page_limits, refused_in_words
from ocr.searchable import make_searchable


def join_searchable(source: Path, scratch: Path, arguments: Mapping[str, Any]) -> dict[str, Any]:
    """Write the searchable PDF into the scratch folder and return its name as `file`.

    Args:
        source: the document.
        scratch: where the layers of its pages lie.
        arguments: `pages`, as `read_page` returned them (`words` may be left out); `most_pixels` where it differs from
            usual.

    Raises:
        TaskRefused: the document cannot be copied.
    """
    readings = [page_from_json({"words": [], **page}, scratch) for page in arguments["pages"]]
    with refused_in_words():
        make_searchable(source, readings, scratch / SEARCHABLE, page_limits(arguments))
    return {"file": SEARCHABLE}
