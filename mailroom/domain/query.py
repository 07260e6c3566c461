"""What somebody types into a search field, taken apart: words, phrases, beginnings, and facts told by name.

Before: one line of text, whatever it holds. After: terms that each database asks its index for, and facts such as
`team:revenues`, which the desk turns into what is known of an item. Nothing that is typed is an error of the language:
what is no fact by name is words.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from mailroom.domain.words import misread, words_in, writable

MOST_TERMS = 24
"""Words and phrases of one search; what comes after them is not looked for, and nobody writes so many."""

SHORT = 5
"""A beginning of fewer letters is looked for by way of the words that are known to begin so."""

FACTS = frozenset({"from", "to", "on", "channel", "type", "team", "state", "name", "postcode"})
"""What can be told by name."""

_PART = re.compile(r'([-~]?)(?:([a-z]+):)?(?:"([^"]*)"?|(\S+))', re.IGNORECASE)
_POSTCODE = re.compile(r"\b([a-z]{1,2}[0-9][a-z0-9]?) *([0-9][a-z]{2})\b", re.IGNORECASE)

Way = tuple[str, ...]
"""One word, or several that follow one another."""


@dataclass(frozen=True, slots=True)
class Term:
    """One thing that a text must have, or must not have.

    Attributes:
        ways: how it may be written; any of them will do.
        begins: whether the last word is the beginning of one.
        without: whether the text must not have it.
        like: whether words that look like it will do, too.
    """

    ways: tuple[Way, ...]
    begins: bool = False
    without: bool = False
    like: bool = False

    @property
    def word(self) -> str | None:
        """The word itself, where it is one whole word."""
        return self.ways[0][0] if len(self.ways[0]) == 1 and not self.begins else None

    @property
    def beginning(self) -> str | None:
        """What words must begin with, where it is so short that the index alone would take long."""
        way = self.ways[0]
        return way[0] if self.begins and len(way) == 1 and len(way[0]) < SHORT else None


@dataclass(frozen=True, slots=True)
class Typed:
    """One line as it was typed: the facts that are told by name, in their order, and all the rest."""

    words: str
    facts: tuple[tuple[str, str], ...]


def read_line(line: str) -> Typed:
    """Take the facts that are told by name out of the line."""
    words: list[str] = []
    facts: list[tuple[str, str]] = []
    for part in _PART.finditer(writable(line)):
        sign, name, phrase, word = part.groups()
        value = (word if phrase is None else phrase).strip('"')
        if name and name.lower() in FACTS and not sign and value.strip():
            facts.append((name.lower(), value.strip()))
        else:
            words.append(part.group())
    return Typed(" ".join(words), tuple(facts))


def terms_of(words: str) -> tuple[Term, ...]:
    """Return what a text must have so that it matches the words.

    A postcode is looked for with its space and without: people write it either way.
    """
    found: list[Term] = []
    rest = writable(words)
    for postcode in list(_POSTCODE.finditer(rest)) if '"' not in rest else ():
        outward, inward = (words_in(half)[0] for half in postcode.groups())
        found.append(Term(((outward, inward), (outward + inward,))))
        rest = rest.replace(postcode.group(), " ")
    found += filter(None, (_term(*part.groups()) for part in _PART.finditer(rest)))
    return tuple(dict.fromkeys(found))[:MOST_TERMS]


def _term(sign: str, name: str | None, phrase: str | None, word: str | None) -> Term | None:
    text = f"{name or ''} {word if phrase is None else phrase}"
    way = tuple(words_in(text))
    if not way:
        return None
    begins = phrase is None and text.endswith("*")
    return Term((way, *_misread(way, begins=begins)), begins, sign == "-", sign == "~")


def _misread(way: Way, *, begins: bool) -> Sequence[Way]:
    return [(other,) for other in misread(way[0])] if len(way) == 1 and not begins else []
