"""A team's queue in SQL: one page of it in the order of the day, and how much there is in all.

Before: `hand_over` has offered items to the team. After: the desk shows the lines; what the viewer may not see is left
out inside the query, so that neither a line nor a count gives it away. Both rest on `Item.desk` and `Item.due_at`, so
that one index answers for a hundred thousand items.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, case, func, not_, or_, select
from sqlalchemy.orm import Session

from mailroom.domain.access import Viewer
from mailroom.records.handoffs import UNDER_WAY
from mailroom.records.outgoing import ON_THEIR_WAY
from mailroom.records.queue_lines import OF_EVERY_LINE
from mailroom.records.tables import Case, Handoff, Item, Reply
from mailroom.records.visibility import visible_to


class Show(StrEnum):
    """Which part of its queue a team looks at."""

    OPEN = "open"
    MINE = "mine"
    NOBODYS = "nobodys"
    LATE = "late"
    TODAY = "today"
    BROUGHT_FORWARD = "brought_forward"
    GOING_OUT = "going_out"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class Moment:
    """The time of day as a queue needs it: now, the date in London, and when that day ends."""

    now: datetime
    today: date
    midnight: datetime


_ASLEEP = select(Case.opened_for).where(Case.brought_forward_to.is_not(None))
_ANSWERED = select(Case.opened_for).join(Reply, Reply.case_id == Case.id)
_ANSWERED = _ANSWERED.where(Reply.state.in_(ON_THEIR_WAY), Reply.outcome.is_not(None))
"""Items whose case was put off, or is answered; a message in it that nobody has seen lies there all the same."""
_NOT_COUNTED = (Show.MINE, Show.NOBODYS, Show.CLOSED)
_COLUMNS = (
    *OF_EVERY_LINE,
    Case.brought_forward_to,
    Case.brought_forward_why,
    Case.closed_at,
    Case.outcome,
    Case.opened_for,
    Case.reference.label("case_reference"),
    Handoff.state.label("state"),
)


def lines(
    session: Session, team: str, viewer: Viewer, show: Show, at: Moment, *, offset: int, most: int
) -> list[Mapping[str, Any]]:
    """Return a page of the queue: what comes back today on top, then what is due first.

    Args:
        session: the unit of work.
        team: whose queue.
        viewer: who asks.
        show: which part of it.
        at: the time of day.
        offset: how many lines stand before this page.
        most: lines of a page.
    """
    ids = [row.id for row in session.execute(_page(team, viewer, show, at).offset(offset).limit(most))]
    query = select(*_COLUMNS).join(Case, Case.id == Item.case_id).join(Handoff, Handoff.item_id == Item.id)
    query = query.where(Item.id.in_(ids), Handoff.state.in_(UNDER_WAY))
    found = {row.id: row._asdict() for row in session.execute(query)}
    return [found[item_id] for item_id in ids if item_id in found]


def counts(session: Session, team: str, viewer: Viewer, at: Moment) -> dict[Show, int]:
    """Return how many items each part of the queue holds that is counted on the page."""
    parts = {show: _shown(show, team, viewer, at) for show in Show if show not in _NOT_COUNTED}
    each = [func.sum(case((shown, 1), else_=0)) for shown in parts.values()]
    row = session.execute(_on_desk(select(*each), team, viewer)).one()
    return {show: count or 0 for show, count in zip(parts, row, strict=True)}


def how_many(session: Session, team: str, viewer: Viewer, show: Show, at: Moment) -> int:
    """Return how many items this part of the queue holds."""
    return session.scalar(_part(select(func.count()), team, viewer, show, at)) or 0


def count_up_to(session: Session, teams: Collection[str], viewer: Viewer, at: Moment, most: int) -> int:
    """Count what is open in the queues of these teams, and stop there: every page says it in its bar."""
    on_desks = (Item.desk.in_(teams), visible_to(viewer), _shown(Show.OPEN, "", viewer, at))
    return (
        session.scalar(select(func.count()).select_from(select(Item.id).where(*on_desks).limit(most).subquery())) or 0
    )


def _page(team: str, viewer: Viewer, show: Show, at: Moment) -> Select[Any]:
    query = _part(select(Item.id), team, viewer, show, at)
    if show is Show.CLOSED:
        return query.order_by(Case.closed_at.desc(), Item.id)
    came_back = Item.id.in_(_ASLEEP.where(Case.brought_forward_to <= at.today))
    return query.order_by(not_(came_back), Item.due_at, Item.received_at, Item.id)


def _part(query: Select[Any], team: str, viewer: Viewer, show: Show, at: Moment) -> Select[Any]:
    if show is Show.CLOSED:
        return _closed(query, team, viewer)
    return _on_desk(query, team, viewer).where(_shown(show, team, viewer, at))


def _closed(query: Select[Any], team: str, viewer: Viewer) -> Select[Any]:
    """Of what the team had in hand when it was closed; it lies on nobody's desk any more."""
    had = select(Handoff.item_id).where(Handoff.team == team, Handoff.state.in_(UNDER_WAY))
    query = query.select_from(Item).join(Case, Case.id == Item.case_id)
    return query.where(Case.team == team, Case.closed_at.is_not(None), Item.id.in_(had), visible_to(viewer))


def _on_desk(query: Select[Any], team: str, viewer: Viewer) -> Select[Any]:
    return query.select_from(Item).where(Item.desk == team, visible_to(viewer))


def _shown(show: Show, team: str, viewer: Viewer, at: Moment) -> ColumnElement[bool]:
    late, asleep = Item.due_at < at.now, Item.id.in_(_ASLEEP.where(Case.brought_forward_to > at.today))
    answered = Item.id.in_(_ANSWERED)
    awake = and_(not_(asleep), or_(not_(answered), late))
    return {
        Show.OPEN: awake,
        Show.MINE: and_(or_(awake, asleep), Item.case_id.in_(_owned_by(viewer.name))),
        Show.NOBODYS: and_(awake, Item.case_id.in_(_owned_by(f"team:{team}"))),
        Show.LATE: and_(awake, late),
        Show.TODAY: and_(awake, Item.due_at >= at.now, Item.due_at < at.midnight),
        Show.BROUGHT_FORWARD: asleep,
        Show.GOING_OUT: answered,
    }[show]


def _owned_by(owner: str) -> Select[Any]:
    return select(Case.id).where(Case.owner == owner, Case.closed_at.is_(None))
