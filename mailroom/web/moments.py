"""Moments as people read them: days of the week and times in London, what is left until a deadline in words.

In English and Welsh; the names of days and months come from a table, which costs a page nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from functools import partial

from mailroom.domain.sla import LONDON
from mailroom.web.language import translated

LEFT = "{span} left"
LATE = "{span} late"
NO_DEADLINE = "no deadline"
_DAYS = {
    "en": ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"],
    "cy": ["Llun", "Maw", "Mer", "Iau", "Gwen", "Sad", "Sul"],
}
_MONTHS = {
    "en": ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"],
    "cy": ["Ion", "Chwef", "Maw", "Ebr", "Mai", "Meh", "Gorff", "Awst", "Medi", "Hyd", "Tach", "Rhag"],
}
_UNITS = {"en": ("d", "h", "min"), "cy": ("d", "awr", "mun")}
_DAY = timedelta(days=1)
_HOUR = timedelta(hours=1)
_MINUTE = timedelta(minutes=1)
_NOON = time(12, tzinfo=LONDON)


def moment(value: datetime | str | None, language: str = "en") -> str:
    """Return day and time, for instance `Mon 23 Nov 2026 17:00`; a dash where there is none."""
    return f"{day(value, language)} {_local(value):%H:%M}" if value else "-"


def day(value: date | str | None, language: str = "en") -> str:
    """Return the day, for instance `Mon 23 Nov 2026`; a dash where there is none."""
    return f"{weekday(value, language)} {_month(value, language)} {_local(value):%Y}" if value else "-"


def short(value: datetime | str | None, language: str = "en") -> str:
    """Return day and time without the year, for instance `Mon 23 Nov 17:00`; a dash where there is none."""
    return f"{weekday(value, language)} {_month(value, language)} {_local(value):%H:%M}" if value else "-"


def iso_day(value: date | str) -> str:
    """Return the day in London as a field for dates takes it, for instance `2026-11-23`."""
    return _local(value).date().isoformat()


def time_of_day(value: datetime | str) -> str:
    """Return the time in London, for instance `17:00`."""
    return f"{_local(value):%H:%M}"


def weekday(value: date | str, language: str = "en") -> str:
    """Return the day of the week and of the month, for instance `Mon 23`."""
    local = _local(value)
    return f"{_DAYS[language][local.weekday()]} {local.day}"


def month_day(value: date | str, language: str = "en") -> str:
    """Return the day of the month and the month, for instance `23 Nov`."""
    return f"{_local(value).day} {_month(value, language)}"


def left(due: datetime | str | None, now: datetime, language: str = "en") -> str:
    """Return what is left until a deadline, or by how much it is missed, in the largest unit that says enough."""
    if not due:
        return translated(NO_DEADLINE, language=language)
    span = _local(due) - now
    text = translated(LEFT if span >= timedelta() else LATE, language=language)
    return text.format(span=in_words(abs(span), language))


def late(due: datetime | str | None, now: datetime) -> bool:
    """Return whether a deadline has passed."""
    return due is not None and _local(due) < now


def in_words(span: timedelta, language: str = "en") -> str:
    """Return a span of time, for instance `2 d`, `3 h 12 min` or `5 min`."""
    days, hours, minutes = _UNITS[language]
    if span >= 2 * _DAY:
        return f"{span // _DAY} {days}"
    if span >= _HOUR:
        return f"{span // _HOUR} {hours} {span % _HOUR // _MINUTE} {minutes}"
    return f"{span // _MINUTE} {minutes}"


def filters_of(language: str) -> dict[str, Callable[..., str | bool]]:
    """Return the filters of a language by the names that templates use."""
    in_language: dict[str, Callable[..., str]] = {
        "moment": moment,
        "day": day,
        "short": short,
        "weekday": weekday,
        "month_day": month_day,
        "left": left,
        "span": in_words,
    }
    return {
        "late": late,
        "iso_day": iso_day,
        "time_of_day": time_of_day,
        **{name: partial(made, language=language) for name, made in in_language.items()},
    }


def _month(value: date | str, language: str) -> str:
    return _MONTHS[language][_local(value).month - 1]


def _local(value: date | str) -> datetime:
    read = datetime.fromisoformat(value) if isinstance(value, str) else value
    return read.astimezone(LONDON) if isinstance(read, datetime) else datetime.combine(read, _NOON)
