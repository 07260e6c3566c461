"""The figures as a file that a spreadsheet opens, with cells that it cannot take for a command.

Before: the manager's page has the figures of a period. After: one line a day and channel, the names of the columns on
top. A cell that begins like a formula is given an apostrophe, as spreadsheets run what looks like one.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence

from mailroom.desk.measuring import measure
from mailroom.domain.access import Viewer
from mailroom.domain.figures import NAMES
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


def as_csv(rows: Iterable[Sequence[str | int]]) -> str:
    """Return the rows as a file, texts made harmless; pure."""
    written = io.StringIO()
    csv.writer(written).writerows([harmless(cell) if isinstance(cell, str) else cell for cell in row] for row in rows)
    return _MARK + written.getvalue()


def harmless(text: str) -> str:
    """Return the text with an apostrophe before it where a spreadsheet would take it for a formula; pure."""
    return f"'{text}" if text.startswith(_LIKE_A_FORMULA) else text
