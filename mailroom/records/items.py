"""The rows of items as the stages use them: added at the door, claimed by a stage, passed on in the same commit.

`claim` is the fence: it locks the row and refuses a stage that another run has overtaken, so that a worker that was
frozen and wakes up again changes nothing.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Select, bindparam, func, insert, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session
from sqlalchemy.orm.interfaces import ORMOption

from mailroom.domain.capture import Capture
from mailroom.domain.errors import Cause, Superseded
from mailroom.domain.items import ItemState
from mailroom.domain.references import make_reference, read_reference
from mailroom.records.session import may_lock
from mailroom.records.tables import Counter, Item, Original, ReceiptRow, table_of

SUSPECT_FROM = 2
"""Deaths of the whole worker, without progress in between, from which an item is carried alone."""


_IN_THE_QUEUE = (Item.next_stage.is_not(None), Item.service_deaths < SUSPECT_FROM)
_DUE_AGAIN = (
    select(Item)
    .where(*_IN_THE_QUEUE, Item.not_before <= bindparam("now"))
    .order_by(Item.not_before)
    .limit(bindparam("most"))
)
_DUE_AND_LOCKED = _DUE_AGAIN.with_for_update(skip_locked=True)  # what somebody acts on is still due the next time
_counters = table_of(Counter)
_COUNT_UP = (
    update(_counters)
    .where(_counters.c.series == bindparam("wanted"))
    .values(value=_counters.c.value + 1)
    .returning(_counters.c.value)
)
_RECEIPT = select(ReceiptRow).where(ReceiptRow.source == bindparam("source"))
_FIRST_WITH_BYTES = (
    select(Item)
    .join(Original)
    .where(Original.sha256 == bindparam("sha256"), Original.extract_of.is_(None))
    .order_by(Item.taken_at)
    .limit(1)
)


def item_with(*relations: ORMOption) -> Select[Item]:
    """Return the query for the item `item_id`, built once by whoever asks it often.

    Args:
        relations: what hangs on the item and is read in the same statement.
    """
    return select(Item).where(Item.id == bindparam("item_id")).options(*relations)


_CLAIM = item_with().with_for_update().execution_options(populate_existing=True)


def new_id() -> str:
    """Return an id that cannot be guessed (128 bits)."""
    return secrets.token_hex(16)


def next_number(session: Session, series: str) -> int:
    """Return the next number of a series; the caller's commit makes it taken."""
    number: int | None = session.scalar(_COUNT_UP, {"wanted": series})
    if number is not None:
        return number
    try:
        with session.begin_nested():
            session.execute(insert(_counters).values(series=series, value=1))
    except IntegrityError:  # somebody else began the series between the two statements
        return next_number(session, series)
    return 1


def receipt_of(session: Session, source: str) -> ReceiptRow | None:
    """Return the door's line for this very delivery, or None where it is new."""
    return session.scalars(_RECEIPT, {"source": source}).first()


def first_with_bytes(session: Session, sha256: str) -> Item | None:
    """Return the first item that came with these bytes, or None."""
    return session.scalars(_FIRST_WITH_BYTES, {"sha256": sha256}).first()


def add_item(
    session: Session,
    capture: Capture,
    *,
    prefix: str,
    now: datetime,
    first_stage: str,
    repeat_of: str | None = None,
    year: int | None = None,
) -> Item:
    """Put a new item and its line in the door's ledger down, in the caller's unit of work.

    It is numbered among those of this year, or of the year that is given.
    """
    year = year or now.year
    number = next_number(session, f"item-{year}")
    item = Item(
        id=new_id(),
        reference=make_reference(prefix, year, number),
        channel=capture.channel,
        file_name=capture.file_name,
        received_at=capture.received_at,
        receipt_assumed=capture.receipt_assumed,
        taken_at=now,
        proven_sender=capture.proven_sender,
        hint_team=capture.hints.team,
        hint_case_type=capture.hints.case_type,
        defect=capture.defect,
        repeat_of=repeat_of,
        state=ItemState.WAITING,
        next_stage=first_stage,
        run=1,
        child_deaths=0,
        service_deaths=0,
        attempts=0,
        settled=False,
        changed_at=now,
    )
    session.add(item)
    told = {"channel": capture.channel, "source": capture.source, "way": capture.way}
    session.add(ReceiptRow(**told, item_id=item.id, taken_at=now))
    session.flush()
    return item


