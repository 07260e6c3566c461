"""The figures as a file that a spreadsheet opens, with cells that it cannot take for a command.

Before: the manager's page has the figures of a period. After: one file for each of its tables, the names of the columns
on top: what was received by day and channel, what is late and why, and what lies before the teams. A cell that begins
like a formula is given an apostrophe, as spreadsheets run what looks like one.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from datetime import date, datetime

from mailroom.desk.measuring import Ahead, ahead, late_and_why, measure, name_of_team
from mailroom.domain.access import Viewer
from mailroom.domain.figures import NAMES
from mailroom.domain.sla import local_date
from mailroom.records.ledger import Days
from mailroom.services import Services

_LIKE_A_FORMULA = ("=", "+", "-", "@", "\t", "\r")
_MARK = "\ufeff"
"""The mark at the beginning by which spreadsheets know UTF-8."""


def figures_as_csv(days: Days, viewer: Viewer, services: Services) -> str:
    """Return the figures of the period by date of receipt and channel.

    Raises:
        Refused: figures are not theirs, or the period is none.
    """
    measured = measure(days, viewer, services)
    rows = [
        (day.isoformat(), str(channel), *(getattr(figures, name) for name in NAMES))
        for (day, channel), figures in sorted(measured.by_key.items())
    ]
    return as_csv([("date_received", "channel", *NAMES), *rows])


def late_as_csv(days: Days, viewer: Viewer, services: Services) -> str:
    """Return what is late and why: a line for each item that the viewer may see, the others counted by their reason.

    Raises:
        Refused: figures are not theirs, or the period is none.
    """
    late, others = late_and_why(days, viewer, services)
    named = [
        (
            line["reference"],
            str(line["channel"]),
            local_date(datetime.fromisoformat(line["received_at"])).isoformat(),
            line["reason"],
            1,
        )
        for line in late
    ]
    counted = [("", str(line.channel), "", line.reason, line.number) for line in others]
    return as_csv([("reference", "channel", "date_received", "reason", "items"), *named, *counted])


def teams_as_csv(days: Days, viewer: Viewer, services: Services) -> str:
    """Return what lies before each team now, and how often it sent back something that was received in the period.

    Raises:
        Refused: figures are not theirs, or the period is none.
    """
    returned = measure(days, viewer, services).returned
    coming, teams = ahead(viewer, services)
    lying = {one.team: one for one in teams}
    rows = [
        (key, name_of_team(key, services), *_lying(lying.get(key), coming), returned.get(key, 0))
        for key in sorted({*lying, *returned})
    ]
    due = [f"due_{day.isoformat()}" for day in coming]
    return as_csv([("team", "name", "open", "oldest_days", "late", "need_a_person", *due, "returned"), *rows])


def as_csv(rows: Iterable[Sequence[str | int]]) -> str:
    """Return the rows as a file, texts made harmless; pure."""
    written = io.StringIO()
    csv.writer(written).writerows([harmless(cell) if isinstance(cell, str) else cell for cell in row] for row in rows)
    return _MARK + written.getvalue()


def _lying(one: Ahead | None, coming: Sequence[date]) -> list[str | int]:
    """Return what lies before a team; before one that has nothing nothing has an age."""
    if one is None:
        return [0, "", 0, 0, *(0 for _ in coming)]
    return [one.open, one.oldest_days, one.late, one.exceptions, *(one.runs_out[day] for day in coming)]


def harmless(text: str) -> str:
    """Return the text with an apostrophe before it where a spreadsheet would take it for a formula; pure."""
    return f"'{text}" if text.startswith(_LIKE_A_FORMULA) else text
