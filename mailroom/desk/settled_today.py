"""What a clerk has settled today: to look it up, and to take a slip back while there is time.

Before: they have settled and routed items, one by one or together (`bulk.py`). After: each is a line that says when, as
what and whether it stands; while its message is held it can be undone (`undoing.py`), what was one act as one.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from mailroom.desk.acting import refuse_unless_theirs_to_do
from mailroom.desk.item_view import title_of, who
from mailroom.desk.queue_line import sender_in
from mailroom.desk.today import start_of_today
from mailroom.desk.undoing import undo_span, undo_until
from mailroom.domain.access import Task, Viewer
from mailroom.records.queue_lines import names_of
from mailroom.records.settled import Settled, settled_by, settled_together
from mailroom.services import Services

A_PAGE = 50
_MOST_TOGETHER = 500


@dataclass(frozen=True, slots=True)
class SettledLine:
    """One item that somebody settled.

    Attributes:
        item: id.
        reference: of it.
        sender: from whom it is; None where nobody knows.
        what: title of the type.
        team: name of the team.
        at: when.
        stands: whether it is still as they settled it.
        until: until when it can be undone; None where that is over.
    """

    item: str
    reference: str
    sender: str | None
    what: str
    team: str
    at: datetime
    stands: bool
    until: datetime | None


@dataclass(frozen=True, slots=True)
class Together:
    """Several that were settled in one act, and can be undone in one: its name, how many stand, as what, until when."""

    act: str
    count: int
    what: str
    until: datetime


@dataclass(frozen=True, slots=True)
class SettledPage:
    """One page of what somebody settled today: `more` says whether another follows; the acts stand on the first."""

    lines: Sequence[SettledLine]
    more: bool
    together: Sequence[Together]


def settled_today(viewer: Viewer, services: Services, page: int = 1) -> SettledPage:
    """Return a page of what this viewer settled today, newest first.

    Raises:
        Refused: it is not the viewer's work.
    """
    refuse_unless_theirs_to_do(viewer, Task.SETTLE)
    since, first = start_of_today(services.now()), (page - 1) * A_PAGE
    with services.records.look() as session:
        rows = settled_by(session, viewer, since, first=first, most=A_PAGE + 1)
        names = names_of(session, [row.item for row in rows[:A_PAGE]])
        lines = [_line(row, names[row.item], services) for row in rows[:A_PAGE]]
        return SettledPage(lines, len(rows) > A_PAGE, _acts(session, viewer, services) if page == 1 else ())


def _line(row: Settled, names: Mapping[str, str], services: Services) -> SettledLine:
    until = undo_until(row.at, services)
    sender = who(sender_in({"proven_sender": row.proven_sender}, names))
    what, team = title_of(row.case_type, services), services.catalogue.teams.get(row.team)
    in_time = row.stands and services.now() <= until
    return SettledLine(
        row.item,
        row.reference,
        sender,
        what,
        team.name if team else row.team,
        row.at,
        row.stands,
        until if in_time else None,
    )


def _acts(session: Session, viewer: Viewer, services: Services) -> list[Together]:
    """Return the acts of the last minutes of which more than one item stands, the newest first."""
    since = services.now() - undo_span(services)
    standing = [row for row in settled_by(session, viewer, since, most=_MOST_TOGETHER) if row.stands]
    act_of = settled_together(session, [row.item for row in standing], viewer.name)
    found: dict[str, list[Settled]] = {}
    for row in standing:
        if row.item in act_of:
            found.setdefault(act_of[row.item], []).append(row)
    return [
        Together(act, len(rows), title_of(rows[0].case_type, services), undo_until(rows[-1].at, services))
        for act, rows in found.items()
        if len(rows) > 1
    ]
