"""Dates that a post room stamps on what it receives: they say when a letter came, and never when it was written.

Before: the dates of a page and the pieces in which its words stand. After: `fields` keeps them apart from the letter's
own date, as evidence of the day of receipt.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from rapidfuzz.distance import OSA

from classifiers.dates import WrittenDate
from classifiers.layout import Piece, line_height
from classifiers.words import fold

_WORDS_OF_A_STAMP = frozenset(fold(word) for word in ("received", "recewed", "rec'd", "derbyniwyd"))
"""In capitals, `iv` is often read as `w`."""
_BEFORE_IT = frozenset(fold(word) for word in ("date", "post", "dyddiad"))
_MOST_WORDS = 6
_LONG_ENOUGH_FOR_A_SLIP = 7
_REACH = 5.0  # in heights of a line, from the top of the word to the top of its date: two lines of a stamp
_LETTERS = re.compile(r"[^\W\d_]+(?:['\u2019][^\W\d_]+)?|[\w|]{6,}")


def stamped_dates(dates: Sequence[WrittenDate], pieces: Sequence[Piece]) -> list[WrittenDate]:
    """Return those of a page's dates that are stamped: for each stamp the one nearest to its word, in its column.

    Of two as near the later one is meant, for nothing is received before it is written.

    Args:
        dates: all dates of the page.
        pieces: in which the words of the page stand.
    """
    reach = _REACH * line_height(pieces)
    placed = [(one, piece) for one in dates for piece in pieces if piece.start <= one.start < piece.end]
    found: list[WrittenDate] = []
    for word in filter(_is_of_a_stamp, pieces):
        near = [(abs(at.top - word.top), one) for one, at in placed if _in_one_column(at, word) and one not in found]
        if near:
            distance, nearest = min(near, key=lambda pair: (pair[0], -pair[1].value.toordinal()))
            found += [nearest] if distance <= reach else []
    return found


def _in_one_column(one: Piece, other: Piece) -> bool:
    return one.left < other.right and other.left < one.right


def _is_of_a_stamp(piece: Piece) -> bool:
    """Return whether a piece is what stands on a stamp, or beside its box on a form, and not a sentence."""
    words = _LETTERS.findall(piece.text)
    if len(words) > _MOST_WORDS or piece.text.rstrip().endswith((",", ";")):
        return False
    return any(_says_received(word) for word in _where_it_would_stand(words))


def _where_it_would_stand(words: Sequence[str]) -> Iterator[str]:
    """Yield the words that may be a stamp's: the first or the last, with a capital letter, and what follows `date`."""
    for number, word in enumerate(words):
        outermost = number in {0, len(words) - 1} and word[0].isupper()
        if outermost or (number and fold(words[number - 1]) in _BEFORE_IT):
            yield word


def _says_received(word: str) -> bool:
    """Return whether a word is one of a stamp's, where it is in capitals with one slip of reading at the most."""
    folded = fold(word)
    slips = int(word.isupper() and len(word) >= _LONG_ENOUGH_FOR_A_SLIP)
    return any(OSA.distance(folded, one, score_cutoff=slips) <= slips for one in _WORDS_OF_A_STAMP)
