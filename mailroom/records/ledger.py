"""The receipt ledger: received = captured + waiting + exceptions + refused, for each channel, at every moment.

What was received is counted from the door's own lines and from the events of splitting and joining, never from the
states it is compared with, so that the difference can be other than zero. What was brought over from an older system
has a line of its own, whatever channel it once came by: the lines of the channels say what came to this mailroom.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import ColumnElement, and_, func, or_, select, true
from sqlalchemy.orm import InstrumentedAttribute, Session

from mailroom.domain.access import Viewer
from mailroom.domain.capture import Channel
from mailroom.domain.imported import WAY as IMPORT
from mailroom.domain.items import COUNTED, ItemState
from mailroom.domain.sla import LONDON
from mailroom.records.tables import Case, CustodyEvent, Item, Original, ReceiptRow
from mailroom.records.visibility import visible_to


@dataclass(frozen=True, slots=True)
class Days:
    """A span of London dates, both included; None is open."""

    first: date | None = None
    last: date | None = None

    def covers(self, moment: InstrumentedAttribute[datetime]) -> ColumnElement[bool]:
        """Return the condition that a moment lies in the span."""
        lower = moment >= _midnight(self.first) if self.first else true()
        upper = moment < _midnight(self.last + timedelta(days=1)) if self.last else true()
        return and_(lower, upper)


EVER = Days()
"""All days."""


def received(session: Session, days: Days, viewer: Viewer | None = None) -> Counter[str]:
    """Count what came in, by day of receipt: lines of the door, and what splitting and joining made of them.

    A line whose item is gone has no day any more: it counts where all days are asked for, as `reconcile` does.
    """
    in_span = and_(days.covers(Item.received_at), _counted_for(viewer))
    lines = select(ReceiptRow.channel, func.count()).group_by(ReceiptRow.channel)
    if days != EVER or viewer is not None:
        lines = lines.join(Item, Item.id == ReceiptRow.item_id).where(in_span)
    total = Counter({str(channel): number for channel, number in session.execute(lines)})
    for channel, number in session.execute(lines.where(ReceiptRow.way == IMPORT)):  # few ways: found in their index
        total[IMPORT] += number
        total[str(channel)] -= number
        if not total[str(channel)]:
            del total[str(channel)]
    for kind, sign in (("made_by_split", 1), ("split", -1), ("joined_into", -1)):
        query = select(Item.channel, Item.imported, func.count()).join(CustodyEvent, CustodyEvent.item_id == Item.id)
        query = query.where(CustodyEvent.kind == kind, in_span).group_by(Item.channel, Item.imported)
        for channel, imported, number in session.execute(query):
            total[_line(channel, imported)] += sign * number
    return total


def states(session: Session, days: Days, viewer: Viewer | None = None) -> dict[str, Counter[ItemState]]:
    """Count the items in each state that counts, by channel; what was brought over has a line of its own."""
    query = select(Item.channel, Item.imported, Item.state, func.count()).where(days.covers(Item.received_at))
    query = query.where(_counted_for(viewer))
    found: dict[str, Counter[ItemState]] = {}
    for channel, imported, state, number in session.execute(query.group_by(Item.channel, Item.imported, Item.state)):
        if state in COUNTED:
            found.setdefault(_line(channel, imported), Counter())[state] += number
    return found


def _line(channel: Channel, imported: str | None) -> str:
    return IMPORT if imported else str(channel)


def lines(session: Session, days: Days, viewer: Viewer | None = None) -> dict[str, dict[str, int]]:
    """Return for each channel how many items were received and how many are in each state.

    Args:
        session: a look at the records.
        days: of receipt.
        viewer: what is limited and not theirs to see is left out of every figure; None counts everything.
    """
    came, stand = received(session, days, viewer), states(session, days, viewer)
    found = {}
    for channel in sorted({*came, *stand}):
        count = stand.get(channel, Counter())
        found[channel] = {
            "received": came[channel],
            "captured": count[ItemState.CAPTURED],
            "waiting": count[ItemState.WAITING],
            "exceptions": count[ItemState.EXCEPTION],
            "refused": count[ItemState.REFUSED],
        }
    return found


def late_exceptions(session: Session, now: datetime, viewer: Viewer) -> dict[str, int]:
    """Count for each channel the exceptions that the viewer may see of which a clock has passed unmet."""
    late = (Item.state == ItemState.EXCEPTION, Item.due_at < now, visible_to(viewer))
    total: Counter[str] = Counter()
    query = select(Item.channel, Item.imported, func.count()).where(*late).group_by(Item.channel, Item.imported)
    for channel, imported, number in session.execute(query):
        total[_line(channel, imported)] += number
    return dict(total)


def missing(session: Session) -> list[str]:
    """Return a sentence for everything that a line of the door or a split promises and that is not there."""
    lost = select(ReceiptRow.item_id).outerjoin(Item, Item.id == ReceiptRow.item_id).where(Item.id.is_(None))
    parts = select(CustodyEvent.item_id).outerjoin(Item, Item.id == CustodyEvent.item_id)
    parts = parts.where(CustodyEvent.kind == "made_by_split", Item.id.is_(None))
    bare = select(Item.reference).outerjoin(Original, Original.item_id == Item.id)
    bare = bare.where(Original.id.is_(None), Item.state.not_in((ItemState.JOINED, ItemState.REFUSED)))
    done = (ItemState.CAPTURED, ItemState.EXCEPTION)
    caseless = select(Item.reference).outerjoin(Case, Case.id == Item.case_id)
    caseless = caseless.where(Item.state.in_(done), Item.next_stage.is_(None), Case.id.is_(None))
    return [
        *(f"item {item_id} is in the door's ledger and nowhere else" for item_id in session.scalars(lost)),
        *(f"item {item_id} was made by a split and is not there" for item_id in session.scalars(parts)),
        *(f"{reference} has no original" for reference in session.scalars(bare)),
        *(f"{reference} is through and has no case" for reference in session.scalars(caseless)),
    ]


def refusals(session: Session) -> list[dict[str, str]]:
    """Return what was refused, oldest first: reference, channel, time of receipt and the sentence that says why."""
    query = select(Item).where(Item.state == ItemState.REFUSED).order_by(Item.received_at, Item.reference)
    return [
        {
            "reference": item.reference,
            "channel": str(item.channel),
            "received_at": item.received_at.isoformat(),
            "why": item.problem or "",
        }
        for item in session.scalars(query)
    ]


def sources(session: Session, begins: str) -> set[str]:
    """Return what names the deliveries on the ledger of which the name begins so."""
    return set(session.scalars(select(ReceiptRow.source).where(ReceiptRow.source.startswith(begins, autoescape=True))))


def known_sources(session: Session, names: Collection[str]) -> set[str]:
    """Return those of the names by which a delivery is on the ledger."""
    return set(session.scalars(select(ReceiptRow.source).where(ReceiptRow.source.in_(names))))


def _counted_for(viewer: Viewer | None) -> ColumnElement[bool]:
    """What nobody has sorted yet names nobody and counts for all; the rest counts for those who may see it."""
    return true() if viewer is None else or_(Item.sensitivity.is_(None), visible_to(viewer))


def _midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=LONDON)
