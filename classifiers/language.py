"""The language of a letter, Welsh or English, by its commonest small words.

Before: the text of a document. After: the acknowledgement goes out in the sender's language.
"""

from __future__ import annotations

import re

_COMMON_WELSH = (
    "yr y ac yn yw wedi mae bod oedd gan fy eich ein hwn hon ar gyfer nad nid ond roedd rwyf rwy'n dw i'r o'r a'r i'n "
    "hefyd chi ni rydym rydych bydd byddwn gyda dros oherwydd felly diolch annwyl gywir"
)
_COMMON_ENGLISH = (
    "the and of to is was have has my your our this that for not but been with are were be it on at from you we they "
    "which would please dear will"
)
_WELSH = frozenset(_COMMON_WELSH.split())
_ENGLISH = frozenset(_COMMON_ENGLISH.split())
_WORD = re.compile(r"[^\W\d_]+(?:['\u2019][^\W\d_]+)?")
_FEWEST_WORDS = 4


def language_of(text: str) -> str | None:
    """Return `cy` for Welsh, `en` for English, or None where too few words of either were found."""
    words = [word.lower().replace("\u2019", "'") for word in _WORD.findall(text)]
    welsh = sum(word in _WELSH for word in words)
    english = sum(word in _ENGLISH for word in words)
    if max(welsh, english) < _FEWEST_WORDS or welsh == english:
        return None
    return "cy" if welsh > english else "en"
