"""Where on the pages the words stand that a suggestion rests on, so that a screen can light them.

Before: sorting has kept the words as they stand in the text. After: each reason has its page and a box for each line,
or none where it came from a folder or a subject line, or stands further back than anybody looks.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from mailroom.journey.boxes import Box, SearchedPage

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
