"""Numbers that people read out: short, sortable by arrival, with a check letter that catches a slip.

The check letter is the number modulo 23 in the alphabet of the Spanish identity number (NIF), which has no I, O or U.
As 23 is prime and larger than ten, every single wrong digit and every swap of two neighbours changes the letter.
"""

from __future__ import annotations

import re

_LETTERS = "TRWAGMYFPDXBNJZSQVHLCKE"
_SHAPE = re.compile(r"([A-Z]{1,4})-?(\d{2})-?(\d{6}|[1-9]\d{6})-?([A-Z])")
_MOST_OF_A_YEAR = 9_999_999
_IN_A_TEXT = re.compile(rf"\b{_SHAPE.pattern}\b", re.ASCII)


def make_reference(prefix: str, year: int, number: int) -> str:
    """Return the reference of the `number`-th item of a year, for instance `HD-26-004417-K`.

    It has six digits, and a seventh from the millionth item of a year on.

    Args:
        prefix: one to four capital letters of the council.
        year: four digits; the last two are shown.
        number: 1 to 9 999 999, counted within the year.

    Raises:
        ValueError: the number does not fit seven digits.
    """
    if not 0 < number <= _MOST_OF_A_YEAR:
        raise ValueError(f"reference number {number} does not fit seven digits")
    digits = f"{year % 100:02d}{number:06d}"
    return f"{prefix}-{digits[:2]}-{digits[2:]}-{_LETTERS[int(digits) % len(_LETTERS)]}"


def read_reference(text: str) -> str | None:
    """Return the reference in its usual form, or None where the text is no reference or its check letter is wrong."""
    match = _SHAPE.fullmatch(text.strip().upper().replace(" ", ""))
    if match is None:
        return None
    prefix, year, number, letter = match.groups()
    if _LETTERS[int(year + number) % len(_LETTERS)] != letter:
        return None
    return f"{prefix}-{year}-{number}-{letter}"


def references_in(text: str) -> list[str]:
    """Return the references that stand in a text, in their usual form, each once, in the order of the text."""
    found = (read_reference(match.group()) for match in _IN_A_TEXT.finditer(text.upper()))
    return list(dict.fromkeys(reference for reference in found if reference))


def near_references(text: str) -> list[str]:
    """Return the references that may be meant where one has a slip: one character wrong, or two neighbours swapped.

    The check letter leaves about one candidate for each place. What is a reference, or shaped otherwise, has none.
    """
    match = _SHAPE.fullmatch(text.strip().upper().replace(" ", ""))
    if match is None or read_reference(text):
        return []
    prefix, year, number, letter = match.groups()
    digits = year + number
    single = [f"{digits[:at]}{digit}{digits[at + 1 :]}" for at in range(len(digits)) for digit in "0123456789"]
    swapped = [f"{digits[:at]}{digits[at + 1]}{digits[at]}{digits[at + 2 :]}" for at in range(len(digits) - 1)]
    right = _LETTERS[int(digits) % len(_LETTERS)]
    meant = [(digits, right), *((other, letter) for other in (*single, *swapped))]
    found = (read_reference(f"{prefix}-{other[:2]}-{other[2:]}-{check}") for other, check in meant)
    return list(dict.fromkeys(filter(None, found)))


def number_in(reference: str) -> int | None:
    """Return the number of a reference among those of all years, which grows with every arrival; None if it is none."""
    match = _SHAPE.fullmatch(reference)
    return int(match.group(2)) * (_MOST_OF_A_YEAR + 1) + int(match.group(3)) if match else None
