"""What the post room has before it, in the order in which it is due, read no further than asked for.

Before: stages and people keep `precedence`, `suggested`, `due_at` and `desk` of every item as they should be. After:
the desk shows one page of it, counts it, or takes the next item nobody has. It holds exceptions of every cause, and
what was handed to the post room as to any team; every question carries the viewer's own clause.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Subquery,
    and_,
    exists,
    func,
    literal,
    or_,
    select,
    true,
    union_all,
)
from sqlalchemy.orm import Session

from mailroom.domain.access import Viewer
from mailroom.domain.errors import Cause
from mailroom.domain.items import ItemState
from mailroom.records.handoffs import UNDER_WAY
from mailroom.records.queue_lines import OF_EVERY_LINE
from mailroom.records.session import may_lock
from mailroom.records.tables import Case, Handoff, Item, Referral, Taken
from mailroom.records.visibility import visible_to

MOST_COUNTED = 10_000
"""Nobody needs to know by how many a queue is longer than this."""

_COLUMNS = (*OF_EVERY_LINE, Item.state, Item.precedence, Item.cause, Item.problem)
_ORDER = (Item.precedence, Item.due_at, Item.received_at, Item.id)


@dataclass(frozen=True, slots=True)
class Alike:
    """Which exceptions are meant: all, or those with this cause, or with this cause and first suggestion.

    Attributes:
        cause: None for every one.
        suggested: case type that is suggested first; None for whichever; "" where nothing is suggested.
    """

    cause: Cause | None = None
    suggested: str | None = None


@dataclass(frozen=True, slots=True)
class Waiting:
    """One line of the queue.

    Attributes:
        item: what a line shows of its row and of its case.
        handed: state of the handoff to the post room; None for an exception.
        taken: who has it before them; None where nobody has.
    """

    item: Mapping[str, Any]
    handed: str | None
    taken: Taken | None


@dataclass(frozen=True, slots=True)
class Counts:
    """How much waits; `MOST_COUNTED` where it is that or more."""

    waiting: int
    due_today: int
    late: int


def waiting_page(
    session: Session, team: str, viewer: Viewer, *, alike: Alike, idle_since: datetime, first: int, most: int | None
) -> list[Waiting]:
    """Return lines of the queue: urgent ones first, then what is due first.

    Args:
        session: the unit of work.
        team: the post room's key.
        viewer: who asks.
        alike: which exceptions are meant; where not all are, what was handed over is left out.
        idle_since: whoever was last active then or before has the item no more.
        first: how many lines to pass over.
        most: how many lines at the most; None for all.
    """
    behind = None if most is None else first + most
    page = _page_of(team, viewer, alike, behind)
    order = (page.c.precedence, page.c.due_at, page.c.received_at, page.c.id)
    ids = session.scalars(select(page.c.id).order_by(*order).offset(first).limit(most)).all()
    query = select(*_COLUMNS).outerjoin(Case, Case.id == Item.case_id).where(Item.id.in_(ids))
    found = {row.id: row._asdict() for row in session.execute(query)}
    handed = _states_of_handoffs(session, [row["id"] for row in found.values() if row["state"] != ItemState.EXCEPTION])
    held = taken_by(session, ids, idle_since)
    return [Waiting(found[item_id], handed.get(item_id), held.get(item_id)) for item_id in ids]


def _states_of_handoffs(session: Session, ids: Sequence[str]) -> dict[str, str]:
    """Return the state of what was handed to a team, which is the post room itself where a page of its queue asks."""
    under_way = (Handoff.item_id.in_(ids), Handoff.state.in_(UNDER_WAY))
    return dict(session.execute(select(Handoff.item_id, Handoff.state).where(*under_way)).all())


def _page_of(team: str, viewer: Viewer, alike: Alike, behind: int | None) -> Subquery:
    """Each of the two kinds is read in order and no further than the page asks for: the queue's length costs little."""
    columns = (Item.id, Item.due_at, Item.received_at)
    exceptions = select(*columns, Item.precedence).where(*_exceptions(viewer, alike))
    exceptions = exceptions.order_by(*_ORDER).limit(behind)
    if alike != Alike():
        return exceptions.subquery()
    handed = select(*columns, literal(1).label("precedence")).where(*_handed(team, viewer))
    handed = handed.order_by(*_ORDER[1:]).limit(behind)
    return union_all(select(exceptions.subquery()), select(handed.subquery())).subquery()


