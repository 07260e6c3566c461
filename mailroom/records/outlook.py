"""What lies before the teams and which clocks will run out: the manager's view forward, in SQL.

Figures count everything; they name no item.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Select, case, func, select
from sqlalchemy.orm import Session

from mailroom.domain.items import ItemState
from mailroom.records.tables import Case, Clock, Item


@dataclass(frozen=True, slots=True)
class Pile:
    """What a team has before it.

    Attributes:
        team: key.
        open: cases on its desk; for the post room also every exception.
        oldest: earliest receipt among them.
        late: how many of them have a clock that has run out.
        exceptions: how many need a person of the post room.
    """

    team: str
    open: int
    oldest: datetime
    late: int
    exceptions: int = 0


@dataclass(frozen=True, slots=True)
class RunsOut:
    """So many clocks of one name that end at one moment while nothing has met them."""

    team: str
    clock: str
    due_at: datetime
    number: int


def piles(session: Session, now: datetime, post_room: str) -> Sequence[Pile]:
    """Return what lies before each team that has anything open, by team.

    Both questions are answered by an index of `item` alone, which repeats of case and clocks what they need.
    """
    late = case((Item.due_at < now, Item.case_id))
    numbers = func.count(Item.case_id.distinct()), func.min(Item.received_at), func.count(late.distinct())
    on_desks = session.execute(select(Item.desk, *numbers).where(Item.desk.is_not(None)).group_by(Item.desk))
    found = {team: Pile(team, number, oldest, number_late) for team, number, oldest, number_late in on_desks if team}
    if exceptions := _exceptions(session, now, post_room):
        found[post_room] = _together(found[post_room], exceptions) if post_room in found else exceptions
    return [found[team] for team in sorted(found)]


def _exceptions(session: Session, now: datetime, post_room: str) -> Pile | None:
    late = func.count(case((Item.due_at < now, 1)))
    query = select(func.count(), func.min(Item.received_at), late).where(Item.state == ItemState.EXCEPTION)
    number, oldest, number_late = session.execute(query).one()
    return Pile(post_room, number, oldest, number_late, number) if number else None


def _together(one: Pile, other: Pile) -> Pile:
    return Pile(
        one.team,
        one.open + other.open,
        min(one.oldest, other.oldest),
        one.late + other.late,
        one.exceptions + other.exceptions,
    )


def run_out(session: Session, since: datetime | None, until: datetime) -> Sequence[RunsOut]:
    """Count the clocks of open cases that run out up to this moment and are not met, earliest first.

    Args:
        session: a look at the records.
        since: from when; None for those that have run out before, too.
        until: up to and with this moment.
    """
    query = _unmet().where(Clock.due_at <= until)
    query = query.where(Clock.due_at > since) if since is not None else query
    query = query.group_by(Case.team, Clock.name, Clock.due_at).order_by(Clock.due_at, Case.team, Clock.name)
    return [RunsOut(team, clock, due_at, number) for team, clock, due_at, number in session.execute(query)]


def _unmet() -> Select[str, str, datetime, int]:
    query = select(Case.team, Clock.name, Clock.due_at, func.count()).join(Case, Case.id == Clock.case_id)
    return query.where(*_runs(), Case.closed_at.is_(None))


def _runs() -> tuple[ColumnElement[bool], ...]:
    return Clock.met_at.is_(None), Clock.replaced_at.is_(None)
