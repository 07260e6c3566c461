"""The parts of a letter, as far as they matter to sorting: what stands in the heading says more than what is quoted.

Before: the text of one document. After: `rules` weighs a cue by the part in which it was found.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum

from classifiers.classifier import PAGE_BREAK

_SALUTATION = re.compile(r"(?:^|(?<=\f))[ \t]*(?:dear|annwyl|to whom)\b.*$", re.IGNORECASE | re.MULTILINE)
_SUBJECT_MARK = re.compile(r"\s*(?:re|ref|subject|ynghylch)\b\s*[:.\-]?", re.IGNORECASE)
_QUOTE = re.compile(
    r"^[ \t]*(?:>|-{3,} ?(?:original|forwarded) message|_{10,}\s*$|on .{6,80} wrote:\s*$|begin forwarded message)",
    re.IGNORECASE | re.MULTILINE,
)
_LONGEST_HEADING = 2500
_LONGEST_TITLE = 90


class Part(Enum):
    """Where in a letter something stands."""

    HEADING = "heading"
    TITLE = "title"
    BODY = "body"
    ENCLOSED = "enclosed"
    QUOTED = "quoted"


@dataclass(frozen=True, slots=True)
class Passage:
    """A stretch of the text that is one part of the letter."""

    part: Part
    start: int
    end: int


def passages_of(text: str) -> tuple[Passage, ...]:
    """Return the parts of a letter in order; together they cover the whole text.

    The heading is everything to the salutation, the title is the short lines that follow it, or, where nobody is
    greeted, the short lines at the top. What follows a mail program's mark of an earlier message is quoted. A later
    page with a salutation of its own is another letter, most often one from the council that is sent back as a copy:
    it and what follows it is enclosed.
    """
    enclosure = _enclosure_start(text)
    quote = _QUOTE.search(text, 0, enclosure)
    written = quote.start() if quote else enclosure
    heading, title = _heading_and_title_ends(text[:written])
    parts = (
        Passage(Part.HEADING, 0, heading),
        Passage(Part.TITLE, heading, title),
        Passage(Part.BODY, title, written),
        Passage(Part.QUOTED, written, enclosure),
        Passage(Part.ENCLOSED, enclosure, len(text)),
    )
    return tuple(passage for passage in parts if passage.start < passage.end)


def _enclosure_start(text: str) -> int:
    page = text.find(PAGE_BREAK)
    while page >= 0:
        following = text.find(PAGE_BREAK, page + 1)
        if _SALUTATION.search(text, page + 1, following if following >= 0 else len(text)):
            return page
        page = following
    return len(text)


def _heading_and_title_ends(text: str) -> tuple[int, int]:
    salutation = _SALUTATION.search(text, 0, _LONGEST_HEADING)
    start = salutation.end() if salutation else 0
    end = start
    for position, line in _first_lines(text, start, 2 if salutation else 3):
        if not _is_title(line):
            break
        end = position + len(line)
    return start, end


def _first_lines(text: str, start: int, count: int) -> Iterator[tuple[int, str]]:
    lines = (match for match in re.finditer(r"[^\n]+", text[start : start + _LONGEST_HEADING]) if match.group().strip())
    for match, _ in zip(lines, range(count), strict=False):
        yield start + match.start(), match.group()


def _is_title(line: str) -> bool:
    if _SUBJECT_MARK.match(line):
        return True
    return len(line) <= _LONGEST_TITLE and not line.rstrip().endswith((".", ",", "?", "!", ";"))
