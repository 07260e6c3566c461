"""Dates and times as people type them on the command line."""

from __future__ import annotations

from datetime import date, datetime, time

import typer

from mailroom.domain.sla import LONDON

_NOON = time(12)
_DATE_ALONE = len("2026-11-20")


def moment_from(text: str) -> datetime:
    """Return the moment that the text means: a date alone is noon, a time without a zone is London's.

    Raises:
        typer.BadParameter: it is no date or time in ISO 8601.
    """
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as wrong:
        raise typer.BadParameter(f"{text!r} is no date or time in ISO 8601") from wrong
    if len(text) <= _DATE_ALONE:
        moment = datetime.combine(moment.date(), _NOON)
    return moment if moment.tzinfo is not None else moment.replace(tzinfo=LONDON)


def date_from(text: str) -> date:
    """Return the date that the text means.

    Raises:
        typer.BadParameter: it is none.
    """
    try:
        return date.fromisoformat(text)
    except ValueError as wrong:
        raise typer.BadParameter(f"{text!r} is no date; write YYYY-MM-DD") from wrong
