"""What forms hold as text, turned into what use cases want."""

from __future__ import annotations

from datetime import date

from mailroom.desk.acting import Refused
from mailroom.web.kept_form import is_ours


def day_in(text: str) -> date:
    """Return the day that was typed or chosen.

    Raises:
        Refused: it is none.
    """
    try:
        return date.fromisoformat(text.strip())
    except ValueError as wrong:
        raise Refused(f"{text!r} is no date. Write year-month-day, for instance 2026-12-04.") from wrong


def way_back(path: str, else_to: str) -> str:
    """Return where a form says that its person goes on, if that is a page of ours."""
    return path if is_ours(path) else else_to