def claim(session: Session, item_id: str, stage: str, run: int) -> Item:
    """Lock the item's row for this stage of this run.

    Raises:
        Superseded: another run or another worker is further on; the caller stops without a trace.
    """
    item = session.scalars(_CLAIM, {"item_id": item_id}).one_or_none()
    if item is None or item.run != run or item.next_stage != stage:
        raise Superseded(f"item {item_id} is no longer at {stage} of run {run}")
    return item


def pass_on(item: Item, next_stage: str | None, now: datetime) -> None:
    """Name the item's next stage (None: its journey is over); progress wipes out deaths and what held it up."""
    item.next_stage = next_stage
    item.child_deaths = item.service_deaths = item.attempts = 0
    item.not_before = None
    item.changed_at = now
    if item.state is ItemState.WAITING:
        item.problem = None
        if next_stage is None:
            item.state = ItemState.CAPTURED


def hold_up(item: Item, sentence: str, until: datetime, now: datetime) -> None:
    """Count an attempt that failed for a reason outside the item, and leave the item alone until then.

    Args:
        item: the claimed row.
        sentence: what it waits for; an exception keeps the sentence it has.
        until: when it is tried again.
        now: the time of day.
    """
    item.attempts += 1
    item.not_before = until
    item.changed_at = now
    if item.state is ItemState.WAITING:
        item.problem = sentence


def make_exception(item: Item, cause: Cause, sentence: str, *, next_stage: str | None, now: datetime) -> None:
    """Mark the item as one that needs a person, with the sentence that person reads."""
    pass_on(item, next_stage, now)
    item.state = ItemState.EXCEPTION
    item.cause, item.problem = cause, sentence


def start_again(item: Item, stage: str, now: datetime) -> int:
    """Begin a new run at this stage; returns its number, to be enqueued in the same commit."""
    item.run += 1
    pass_on(item, stage, now)
    item.state = ItemState.WAITING
    item.cause = item.problem = None
    return item.run


def next_run(item: Item, now: datetime) -> int:
    """Begin a new run where the item stands, in the state it has; its number is to be enqueued in the same commit.

    Whoever still works on the run before changes nothing any more.
    """
    item.run += 1
    item.not_before = None
    item.changed_at = now
    return item.run


def find_item(session: Session, name: str) -> Item | None:
    """Return the item with this reference or id, or None."""
    reference = read_reference(name)
    if reference is not None:
        return session.scalars(select(Item).where(Item.reference == reference)).first()
    return session.get(Item, name)


def unfinished(session: Session, unchanged_since: datetime, most: int = 500) -> Sequence[Item]:
    """Return items that have a stage before them and have stood still since then, oldest change first.

    Suspects and items that are held up are not among them: they have duties of their own.
    """
    query = select(Item).where(*_IN_THE_QUEUE, Item.not_before.is_(None), Item.changed_at < unchanged_since)
    return session.scalars(query.order_by(Item.changed_at).limit(most)).all()


def due_again(session: Session, now: datetime, most: int = 500) -> Sequence[Item]:
    """Return items that were held up until now at the latest, longest due first, locked for a writer; no suspects."""
    query = _DUE_AND_LOCKED if may_lock(session) else _DUE_AGAIN
    return session.scalars(query, {"now": now, "most": most}).all()


def held_up(session: Session) -> Sequence[tuple[str, str | None, int]]:
    """Return stage, team and most attempts of the items that something outside holds up, for each stage and team."""
    waiting = select(Item.next_stage, Item.team, func.max(Item.attempts)).group_by(Item.next_stage, Item.team)
    rows = session.execute(waiting.where(Item.next_stage.is_not(None), Item.attempts > 0))
    return [(stage or "", team, most) for stage, team, most in rows]