def _exceptions(viewer: Viewer, alike: Alike) -> tuple[ColumnElement[bool], ...]:
    found: list[ColumnElement[bool]] = [Item.state == ItemState.EXCEPTION, visible_to(viewer)]
    if alike.cause is not None:
        found.append(Item.cause == alike.cause)
    if alike.suggested is not None:
        found.append(Item.suggested == alike.suggested if alike.suggested else Item.suggested.is_(None))
    return tuple(found)


def _handed(team: str, viewer: Viewer) -> tuple[ColumnElement[bool], ...]:
    return (Item.desk == team, Item.state != ItemState.EXCEPTION, visible_to(viewer))


def still_waiting(session: Session, team: str, viewer: Viewer, ids: Collection[str]) -> set[str]:
    """Return which of these items wait for the post room still, of those that the viewer may see."""
    exceptions = select(Item.id).where(Item.id.in_(ids), *_exceptions(viewer, Alike()))
    handed = select(Item.id).where(Item.id.in_(ids), *_handed(team, viewer))
    return set(session.scalars(union_all(exceptions, handed)))


def count_waiting(session: Session, team: str, viewer: Viewer, now: datetime, midnight: datetime) -> Counts:
    """Count what waits, what is due until midnight and what is late already."""
    exceptions = select(Item.due_at).where(*_exceptions(viewer, Alike())).limit(MOST_COUNTED).subquery()
    handed = select(Item.due_at).where(*_handed(team, viewer)).subquery()
    both = union_all(select(exceptions), select(handed)).subquery()
    late = both.c.due_at < now
    today = and_(both.c.due_at >= now, both.c.due_at < midnight)
    query = select(func.count(), *(func.count().filter(which) for which in (today, late))).select_from(both)
    row = session.execute(query).one()
    return Counts(*(min(number, MOST_COUNTED) for number in row))


def count_up_to(session: Session, team: str, viewer: Viewer, most: int) -> int:
    """Count what waits, and stop there: what every page says in its bar must cost it nothing."""
    exceptions = select(Item.id).where(*_exceptions(viewer, Alike())).limit(most).subquery()
    handed = select(Item.id).where(*_handed(team, viewer)).limit(most).subquery()
    both = union_all(select(exceptions), select(handed)).subquery()
    return min(session.scalar(select(func.count()).select_from(both)) or 0, most)


def count_alike(session: Session, viewer: Viewer) -> list[tuple[str, str | None, int]]:
    """Return how many exceptions have the same cause and first suggestion, most first."""
    number = func.count()
    query = select(Item.cause, Item.suggested, number).where(*_exceptions(viewer, Alike()))
    rows = session.execute(query.group_by(Item.cause, Item.suggested).order_by(number.desc()))
    return [(cause or "", suggested, count) for cause, suggested, count in rows]


def taken_by(session: Session, ids: Collection[str], idle_since: datetime) -> dict[str, Taken]:
    """Return who has which of these items before them."""
    query = select(Taken).where(Taken.item_id.in_(ids), Taken.last_active_at > idle_since)
    return {taken.item_id: taken for taken in session.scalars(query)}


def next_free(
    session: Session, viewer: Viewer, *, idle_since: datetime, besides: Collection[str], lock: bool = True
) -> Item | None:
    """Return and lock the next exception that nobody else has: what a colleague gave to this viewer comes first.

    What the viewer gave away, not knowing what it is, is not offered to them again; what waits for a new scan is
    offered to nobody, for nobody can settle it by reading.

    Args:
        session: a writing unit of work, so that two people at once are not offered the same.
        viewer: who asks.
        idle_since: whoever was last active then or before has the item no more.
        besides: ids that are not wanted.
        lock: whether nobody else may have it until the unit of work ends.
    """
    current = and_(Referral.item_id == Item.id, Referral.ended_at.is_(None))
    theirs = exists().where(current, Referral.colleague == viewer.name)
    given_away = exists().where(current, Referral.account == viewer.name)
    free = or_(Taken.item_id.is_(None), Taken.last_active_at <= idle_since, Taken.account == viewer.name)
    query = select(Item).outerjoin(Taken, Taken.item_id == Item.id).where(*_exceptions(viewer, Alike()), free)
    readable = Item.cause.is_distinct_from(Cause.NEW_SCAN)
    query = query.where(readable, ~given_away, Item.id.not_in(besides) if besides else true()).order_by(*_ORDER)
    query = query.limit(1)
    # Waited for where somebody acts on it just now: passed over, it would come out of turn, or be said not to be there.
    query = query.with_for_update(of=Item) if lock and may_lock(session) else query
    asked = select(Referral.id).where(Referral.colleague == viewer.name, Referral.ended_at.is_(None)).limit(1)
    first = session.scalars(query.where(theirs)).first() if session.scalar(asked) is not None else None
    return first or session.scalars(query).first()
