"""Where the words of a page stand: lines, cut where a gap is so wide that what follows is another column.

Before: a page's text, and the places of its words where it was paper. After: `addresses` goes up and down a column.
Text that was never on paper is laid out by its lines and spaces, as a typewriter would have set it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import median

from classifiers.classifier import Box, PlacedWord

_WIDEST_SPACE = 1.5  # in heights of a line; justified lines have spaces of 1.0 at the most, columns stand 3 apart
_TYPED_PIECE = re.compile(r"\S+(?:[ ]{1,2}\S+)*")
_TYPED_PITCH, _TYPED_HEIGHT, _TYPED_WIDTH = 20, 10, 5


@dataclass(frozen=True, slots=True)
class Piece:
    """Words that stand together in one line of one column.

    Attributes:
        text: the words.
        start: first character in the page's text.
        end: the character after the last one.
        box: left, top, right, bottom: pixels on paper, else made up of lines and characters.
        sure: how surely the least sure of its words was read, 0 to 1.
    """

    text: str
    start: int
    end: int
    box: Box
    sure: float = 1.0

    @property
    def left(self) -> int:
        """Left edge."""
        return self.box[0]

    @property
    def top(self) -> int:
        """Upper edge."""
        return self.box[1]

    @property
    def right(self) -> int:
        """Right edge."""
        return self.box[2]

    @property
    def bottom(self) -> int:
        """Lower edge."""
        return self.box[3]

    @property
    def height(self) -> int:
        """Height of the line."""
        return max(1, self.bottom - self.top)


@dataclass(frozen=True, slots=True)
class _Found:
    """A word with its span in the text."""

    word: PlacedWord
    start: int
    end: int


def pieces_of(text: str, words: Sequence[PlacedWord] = ()) -> tuple[Piece, ...]:
    """Return the pieces of a page in the order of its text.

    Args:
        text: the page.
        words: its words in the same order, with their places; empty for text that was never on paper.
    """
    found = list(_found(text, words))
    if not found or len(found) < len(words):
        return tuple(_typed(text))
    height = max(1.0, median(one.word.box[3] - one.word.box[1] for one in found))
    return tuple(_piece(text, run) for run in _runs(found, height))


def line_height(pieces: Sequence[Piece]) -> float:
    """Return the usual height of a line."""
    return median(piece.height for piece in pieces) if pieces else 1.0


def around(boxes: Sequence[Box]) -> Box:
    """Return the box around several."""
    left, top, right, bottom = zip(*boxes, strict=True)
    return min(left), min(top), max(right), max(bottom)


def _found(text: str, words: Sequence[PlacedWord]) -> Iterator[_Found]:
    """Yield the words with their spans, up to the first that is not in the text where it should be."""
    position = 0
    for word in words:
        start = text.find(word.text, position)
        if start < 0 or text[position:start].strip():
            return
        position = start + len(word.text)
        yield _Found(word, start, position)


def _runs(found: Sequence[_Found], height: float) -> Iterator[list[_Found]]:
    run = [found[0]]
    for before, one in pairwise(found):
        gap = one.word.box[0] - before.word.box[2]
        if one.word.line == before.word.line and gap <= _WIDEST_SPACE * height:
            run.append(one)
        else:
            yield run
            run = [one]
    yield run


def _piece(text: str, run: Sequence[_Found]) -> Piece:
    start, end = run[0].start, run[-1].end
    box = around([one.word.box for one in run])
    return Piece(text[start:end], start, end, box, min(one.word.confidence for one in run))


def _typed(text: str) -> Iterator[Piece]:
    offset = 0
    for number, line in enumerate(text.split("\n")):
        top = number * _TYPED_PITCH
        for match in _TYPED_PIECE.finditer(line):
            box = (match.start() * _TYPED_WIDTH, top, match.end() * _TYPED_WIDTH, top + _TYPED_HEIGHT)
            yield Piece(match.group(), offset + match.start(), offset + match.end(), box)
        offset += len(line) + 1
