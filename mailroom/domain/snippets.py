"""The place of a text at which it matches, cut out for the line of a result, with the words that match told apart.

Before: a search has found a text. After: pieces of plain text, lit or not, which a page shows as what they are: nothing
of a letter is ever taken for markup. Both databases are shown alike, for no database cuts here.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from mailroom.domain.query import Term, Way
from mailroom.domain.words import LONGEST, plain

LOOKED_AT = 100_000
"""Characters of a text in which the place is looked for; beyond them the line goes without one."""

_BEFORE, _AFTER = 40, 140
"""Characters that are shown before the first word that matches, and from it on, at the most."""

_WORD = re.compile(r"[^\W_]+")


@dataclass(frozen=True, slots=True)
class Piece:
    """Some text that follows the piece before it; lit where it is what was looked for."""

    text: str
    lit: bool = False


Place = tuple[int, int]


def snippet(text: str, terms: Sequence[Term]) -> tuple[Piece, ...]:
    """Return the pieces around the first place that matches; none where no term stands in the text."""
    text = " ".join(unicodedata.normalize("NFC", text[:LOOKED_AT]).split())
    words = [(match.span(), plain(match.group())[:LONGEST]) for match in _WORD.finditer(text)]
    wanted = [(way, term.begins) for term in terms if not term.without for way in term.ways]
    places = sorted(_places(words, wanted))
    if not places:
        return ()
    first, last = _cut(text, places[0][0])
    return tuple(_pieces(text, first, last, [place for place in places if first <= place[0] and place[1] <= last]))


def _places(words: Sequence[tuple[Place, str]], wanted: Sequence[tuple[Way, bool]]) -> Iterator[Place]:
    firsts = {way[0] for way, _ in wanted}
    beginnings = tuple(way[0] for way, begins in wanted if begins and len(way) == 1)
    for number, (place, first) in enumerate(words):
        if first not in firsts and not first.startswith(beginnings):  # as nearly all are
            continue
        for way, begins in wanted:
            run = [word for _, word in words[number : number + len(way)]]
            if _stands(run, way, begins=begins):
                yield place[0], words[number + len(way) - 1][0][1]
                break


def _stands(run: Sequence[str], way: Way, *, begins: bool) -> bool:
    if len(run) < len(way) or tuple(run[:-1]) != way[:-1]:
        return False
    return run[-1].startswith(way[-1]) if begins else run[-1] == way[-1]


def _cut(text: str, start: int) -> Place:
    """Return from where to where, at the edges of words."""
    first, last = max(0, start - _BEFORE), min(len(text), start + _AFTER)
    if first:
        first = text.find(" ", first, start) + 1 or first
    if last < len(text):
        last = max(text.rfind(" ", start, last), start) if " " in text[start:last] else last
    return first, last


def _pieces(text: str, first: int, last: int, places: Sequence[Place]) -> Iterator[Piece]:
    if first:
        yield Piece("… ")
    for start, end in places:
        if start < first:  # it lies within the one before
            continue
        if start > first:
            yield Piece(text[first:start])
        yield Piece(text[start:end], lit=True)
        first = end
    yield Piece(text[first:last] + (" …" if last < len(text) else ""))
