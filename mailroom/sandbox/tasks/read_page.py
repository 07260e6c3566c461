"""Task: the text of one page, its picture for the screen, and its layer for the searchable copy.

Before: `look_inside` said how many pages there are. After: `searchable` takes the same pages, where there are several.
The engine is the one that was opened before this process was forked.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from mailroom.sandbox.reading_engine import READING_ENGINE
from mailroom.sandbox.tasks.charsets import for_display
from mailroom.sandbox.tasks.reading import page_limits, refused_in_words
from ocr.engine import Word
from ocr.page import PageReading, read_page
from ocr.searchable import make_searchable

SEARCHABLE = "searchable.pdf"
"""Name of the searchable copy in the scratch folder."""


def read_one_page(source: Path, scratch: Path, arguments: Mapping[str, Any]) -> dict[str, Any]:
    """Return a page as `page_to_json` has it; the files that it names are in the scratch folder.

    Of a document's only page the searchable copy is made in the same child: a second one would cost more than the copy.

    Args:
        source: the document.
        scratch: where its picture and its layer are written.
        arguments: `number` of the page, from 1; `only`, whether it is the only one (then its `searchable` copy is
            named, too); `most_pages` and `most_pixels` where they differ from usual.

    Raises:
        TaskRefused: the page cannot be decoded, is too large, or is not there.
    """
    limits = page_limits(arguments)
    with refused_in_words():
        page = read_page(source, arguments["number"], READING_ENGINE.get(), scratch, limits)
        if not arguments.get("only"):
            return page_to_json(page)
        copy = make_searchable(source, [page], scratch / SEARCHABLE, limits)
    return {**page_to_json(page), "searchable": copy.name}


def page_to_json(reading: PageReading) -> dict[str, Any]:
    """Return the fields of a reading; a word is [text, confidence, left, top, right, bottom, line], a file its name."""
    fields = {name: value for name, value in asdict(reading).items() if name != "words"}
    return {
        **fields,
        "text": for_display(reading.text),
        "words": [[for_display(word.text), round(word.confidence, 4), *word.box, word.line] for word in reading.words],
        "screen": reading.screen.name,
        "layer": reading.layer.name if reading.layer else None,
    }


def page_from_json(page: Mapping[str, Any], folder: Path) -> PageReading:
    """Return the reading of a page from its JSON, its files looked for in the folder."""
    words = tuple(Word(text, confidence, (*box,), line) for text, confidence, *box, line in page["words"])
    files = {"screen": folder / page["screen"], "layer": folder / page["layer"] if page["layer"] else None}
    return PageReading(**{**page, "words": words, **files})
