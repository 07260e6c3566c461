"""Where on the pages the words stand that a suggestion rests on, so that a screen can light them.

Before: sorting has kept the words as they stand in the text. After: each reason has its page and a box for each line,
or none where it came from a folder or a subject line, or stands further back than anybody looks.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from mailroom.journey.boxes import Box, SearchedPage

_MOST_MARKS = 5
"""In a text a reason is marked where it stands first, and a few times more."""

PAGES_SEARCHED = 12
"""Reasons are looked for on the first so many pages: they stand on the first one or two, and a page costs time."""


@dataclass(frozen=True, slots=True)
class Reason:
    """Words that a suggestion rests on.

    Attributes:
        words: as they stand in the letter.
        place: the page, 1-based among all pages of the item; None where they are not found on one.
        boxes: one for each line, in pixels of the page.
    """

    words: str
    place: int | None = None
    boxes: tuple[Box, ...] = ()


def placed(reasons: Sequence[str], pages: Mapping[int, SearchedPage]) -> tuple[Reason, ...]:
    """Return each reason with where it stands first.

    Args:
        reasons: words as they stand in the text.
        pages: the words of each page by its place, in order.
    """
    return tuple(_place(reason, pages) for reason in reasons)


def _place(reason: str, pages: Mapping[int, SearchedPage]) -> Reason:
    for place, page in pages.items():
        boxes = page.line_boxes(reason.split())
        if boxes:
            return Reason(reason, place, boxes)
    return Reason(reason)


def marked(text: str, reasons: Mapping[int, Sequence[str]]) -> list[tuple[str, tuple[int, ...]]]:
    """Return a text in pieces, each with the numbers of the suggestions that rest on it.

    Args:
        text: of a page without a picture.
        reasons: words as they stand in the text, by the suggestion's number.
    """
    spans = [(*span, number) for number, words in reasons.items() for one in words for span in _spans(text, one)]
    edges = sorted({0, len(text), *(edge for start, end, _ in spans for edge in (start, end))})
    return [
        (text[start:end], tuple(sorted({n for first, last, n in spans if first <= start and end <= last})))
        for start, end in pairwise(edges)
    ]


def _spans(text: str, reason: str) -> list[tuple[int, int]]:
    pattern = r"\s+".join(re.escape(word) for word in reason.split())
    return [match.span() for match in re.finditer(pattern, text, re.IGNORECASE)][:_MOST_MARKS] if pattern else []
