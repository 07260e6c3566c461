"""Task: a formatted mail as it is meant to be seen: pictures of its pages, and the words on them with their boxes.

Before: somebody wants to see the mail (`desk/drawing.py`). After: the pictures are shown beside its words, which stay
what is worked on. Nothing is fetched: what the mail brought along is all there is to draw (`mail_pictures.py`).
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from mailroom.domain.errors import Cause
from mailroom.sandbox.errors import TaskRefused
from mailroom.sandbox.tasks.charsets import for_display
from mailroom.sandbox.tasks.draw_pdf import MADE_BY, READY, draw_pdf
from mailroom.sandbox.tasks.html_drawn import drawable_html
from mailroom.sandbox.tasks.mail_body import body_html, body_text, leaves
from mailroom.sandbox.tasks.mail_pictures import Brought
from mailroom.sandbox.tasks.read_message import parse, with_text
from mailroom.sandbox.tasks.reading import page_limits, refused_in_words
from ocr.own_print import PrintedPage, printed_pages

MOST_SHEETS = 20
_PRINT = "drawn.pdf"
_MOST_NAMED = 8
"""So many of the words are named that the text has and the pictures have not."""

_MOST_MISSED = 1000


def draw_message(source: Path, scratch: Path, arguments: Mapping[str, Any]) -> dict[str, Any]:
    """Write the pictures of a mail into the scratch folder.

    Args:
        source: the original.
        scratch: where to.
        arguments: `most_pixels` where it differs from usual.

    Returns:
        `ready`: whether this machine can draw at all; where it cannot, nothing else. `made_by`. `sheets`: each with
        `file`, `width` and `height`. `words` of all sheets one below the other, as `read_page` has them. `cut`: whether
        there is more than is drawn. `missed` and `missed_count`: words of the text that nobody sees on the pictures;
        not looked for where it was cut.

    Raises:
        TaskRefused: there is nothing to draw, or it cannot be drawn.
    """
    if not READY:
        return {"ready": False}
    parts = with_text(list(leaves(parse(source))))
    page, was_cut = drawable_html(body_html(parts))
    pictures = Brought(parts, page_limits(arguments).max_pixels)
    try:
        draw_pdf(page, pictures.give, scratch / _PRINT)
    except RecursionError as fault:
        raise TaskRefused(Cause.TOO_LARGE, "Its parts lie too deep within one another to be drawn.") from fault
    with refused_in_words():
        sheets, there = printed_pages(scratch / _PRINT, MOST_SHEETS, scratch)
    cut = was_cut or there > MOST_SHEETS
    missed = [] if cut else words_missed(body_text(parts), [word.text for sheet in sheets for word in sheet.words])
    return {
        "ready": True,
        "made_by": MADE_BY,
        "sheets": [{"file": one.screen.name, "width": one.width, "height": one.height} for one in sheets],
        "words": _one_below_the_other(sheets),
        "cut": cut,
        "missed": missed[:_MOST_NAMED],
        "missed_count": len(missed),
    }


def words_missed(text: str, seen: Iterable[str]) -> list[str]:
    """Return the words of the text that are not among those that are seen, each once, up to a thousand; pure.

    Addresses are left out: the text has them where the formatted mail has a link.
    """
    run = "".join(map(_bare, seen))
    missed: dict[str, str] = {}
    for word in text.split():
        bare = _bare(word)
        if len(bare) > 1 and bare not in missed and not _is_address(word) and bare not in run:
            missed[bare] = for_display(word)
            if len(missed) == _MOST_MISSED:
                break
    return list(missed.values())


def _bare(word: str) -> str:
    return "".join(filter(str.isalnum, unicodedata.normalize("NFKC", word).casefold()))


def _is_address(word: str) -> bool:
    return any(sign in word for sign in ("://", "www.", "@", "mailto:", "tel:", "cid:"))


def _one_below_the_other(sheets: Iterable[PrintedPage]) -> list[list[Any]]:
    """Return the words as if all sheets were one: each [text, confidence, left, top, right, bottom, line]."""
    words: list[list[Any]] = []
    above, lines = 0, 0
    for sheet in sheets:
        for word in sheet.words:
            left, top, right, bottom = word.box
            words.append([for_display(word.text), 1.0, left, top + above, right, bottom + above, word.line + lines])
        above += sheet.height
        lines = words[-1][6] + 1 if words else 0
    return words
