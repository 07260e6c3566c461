"""The place of a text at which it matches, cut out for the line of a result, with the words that match told apart.

Before: a search has found a text. After: pieces of plain text, lit or not, which a page shows as what they are: nothing
of a letter is ever taken for markup. Both databases are shown alike, for no database cuts here.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain, takewhile

from mailroom.domain.query import Term, Way
from mailroom.domain.words import LONGEST, plain

LOOKED_AT = 100_000
"""Characters of a text in which the place is looked for; beyond them the line goes without one."""

_BEFORE, _AFTER = 40, 140
"""Characters that are shown before the first word that matches, and from it on, at the most."""

_LETTER = r"[^\W_]"
_BETWEEN = r"[\W_]+"


@dataclass(frozen=True, slots=True)
class Piece:
    """Some text that follows the piece before it; lit where it is what was looked for."""

    text: str
    lit: bool = False


Place = tuple[int, int]


def snippet(text: str, terms: Sequence[Term]) -> tuple[Piece, ...]:
    """Return the pieces around the first place that matches; none where no term stands in the text."""
    text = " ".join(unicodedata.normalize("NFC", text[:LOOKED_AT]).split())
    places = _places(text, tuple(terms))
    place = next(places, None)
    if place is None:
        return ()
    first, last = _cut(text, place[0])
    shown = takewhile(lambda place: place[1] <= last, chain([place], places))
    return tuple(_pieces(text, first, last, shown))


def _places(text: str, terms: tuple[Term, ...]) -> Iterator[Place]:
    pattern = _pattern(terms)
    if pattern is not None:
        folded, place_of = _folded(text)
        for match in pattern.finditer(folded):
            yield place_of[match.start()], place_of[match.end()]


@lru_cache(32)
def _pattern(terms: tuple[Term, ...]) -> re.Pattern[str] | None:
    """Return what finds any of the terms between the edges of words; None where all are to be left out."""
    ways = [_as_written(way, begins=term.begins) for term in terms if not term.without for way in term.ways]
    return re.compile(f"(?<!{_LETTER})(?:{'|'.join(ways)})(?!{_LETTER})") if ways else None


def _as_written(way: Way, *, begins: bool) -> str:
    words = [re.escape(word) + (f"{_LETTER}*" if len(word) == LONGEST else "") for word in way]
    return _BETWEEN.join(words) + (f"{_LETTER}*" if begins else "")


def _folded(text: str) -> tuple[str, Sequence[int]]:
    """Return the text as words are compared, and where in the text each letter of that, and its end, stands."""
    small = text.replace("İ", "I").lower()  # the one letter whose small form is two
    folds = {ord(letter): plain(letter) for letter in set(small) if not letter.isascii()}
    places: Sequence[int] = range(len(text) + 1)
    if any(len(fold) != 1 for fold in folds.values()):
        of_each = (place for place, letter in enumerate(small) for _ in folds.get(ord(letter), letter))
        places = [*of_each, len(text)]
    return small.translate(folds), places


def _cut(text: str, start: int) -> Place:
    """Return from where to where, at the edges of words."""
    first, last = max(0, start - _BEFORE), min(len(text), start + _AFTER)
    if first:
        first = text.find(" ", first, start) + 1 or first
    if last < len(text):
        last = max(text.rfind(" ", start, last), start) if " " in text[start:last] else last
    return first, last


def _pieces(text: str, first: int, last: int, places: Iterable[Place]) -> Iterator[Piece]:
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
