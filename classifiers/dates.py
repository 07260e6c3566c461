"""Dates as people write them at the head of a letter: day first, in words or figures, English or Welsh.

Before: the text of a page. After: `fields` decides which date is the letter's own. A year of two digits is believed
little, and a date that does not exist is none.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

_MONTHS = {
    name: number
    for number, names in enumerate(
        (
            "january jan ionawr", "february feb chwefror", "march mar mawrth", "april apr ebrill", "may mai",
            "june jun mehefin", "july jul gorffennaf", "august aug awst", "september sept sep medi",
            "october oct hydref", "november nov tachwedd", "december dec rhagfyr",
        ),
        start=1,
    )
    for name in names.split()
}  # fmt: skip
_MONTH = "|".join(sorted(_MONTHS, key=len, reverse=True))
_WORDS = re.compile(
    rf"\b(?P<day>\d{{1,2}})(?:st|nd|rd|th|ain|af|fed|ed|eg)?\s+(?:of\s+|o\s+)?(?P<month>{_MONTH})\.?,?\s+(?P<year>\d{{4}})\b",
    re.IGNORECASE,
)
_WORDS_MONTH_FIRST = re.compile(
    rf"\b(?P<month>{_MONTH})\.?\s+(?P<day>\d{{1,2}})(?:st|nd|rd|th)?,?\s+(?P<year>\d{{4}})\b", re.IGNORECASE
)
_FIGURES = re.compile(
    r"(?<![\d/.-])(?P<day>\d{1,2})(?P<mark>[/.-])(?P<month>\d{1,2})(?P=mark)(?P<year>\d{4}|\d{2})(?![\d/])"
)
_ISO = re.compile(r"(?<![\d/.-])(?P<year>\d{4})-(?P<month>\d{2})-(?P<day>\d{2})(?![\d/-])")
_SHAPES = ((_WORDS, 0.95), (_WORDS_MONTH_FIRST, 0.9), (_ISO, 0.9), (_FIGURES, 0.85))
_SHORT_YEAR_CONFIDENCE = 0.5


@dataclass(frozen=True, slots=True)
class WrittenDate:
    """A date in a text: the day, where it stands, and how sure its reading is (0 to 1)."""

    value: date
    start: int
    end: int
    confidence: float


def dates_of(text: str) -> list[WrittenDate]:
    """Return the dates of a text in the order in which they stand."""
    found = [one for pattern, confidence in _SHAPES for one in _read(pattern, confidence, text)]
    return sorted(found, key=lambda one: one.start)


def _read(pattern: re.Pattern[str], confidence: float, text: str) -> Iterator[WrittenDate]:
    for match in pattern.finditer(text):
        year, month = match["year"], match["month"].lower()
        short = len(year) == 2
        try:
            day = date(int(year) + (2000 if short else 0), _MONTHS.get(month) or int(month), int(match["day"]))
        except ValueError:
            continue
        yield WrittenDate(day, match.start(), match.end(), _SHORT_YEAR_CONFIDENCE if short else confidence)
