"""Which places of which pages are painted over: boxes as a person gives them, and boxes around words. Pure.

Before: somebody says what must not be read. After: each page has its boxes, a little larger than what they hide. Words
are found as the machine has read them, also inside of longer ones: to hide too much is a nuisance, too little a breach.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

_NOT_OF_A_WORD = re.compile(r"[\W_]+")
_WRITTEN = re.compile(r"(?:(\d{1,6}):)?(\d{1,6}),(\d{1,6}),(\d{1,6}),(\d{1,6})")
_MARGIN = 0.15


@dataclass(frozen=True, slots=True)
class Box:
    """A place on a page, in pixels of the page as its words have them.

    Attributes:
        left, top, right, bottom: its edges.
    """

    left: float
    top: float
    right: float
    bottom: float

    def scaled(self, factor: float) -> Box:
        """Return it on a picture of the page."""
        return Box(self.left * factor, self.top * factor, self.right * factor, self.bottom * factor)


def written_box(text: str, pages: Sequence[int]) -> Iterator[tuple[int, Box]]:
    """Yield the box that a person writes: X,Y,WIDTH,HEIGHT for each of the pages, PAGE:X,Y,WIDTH,HEIGHT for one.

    Raises:
        ValueError: it is not written so; the message is for that person.
    """
    found = _WRITTEN.fullmatch(text.strip())
    if found is None:
        raise ValueError(f"{text!r} is no box: write X,Y,WIDTH,HEIGHT in pixels, or PAGE:X,Y,WIDTH,HEIGHT")
    page, left, top, width, height = (int(part) if part else 0 for part in found.groups())
    if not (width and height):
        raise ValueError(f"the box {text!r} has no size")
    on = [page] if page else list(pages)
    if not on:
        raise ValueError(f"on which page is the box {text!r}? Name it with --page, or before the box: PAGE:{text}")
    yield from ((one, Box(left, top, left + width, top + height)) for one in on)


def boxes_of_words(wanted: str, words: Sequence[Sequence[Any]]) -> list[Box]:
    """Return a box for each word of every run that reads so.

    Args:
        wanted: one word or several in a row.
        words: of one page, each as [text, confidence, left, top, right, bottom, line].
    """
    target = [bare for word in wanted.split() if (bare := _bare(word))]
    texts = [_bare(str(word[0])) for word in words]
    starts = [
        start
        for start in range(len(texts) - len(target) + 1)
        if target and all(part in texts[start + place] for place, part in enumerate(target))
    ]
    hidden = sorted({start + place for start in starts for place in range(len(target))})
    return [_around(words[number]) for number in hidden]


def by_page(places: Sequence[tuple[int, Box]]) -> Mapping[int, list[Box]]:
    """Return the boxes by their page."""
    found: dict[int, list[Box]] = {}
    for page, box in places:
        found.setdefault(page, []).append(box)
    return found


def _around(word: Sequence[Any]) -> Box:
    left, top, right, bottom = word[2:6]
    margin = max(2.0, (bottom - top) * _MARGIN)
    return Box(left - margin, top - margin, right + margin, bottom + margin)


def _bare(word: str) -> str:
    return _NOT_OF_A_WORD.sub("", word).lower()
