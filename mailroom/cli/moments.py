"""Dates and times as people type them on the command line."""

from __future__ import annotations

from datetime import UTC, date, datetime, time

import typer

from mailroom.domain.sla import LONDON, local_date

_NOON = time(12)
_DATE_ALONE = len("2026-11-20")


def moment_from(text: str) -> datetime:
    """Return the moment that the text means: a time without a zone is London's, a date alone is noon.

    Before noon, the date of today alone means now.

    Raises:
        typer.BadParameter: it is no date or time in ISO 8601.
    """
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as wrong:
        raise typer.BadParameter(f"{text!r} is no date or time in ISO 8601") from wrong
    if len(text) <= _DATE_ALONE:
        return noon_or_now(moment.date(), datetime.now(UTC))
    return moment if moment.tzinfo is not None else moment.replace(tzinfo=LONDON)


def noon_or_now(day: date, now: datetime) -> datetime:
    """Return noon of the day in London, or now where it is that day and noon is still to come."""
    noon = datetime.combine(day, _NOON, tzinfo=LONDON)
    return now if day == local_date(now) and now < noon else noon


def date_from(text: str) -> date:
    """Return the date that the text means.

    Raises:
        typer.BadParameter: it is none.
    """
    try:
        return date.fromisoformat(text)
    except ValueError as wrong:
        raise typer.BadParameter(f"{text!r} is no date; write YYYY-MM-DD") from wrong


def as_people_write(moment: str | None, *, late: bool = False) -> str:
    """Return a moment of the records as people say it, in London's time; the year only where it is another one.

    Of what is late the day is said and that it is late: the hour matters no more.
    """
    if moment is None:
        return "-"
    at = datetime.fromisoformat(moment).astimezone(LONDON)
    year = "" if at.year == local_date(datetime.now(UTC)).year else f" {at.year}"
    return f"{at:%a} {at.day} {at:%b}{year}{', late' if late else f' {at:%H:%M}'}"
