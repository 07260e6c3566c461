"""The words of a text as searches compare them: without capitals, accents and whatever stands between words.

Before: a letter has been read, or somebody has typed into a search field. After: both are the same plain words, on
every database: PostgreSQL is given these very words, and the tokeniser of SQLite makes the same of a text.
"""

from __future__ import annotations

import re
import unicodedata

LONGEST = 64
"""Letters of a word that count; what is longer was written by no person."""

_WORD = re.compile(r"[^\W_]+")
_READ_FOR = {"o": "0", "l": "1", "i": "1", "s": "5", "b": "8"}
"""Letters, and the digit that a reader of poor print takes them for."""

_LONG_ENOUGH = 4
"""Shorter words with a digit in place of a letter are codes and house numbers more often than misread words."""


def plain(text: str) -> str:
    """Return the text in small letters without accents."""
    if text.isascii():
        return text.lower()
    apart = unicodedata.normalize("NFD", text.lower())
    return "".join(letter for letter in apart if not unicodedata.combining(letter))


def words_in(text: str) -> list[str]:
    """Return the words of the text in their order."""
    return [word[:LONGEST] for word in _WORD.findall(plain(text))]


def writable(text: str) -> str:
    """Return the text without what no database stores: the character of no value, and halves of characters."""
    return text.replace("\x00", " ").encode("utf-8", "replace").decode("utf-8")


def misread(word: str) -> list[str]:
    """Return how the word may stand in a text that a machine has read: one letter, or all, taken for digits."""
    places = [place for place, letter in enumerate(word) if letter in _READ_FOR]
    if len(word) < _LONG_ENOUGH or not word.isalpha() or not places:
        return []
    single = [f"{word[:place]}{_READ_FOR[word[place]]}{word[place + 1 :]}" for place in places]
    whole = "".join(_READ_FOR.get(letter, letter) for letter in word)
    return list(dict.fromkeys([*single, whole]))
