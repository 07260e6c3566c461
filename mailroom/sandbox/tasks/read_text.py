"""What is written in a document without pages to show, as text for people: a part of the task `look_inside`.

Before: `identify` found one of `WRITTEN`. After: the text is the one page of its document. Each format (texts,
office documents, calendars, web pages) has its reader.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any

from mailroom.domain.errors import Cause
from mailroom.sandbox.errors import TaskRefused
from mailroom.sandbox.limits import MEGABYTE
from mailroom.sandbox.tasks import signatures
from mailroom.sandbox.tasks.calendar_text import calendar_text
from mailroom.sandbox.tasks.charsets import decode, for_display, guess_charset
from mailroom.sandbox.tasks.html_text import html_to_text
from mailroom.sandbox.tasks.identify import kind_of_file
from mailroom.sandbox.tasks.office_flow import flowing_text
from mailroom.sandbox.tasks.office_old_sheets import old_sheets_text
from mailroom.sandbox.tasks.office_sheets import sheets_text
from mailroom.sandbox.tasks.rtf_text import rtf_text

MOST_BYTES = 2 * MEGABYTE
"""About 700 pages of type; what is longer is an export of something, not a letter."""

_READERS: dict[str, Callable[[Path], str]] = {
    signatures.RTF.media_type: lambda source: rtf_text(source.read_bytes()),
    signatures.EXCEL.media_type: sheets_text,
    signatures.OLD_EXCEL.media_type: old_sheets_text,
    signatures.HTML.media_type: lambda source: html_to_text(plain_text(source)),
    signatures.CALENDAR.media_type: lambda source: calendar_text(plain_text(source)),
    **{
        kind.media_type: partial(flowing_text, kind)
        for kind in (
            signatures.WORD,
            signatures.SLIDES,
            signatures.OPEN_TEXT,
            signatures.OPEN_SHEET,
            signatures.OPEN_SLIDES,
        )
    },
}


def read_text(source: Path, _scratch: Path, _arguments: Mapping[str, Any]) -> dict[str, Any]:
    """Return `text`, which may be empty where a document holds but pictures, and `pages` (always 1).

    Raises:
        TaskRefused: it is too long, damaged, locked, or no text.
    """
    reader = _READERS.get(kind_of_file(source).media_type)
    text = for_display(reader(source) if reader else plain_text(source))
    if not text.strip() and reader is None:
        raise TaskRefused(Cause.EMPTY, "This file holds no text. Ask the sender to send it again.")
    return {"text": text, "pages": 1}


def plain_text(source: Path) -> str:
    """Return the text of a file that is one, in whatever charset it is.

    Raises:
        TaskRefused: it is too long, or no text.
    """
    if source.stat().st_size > MOST_BYTES:
        sentence = f"This text is longer than {MOST_BYTES // MEGABYTE} MB. Open the original and index it by hand."
        raise TaskRefused(Cause.TOO_LARGE, sentence)
    content = source.read_bytes()
    charset = guess_charset(content)
    if charset is None:
        sentence = "This file is not a text that can be shown. Open the original and index it by hand."
        raise TaskRefused(Cause.UNKNOWN_FORMAT, sentence)
    return decode(content, charset)
