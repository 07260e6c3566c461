"""Words as the cues see them: folded so that the usual slips of character recognition make no difference.

Before: a text as it was read. After: `cues` looks for phrases among the folded words; the spans lead back to the words
as they stand in the text.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache

_WORD = re.compile(r"[\w|]+(?:['\u2019][^\W\d_]+|-[ \t]*\r?\n[ \t]*[^\W\d_]+)*")
_JOINTS = re.compile(r"['\u2019]|-\s+")
_SHAPES = str.maketrans({"0": "o", "1": "l", "|": "l", "i": "l", "5": "s", "8": "b"})


@dataclass(frozen=True, slots=True)
class Word:
    """One word: its folded form and where it stands in the text (start and end, in characters)."""

    folded: str
    start: int
    end: int


@lru_cache(maxsize=65_536)
def fold(word: str) -> str:
    """Return the word as cues compare it: shaped as by `fold_stem`, and an s at its end makes no difference."""
    folded = fold_stem(word)
    return folded[:-1] if len(folded) > 3 and folded.endswith("s") and not folded.endswith("ss") else folded


def fold_stem(word: str) -> str:
    """Return a word or its beginning with no case, no accents, no joints, and look-alike characters made equal.

    A word divided at a line's end is made whole. A bare number keeps its digits.
    """
    joined = _JOINTS.sub("", word)
    if joined.isdigit():
        return joined
    bare = "".join(c for c in unicodedata.normalize("NFKD", joined.lower()) if not unicodedata.combining(c))
    return bare.translate(_SHAPES).replace("rn", "m").replace("vv", "w")


def is_word(text: str) -> bool:
    """Return whether a text is exactly one word."""
    return _WORD.fullmatch(text) is not None


def words_of(text: str, start: int = 0, end: int | None = None) -> list[Word]:
    """Return the words between two positions of a text, in order, with spans in the whole text."""
    stop = len(text) if end is None else end
    return [Word(fold(match.group()), match.start(), match.end()) for match in _WORD.finditer(text, start, stop)]
