"""Finding items by several things at once, newest first, as far as anybody reads: the count stops where it would cost.

Before: somebody looks for an item and knows some things about it. After: they have one page of what matches and is
theirs to see, and know how many there are. `search.py` says what matches words; access stands inside the query.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, exists, func, or_, select
from sqlalchemy.orm import Session

from mailroom.domain.access import Viewer
from mailroom.domain.capture import Channel
from mailroom.domain.items import ItemState
from mailroom.records.ledger import EVER, Days
from mailroom.records.queue_lines import OF_EVERY_LINE
from mailroom.records.search import MANY, matches
from mailroom.records.tables import Case, Item
from mailroom.records.visibility import visible_to

COUNTED_TO = 1000
"""Beyond so many nobody reads on, they ask for something narrower; counting on would only cost time."""
_A_FULL_DESK = 2000
"""Where more than so many wait, it is quicker to begin with what matches, or with the newest, than with what waits."""


@dataclass(frozen=True, slots=True)
class AtHand:
    """What a desk has to do with today: what waits or is on its way, what lies there, what went through since a moment.

    Attributes:
        desk: key of the team.
        since: what came through or was settled from then on is at hand still.
    """

    desk: str
    since: datetime


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is known of what is looked for; what is None or empty is not asked.

    Attributes:
        words: a reference, a SHA-256, a name, a postcode, a number, or words of the letter.
        days: London dates of receipt.
        channel: the way in.
        case_type: key of the case's type.
        team: key of the team that has the case.
        state: where the item stands.
        at_hand: only what a desk has to do with today.
    """

    words: str = ""
    days: Days = EVER
    channel: Channel | None = None
    case_type: str | None = None
    team: str | None = None
    state: ItemState | None = None
    at_hand: AtHand | None = None


def find_ids(session: Session, wanted: Wanted, viewer: Viewer) -> Sequence[str]:
    """Return the ids of what matches and the viewer may see, newest first: one more than `COUNTED_TO` at the most."""
    query = select(Item.id).where(*_conditions(session, wanted), visible_to(viewer))
    newest_first = (Item.received_at.desc(), Item.reference.desc())
    return session.scalars(query.order_by(*newest_first).limit(COUNTED_TO + 1)).all()


def lines_of(session: Session, ids: Sequence[str]) -> list[Mapping[str, Any]]:
    """Return what a line shows of each of these items and its case, in this order; `case_type` is None without one."""
    query = select(*OF_EVERY_LINE, Item.state, Case.team).outerjoin(Case, Case.id == Item.case_id)
    by_id = {row.id: row._asdict() for row in session.execute(query.where(Item.id.in_(ids)))}
    return [by_id[item_id] for item_id in ids]


def _conditions(session: Session, wanted: Wanted) -> list[ColumnElement[bool]]:
    conditions = [wanted.days.covers(Item.received_at)]
    if wanted.channel is not None:
        conditions.append(Item.channel == wanted.channel)
    if wanted.state is not None:
        conditions.append(Item.state == wanted.state)
    told = ((Case.case_type, wanted.case_type), (Case.team, wanted.team))
    of_case = [column == value for column, value in told if value is not None]
    if of_case:
        conditions.append(_has_case(session, of_case))
    if wanted.at_hand is not None:
        conditions.append(_is_at_hand(session, wanted.at_hand))
    if wanted.words.strip():
        conditions.append(matches(session, wanted.words))
    return conditions


def _is_at_hand(session: Session, at_hand: AtHand) -> ColumnElement[bool]:
    """Begin with the few that are at hand: what matches the words may be very many, over all the years."""
    waits = select(Item.id).where(Item.state.in_((ItemState.EXCEPTION, ItemState.WAITING)))
    lies_there = select(Item.id).where(Item.desk == at_hand.desk)
    through = select(Item.id).where(and_(Item.next_stage.is_(None), Item.changed_at >= at_hand.since))
    full = _reaches(session, waits, _A_FULL_DESK)
    item_id = Item.id.concat("") if full else Item.id  # an id with something put to it is looked up in no index
    return or_(*(item_id.in_(ids) for ids in (waits, lies_there, through)))


def _has_case(session: Session, of_case: Sequence[ColumnElement[bool]]) -> ColumnElement[bool]:
    cases = select(Case.id).where(*of_case)
    if _reaches(session, cases, MANY):
        return exists().where(Case.id == Item.case_id, *of_case)
    return Item.case_id.in_(cases)


def _reaches(session: Session, rows: Select[str], number: int) -> bool:
    """Return whether there are more rows than so many; no more than that are counted."""
    counted = session.scalar(select(func.count()).select_from(rows.limit(number + 1).subquery())) or 0
    return counted > number
