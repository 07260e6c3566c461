"""UK postcodes as recognition leaves them: letters read as figures, or figures as letters, are put right.

Before: the text of a page. After: `fields` decides which postcode is the sender's. What stays ambiguous can only be
settled against a list of real postcodes.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

_AREAS = (
    "AB AL B BA BB BD BH BL BN BR BS BT CA CB CF CH CM CO CR CT CV CW DA DD DE DG DH DL DN DT DY E EC EH EN EX FK FY G "
    "GL GU GY HA HD HG HP HR HS HU HX IG IM IP IV JE KA KT KW KY L LA LD LE LL LN LS LU M ME MK ML N NE NG NN NP NR NW "
    "OL OX PA PE PH PL PO PR RG RH RM S SA SE SG SK SL SM SN SO SP SR SS ST SW SY TA TD TF TN TQ TR TS TW UB W WA WC "
    "WD WF WN WR WS WV YO ZE"
)
AREAS = frozenset(_AREAS.split())
"""The 124 postcode areas of the United Kingdom, Jersey, Guernsey and the Isle of Man."""

_LOOSE = re.compile(r"\b([A-Z0-9|]{2,4})[ \t]{0,3}([0-9OQILSBZ|][A-Z0-9]{2})\b")
_LETTER_AFTER_DISTRICT = frozenset({"E", "EC", "N", "NW", "SE", "SW", "W", "WC"})
"""The areas, all in London, in which a letter may follow the number of the district, as in `EC1A`."""
_OUTWARD_SHAPES = ("A9", "A99", "AA9", "AA99", "A9A", "AA9A")
_NEVER_INWARD = frozenset("CIKMOV")
_AS_LETTER = {"0": "O", "1": "I", "|": "I", "5": "S", "8": "B", "2": "Z"}
_AS_DIGIT = {"O": "0", "Q": "0", "I": "1", "L": "1", "|": "1", "S": "5", "B": "8", "Z": "2"}


@dataclass(frozen=True, slots=True)
class Postcode:
    """A postcode that was read: the usual form, where it stands, and how sure it is (0 to 1).

    Attributes:
        value: for instance `HD7 4QT`.
        start: first character in the text.
        end: the character after the last one.
        confidence: 0.95 as it stands, less for every character that had to be put right; 0.4 where the code
            had a right shape already and only its area is unknown.
    """

    value: str
    start: int
    end: int
    confidence: float


def postcodes_of(text: str) -> Iterator[Postcode]:
    """Yield the postcodes of a text in order; capital letters only, for in prose "so 12 her" is none."""
    for match in _LOOSE.finditer(text):
        outward, inward = _best_outward(match.group(1)), _shaped(match.group(2), "9AA")
        if outward is None or inward is None or _NEVER_INWARD & set(inward[0][1:]):
            continue
        repaired = outward[1] + inward[1]
        confidence = 0.95 if repaired == 0 else max(0.4, 0.85 - 0.15 * repaired)
        if repaired and _is_whole(match.group(1)):
            confidence = 0.4
        yield Postcode(f"{outward[0]} {inward[0]}", match.start(), match.end(), round(confidence, 2))


def _best_outward(read: str) -> tuple[str, int] | None:
    shaped = [_shaped(read, shape) for shape in _OUTWARD_SHAPES if len(shape) == len(read)]
    known = [one for one in shaped if one is not None and _is_known(one[0])]
    return min(known, key=lambda one: one[1], default=None)


def _is_known(outward: str) -> bool:
    area = _area(outward)
    return area in AREAS and (outward[-1].isdigit() or area in _LETTER_AFTER_DISTRICT)


def _is_whole(read: str) -> bool:
    """Return whether an outward code has a right shape as it stands, so that putting it right is a guess."""
    shapes = (shape for shape in _OUTWARD_SHAPES if len(shape) == len(read) and _shaped(read, shape) == (read, 0))
    return any(shape.endswith("9") or _area(read) in _LETTER_AFTER_DISTRICT for shape in shapes)


def _area(outward: str) -> str:
    return outward[: 2 if outward[1].isalpha() else 1]


def _shaped(read: str, shape: str) -> tuple[str, int] | None:
    """Return the characters put right for a shape of letters (A) and digits (9), and how many were changed."""
    characters = []
    for character, place in zip(read, shape, strict=True):
        right = character.isalpha() if place == "A" else character.isdigit()
        mended = character if right else (_AS_LETTER if place == "A" else _AS_DIGIT).get(character)
        if mended is None:
            return None
        characters.append(mended)
    return "".join(characters), sum(a != b for a, b in zip(read, characters, strict=True))
