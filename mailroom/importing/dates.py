"""Dates and times as older systems write them: ISO 8601, or day first as in the United Kingdom; pure.

Before: a cell of an index. After: a moment; a date alone is noon in London, as for post.
"""

from __future__ import annotations

import re
from datetime import date, datetime, time

from mailroom.domain.sla import LONDON

_ISO = re.compile(r"\d{4}-\d{2}-\d{2}([T ]\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:?\d{2})?)?")
_DAY_FIRST = re.compile(r"(\d{1,2})[./-](\d{1,2})[./-](\d{4})(?:[ T](\d{1,2}):(\d{2})(?::(\d{2}))?)?")
_NOON = time(12)
_DATE_ALONE = len("2026-11-20")
_ADVICE = "Write 2024-03-05 or 05/03/2024, with the time behind it where it is known (05/03/2024 14:30)."


def moment_in(text: str) -> datetime:
    """Return the moment that a cell means.

    Raises:
        ValueError: it is none; the message is for whoever made the index.
    """
    try:
        moment = _moment(text)
    except ValueError as wrong:
        raise ValueError(f"{text[:40]!r} is no date. {_ADVICE}") from wrong
    return moment if moment.tzinfo is not None else moment.replace(tzinfo=LONDON)


def _moment(text: str) -> datetime:
    if _ISO.fullmatch(text):
        if len(text) == _DATE_ALONE:
            return datetime.combine(date.fromisoformat(text), _NOON)
        return datetime.fromisoformat(text)
    told = _DAY_FIRST.fullmatch(text)
    if told is None:
        raise ValueError(text)
    day, month, year, hour, minute, second = told.groups()
    at = time(int(hour), int(minute), int(second or 0)) if hour else _NOON
    return datetime.combine(date(int(year), int(month), int(day)), at)
