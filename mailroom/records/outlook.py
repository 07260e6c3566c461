"""What lies before the teams and which clocks will run out: the manager's view forward, in SQL.

Figures count everything; they name no item.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import bindparam, case, func, select
from sqlalchemy.orm import Session

from mailroom.domain.items import ItemState
from mailroom.records.ledger import Days
from mailroom.records.spans import NOW
from mailroom.records.tables import Case, Clock, Handoff, Instant, Item

_LATE_CASE = case((Item.due_at < NOW, Item.case_id))
_ON_DESKS = (
    select(
        Item.desk, func.count(Item.case_id.distinct()), func.min(Item.received_at), func.count(_LATE_CASE.distinct())
    )
    .where(Item.desk.is_not(None))
    .group_by(Item.desk)
)
_EXCEPTIONS = select(func.count(), func.min(Item.received_at), func.count(case((Item.due_at < NOW, 1)))).where(
    Item.state == ItemState.EXCEPTION
)
_RUN_OUT = (
    select(Case.team, Clock.name, Clock.due_at, func.count())
    .join(Case, Case.id == Clock.case_id)
    .where(Clock.met_at.is_(None), Clock.replaced_at.is_(None), Case.closed_at.is_(None))
    .where(Clock.due_at > bindparam("since", type_=Instant), Clock.due_at <= bindparam("until", type_=Instant))
    .group_by(Case.team, Clock.name, Clock.due_at)
    .order_by(Clock.due_at, Case.team, Clock.name)
)


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
    on_desks = session.execute(_ON_DESKS, {"now": now})
    found = {team: Pile(team, number, oldest, number_late) for team, number, oldest, number_late in on_desks if team}
    if exceptions := _exceptions(session, now, post_room):
        found[post_room] = _together(found[post_room], exceptions) if post_room in found else exceptions
    return [found[team] for team in sorted(found)]


def _exceptions(session: Session, now: datetime, post_room: str) -> Pile | None:
    number, oldest, number_late = session.execute(_EXCEPTIONS, {"now": now}).one()
    return Pile(post_room, number, oldest, number_late, number) if number else None


def _together(one: Pile, other: Pile) -> Pile:
    return Pile(
        one.team,
        one.open + other.open,
        min(one.oldest, other.oldest),
        one.late + other.late,
        one.exceptions + other.exceptions,
    )


def run_out(session: Session, since: datetime, until: datetime) -> Sequence[RunsOut]:
    """Count the clocks of open cases that run out after `since` and up to `until` and are not met, earliest first."""
    return [RunsOut(*row) for row in session.execute(_RUN_OUT, {"since": since, "until": until})]


def returned_by_team(session: Session, days: Days) -> dict[str, int]:
    """Count how often each team sent back something that was received on these days."""
    query = select(Handoff.team, func.count()).join(Item, Item.id == Handoff.item_id)
    query = query.where(Handoff.state == "returned", days.covers(Item.received_at)).group_by(Handoff.team)
    return dict(session.execute(query).all())
