"""The letters of a made-up archive: words by Zipf's law, a head with name, address and numbers, slips of the reader.

Before: a number. After: the text of that letter and what is indexed of it. The same number gives the same letter every
time. They are no real letters: topics do not cluster, so phrases and pairs of words may be rarer or commoner in life.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

WORDS = 120_000
"""Words of the language; a slip of the reader makes further ones."""

_EXPONENT = 1.05
_SHORTEST, _LONGEST = 60, 310
_SLIPS = 0.02
_TWO_OF_A_NAME = 0.5
_CONSONANTS, _VOWELS = "bcdfghlmnprstw", "aeiou"
_READ_FOR = str.maketrans("oilsbecnu", "0115ececmn"[:9])
_NAMES = 20_000
_FIRST = ("Mary", "John", "Rhys", "Amina", "Piotr", "Sian", "Grace", "David", "Noor", "Elin")


@dataclass(frozen=True, slots=True)
class Letter:
    """One letter of the archive."""

    number: int
    name: str
    postcode: str
    account: str
    body: str


def word(rank: int) -> str:
    """Return the word of this rank: commoner ones are shorter, as in any language."""
    syllables: list[str] = []
    rest = rank + 60
    while rest:
        rest, consonant = divmod(rest, len(_CONSONANTS))
        rest, vowel = divmod(rest, len(_VOWELS))
        syllables.append(_CONSONANTS[consonant] + _VOWELS[vowel])
    return "".join(syllables)


class Letters:
    """Makes letters, some thousand at a time."""

    def __init__(self) -> None:
        self._words = np.array([word(rank) for rank in range(WORDS)], dtype=object)
        weights = 1.0 / np.arange(1, WORDS + 1) ** _EXPONENT
        self._until = np.cumsum(weights / weights.sum())

    def make(self, first: int, last: int) -> Sequence[Letter]:
        """Return the letters with these numbers, both included."""
        chance = np.random.default_rng(first)
        lengths = chance.integers(_SHORTEST, _LONGEST, last - first + 1)
        ranks = np.minimum(np.searchsorted(self._until, chance.random(int(lengths.sum()))), WORDS - 1)
        words = self._words[ranks]
        for place in np.flatnonzero(chance.random(len(words)) < _SLIPS):
            words[place] = _slipped(words[place], int(ranks[place]), int(place))
        ends = np.cumsum(lengths)
        texts = (" ".join(words[end - length : end]) for length, end in zip(lengths, ends, strict=True))
        return [_letter(number, text) for number, text in zip(range(first, last + 1), texts, strict=True)]


def _slipped(right: str, rank: int, of_text: int) -> str:
    """Return the word with one letter read for another or, by turns, with the next letter missing."""
    at = rank + of_text
    place = at % len(right)
    return right[:place] + right[place].translate(_READ_FOR) + right[place + 1 + at % 2 :]


def _letter(number: int, text: str) -> Letter:
    mixed = number * 2_654_435_761 % 2**32
    surname = word(WORDS + mixed % _NAMES).title()
    name = f"{_FIRST[mixed % len(_FIRST)]} {surname}"
    inward = f"{mixed // 29 % 9 + 1}{'ABDEFGHJLN'[mixed // 261 % 10]}{'PQRSTUWXYZ'[mixed // 2610 % 10]}"
    postcode = f"HD{mixed % 29 + 1} {inward}"
    account = f"7{mixed % 10**7:07d}"
    head = f"{name}\n{mixed % 180 + 1} {word(mixed % 3000).title()} Road\n{postcode}\nOur account {account}\nDear Sir\n"
    return Letter(number, name, postcode, account, f"{head}{text}\nYours {name}")
