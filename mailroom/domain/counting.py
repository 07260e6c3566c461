"""How many of something there are, in words: one object, but two objects.

Before: a command or a page has counted. After: the sentence reads as a person would write it.
"""

from __future__ import annotations


def many(number: int, word: str) -> str:
    """Return the number with its word, which is given as for one."""
    return f"{number} {word}{'' if number == 1 else 's'}"
