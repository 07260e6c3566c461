"""How a letter greets its reader: by title and surname, else by the whole name, else by no name at all; plain Python.

Before: a name was read from a letter, or typed. After: `journey/wording.py` begins the text with it. A name that is not
sure is none: to be greeted by somebody else's name is worse than to be greeted by none.
"""

from __future__ import annotations

import re

SURE_OF_A_NAME = 0.75
"""Confidence from which a name that was read is used; a signature well read has 0.8, one typed by a person 1."""

_TITLE = r"(?:Mr|Mrs|Ms|Miss|Mx|Dr|Rev|Revd|Sir|Lady|Prof|Professor|Cllr|Councillor|Major|Capt)"
_TITLED = re.compile(rf"(?P<title>{_TITLE})\.?\s+(?P<rest>\S.*)")
_TITLE_AFTER = re.compile(rf"(?P<rest>.*\S)\s+\((?P<title>{_TITLE})\.?\)")
_PARTICLES = frozenset({"de", "du", "la", "le", "van", "von", "der", "den", "ap", "ab", "ferch", "st"})
_NOBODY = {"en": "Sir or Madam", "cy": "Syr neu Fadam"}
_GREETING = {"en": "Dear", "cy": "Annwyl"}


def salutation(name: str | None, confidence: float, language: str) -> str:
    """Return the greeting, without a comma, for instance `Dear Mrs Pemberton`.

    Args:
        name: as it was read or typed, or None.
        confidence: how sure it is, 0 to 1.
        language: `en` or `cy`.
    """
    known = name.strip() if name and confidence >= SURE_OF_A_NAME else ""
    return f"{_GREETING[language]} {_called(known) if known else _NOBODY[language]}"


def _called(name: str) -> str:
    titled = _TITLED.fullmatch(name) or _TITLE_AFTER.fullmatch(name)
    if titled is None:
        return name
    title, rest = titled["title"], titled["rest"].split()
    return f"{title} {rest[0]}" if title == "Sir" and len(rest) > 1 else f"{title} {_surname(rest)}"


def _surname(words: list[str]) -> str:
    begin = len(words) - 1
    while begin > 0 and words[begin - 1].lower() in _PARTICLES:
        begin -= 1
    return " ".join(words[begin:])
