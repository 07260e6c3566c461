"""What somebody who owns the database does to the log of custody: every act is one change, of many kinds.

Whoever makes chains whole computes every hash of every chain anew, and so leaves no trace in the database alone.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any

from sqlalchemy import bindparam, delete, insert, select, text, update
from sqlalchemy.orm import Session

from mailroom.records.custody import GENESIS, OF_THE_MAILROOM, digest_of_details, hash_of, link
from mailroom.records.items import new_id
from mailroom.records.tables import CustodyDetail, CustodyEvent, CustodyNumber, CustodyPending, TreeHeadRow, table_of

_OUT_OF_THE_WAY = 1_000_000

_events = table_of(CustodyEvent)
_OUT_OF_THE_WAY_FIRST = update(_events).values(position=_events.c.position + _OUT_OF_THE_WAY)
_CHAIN = (
    update(_events)
    .where(_events.c.id == bindparam("of"))
    .values(position=bindparam("at_place"), previous=bindparam("after"), hash=bindparam("as_hashed"))
)

Dice = random.Random
Act = Callable[[Session, Dice], None]


_GUARDS = {
    "sqlite": "SELECT 'DROP TRIGGER ' || name FROM sqlite_master WHERE type = 'trigger'",
    "postgresql": """
        SELECT format('DROP TRIGGER %I ON %s', tgname, tgrelid::regclass) FROM pg_trigger WHERE NOT tgisinternal
        UNION ALL
        SELECT format('ALTER TABLE %s DROP CONSTRAINT %I', conrelid::regclass, conname) FROM pg_constraint
        WHERE contype = 'f' AND confrelid = 'custody_event'::regclass""",
}
"""Asks each database which statements leave the log unguarded."""


def take_guards_away(session: Session) -> None:
    """Leave the log without the triggers that refuse changes, and without foreign keys, as only its owner can."""
    for statement in session.scalars(text(_GUARDS[session.get_bind().dialect.name])).all():
        session.execute(text(statement))
    if _on_sqlite(session):
        session.execute(text("PRAGMA defer_foreign_keys=ON"))


def events_of(session: Session) -> Sequence[CustodyEvent]:
    """All events in the order of the log."""
    query = select(CustodyEvent).join(CustodyNumber, CustodyNumber.event_id == CustodyEvent.id)
    return session.scalars(query.order_by(CustodyNumber.number)).all()


def make_whole(session: Session) -> None:
    """Number and hash every chain and the log anew, without a gap."""
    session.flush()
    session.expire_all()
    events = events_of(session)
    heads: dict[str, tuple[int, str]] = {}
    head, numbered, chained = GENESIS, [], []
    for number, event in enumerate(events, start=1):
        position, previous = heads.get(event.item_id, (0, GENESIS))
        event.position, event.previous = position + 1, previous
        event.hash = hash_of(event)
        heads[event.item_id] = (event.position, event.hash)
        head = link(head, number, event.hash)
        chained.append({"of": event.id, "at_place": event.position, "after": previous, "as_hashed": event.hash})
        numbered.append({"number": number, "event_id": event.id, "hash": head})
    session.expire_all()
    session.execute(_OUT_OF_THE_WAY_FIRST)
    session.connection().execute(_CHAIN, chained)
    session.execute(delete(CustodyNumber))
    session.execute(insert(CustodyNumber), numbered)


def one_event(session: Session, dice: Dice) -> CustodyEvent:
    return dice.choice(events_of(session))


def change_a_column(session: Session, dice: Dice) -> None:
    event = one_event(session, dice)
    name = dice.choice(("kind", "actor", "original", "details_digest", "previous", "hash", "item_id"))
    old = getattr(event, name)
    values = {name: spoilt(old, dice)}
    session.execute(update(CustodyEvent).where(CustodyEvent.id == event.id).values(values))


def spoilt(old: str | None, dice: Dice) -> str:
    """Another value of the same form: one character is another, or there is one where there was none."""
    if not old:
        return "0" * 64
    place = dice.randrange(len(old))
    other = dice.choice([one for one in "0123456789abcdef" if one != old[place]])
    return old[:place] + other + old[place + 1 :]


def change_the_time(session: Session, dice: Dice) -> None:
    event = one_event(session, dice)
    by = timedelta(microseconds=dice.choice((1, -1, 3_600_000_000, -86_400_000_000)))
    session.execute(update(CustodyEvent).where(CustodyEvent.id == event.id).values(at=event.at + by))


def write_no_hash(session: Session, dice: Dice) -> None:
    event = one_event(session, dice)
    session.execute(update(CustodyEvent).where(CustodyEvent.id == event.id).values(hash="none of these"))


def change_and_make_whole(session: Session, dice: Dice) -> None:
    event = one_event(session, dice)
    name = dice.choice(("kind", "actor", "original", "at"))
    if name == "at":
        event.at += timedelta(minutes=dice.choice((-1, 1)))
    else:
        setattr(event, name, spoilt(getattr(event, name), dice))
    make_whole(session)


def change_details(session: Session, dice: Dice) -> None:
    event = one_event(session, dice)
    details = session.get_one(CustodyDetail, event.id)
    details.details = {**details.details, "pages": dice.randrange(1000, 9999)}
    session.flush()


def change_details_and_make_whole(session: Session, dice: Dice) -> None:
    event = one_event(session, dice)
    details = session.get_one(CustodyDetail, event.id)
    details.details = {**details.details, "pages": dice.randrange(1000, 9999)}
    event.details_digest = digest_of_details(details.salt, details.details)
    make_whole(session)


def write_other_details(session: Session, dice: Dice) -> None:
    """Write what no program of ours would, under a kind of event of which the details are read."""
    event = one_event(session, dice)
    event.kind, event.item_id = dice.choice(
        (("joined_into", event.item_id), ("restored", OF_THE_MAILROOM), ("received", event.item_id))
    )
    details = dice.choice(({}, [], 7, {"into": 7}, {"taken_at": "then", "log_size": "x", "signature": "zz"}))
    session.execute(update(CustodyDetail).where(CustodyDetail.event_id == event.id).values(details=details))
    make_whole(session)


def forget(session: Session, event: CustodyEvent) -> None:
    session.execute(delete(CustodyNumber).where(CustodyNumber.event_id == event.id))
    session.execute(delete(CustodyDetail).where(CustodyDetail.event_id == event.id))
    session.execute(delete(CustodyEvent).where(CustodyEvent.id == event.id))
    session.expunge(event)


def delete_an_event(session: Session, dice: Dice) -> None:
    kinds = dice.choice(
        ((CustodyEvent,), (CustodyNumber,), (CustodyDetail,), (CustodyNumber, CustodyDetail, CustodyEvent))
    )
    event = one_event(session, dice)
    for kind in kinds:
        column = CustodyEvent.id if kind is CustodyEvent else kind.event_id
        session.execute(delete(kind).where(column == event.id))


def delete_an_event_and_make_whole(session: Session, dice: Dice) -> None:
    forget(session, one_event(session, dice))
    make_whole(session)


def delete_an_item_and_make_whole(session: Session, dice: Dice) -> None:
    whose = one_event(session, dice).item_id
    for event in [one for one in events_of(session) if one.item_id == whose]:
        forget(session, event)
    make_whole(session)


def copied(event: CustodyEvent, position: int) -> CustodyEvent:
    names = ("item_id", "kind", "actor", "at", "original", "details_digest", "previous", "hash")
    return CustodyEvent(id=new_id(), position=position, **{name: getattr(event, name) for name in names})


def empty_a_table(session: Session, dice: Dice) -> None:
    empty = "DELETE FROM {0}" if _on_sqlite(session) else "TRUNCATE {0} CASCADE"
    table = dice.choice(("custody_event", "custody_number", "custody_detail", "tree_head"))
    session.execute(text(empty.format(table)))


def change_a_whole_column(session: Session, dice: Dice) -> None:
    """Change one word wherever it stands; on PostgreSQL with the column's type, which runs no trigger."""
    name, word = dice.choice((("actor", "ada"), ("kind", "viewed"), ("kind", "received")))
    change = "UPDATE custody_event SET {0} = replace({0}, '{1}', 'somebody')"
    if not _on_sqlite(session):
        change = "ALTER TABLE custody_event ALTER COLUMN {0} TYPE varchar USING replace({0}, '{1}', 'somebody')"
    session.execute(text(change.format(name, word)))


def _on_sqlite(session: Session) -> bool:
    return session.get_bind().dialect.name == "sqlite"


def put_an_event_in(session: Session, dice: Dice) -> None:
    event = one_event(session, dice)
    new = copied(event, 1000 + dice.randrange(1000))
    new.hash = hash_of(new)
    session.add(new)
    session.flush()
    if dice.random() < 0.5:
        session.add(CustodyPending(event_id=new.id))
        session.flush()


def put_an_event_in_and_make_whole(session: Session, dice: Dice) -> None:
    event = one_event(session, dice)
    new = copied(event, 1000)
    number = session.scalars(select(CustodyNumber.number).where(CustodyNumber.event_id == event.id)).one()
    new.details_digest = digest_of_details("0", {})
    session.add(new)
    session.flush()
    session.add(CustodyDetail(event_id=new.id, salt="0", details={}))
    session.flush()
    move_up(session, number)
    session.execute(insert(CustodyNumber), [{"number": number, "event_id": new.id, "hash": GENESIS}])
    make_whole(session)


def move_up(session: Session, number: int) -> None:
    """Make room in the log at a number."""
    for step in (_OUT_OF_THE_WAY, 1 - _OUT_OF_THE_WAY):
        beyond = CustodyNumber.number >= (number if step > 0 else _OUT_OF_THE_WAY)
        session.execute(update(CustodyNumber).where(beyond).values(number=CustodyNumber.number + step))
    session.expire_all()


def cut_the_log_short(session: Session, dice: Dice) -> None:
    events = events_of(session)
    for event in events[-dice.randrange(1, len(events)) :]:
        forget(session, event)


def swap_numbers(session: Session, dice: Dice) -> None:
    events = events_of(session)
    first, second = dice.sample(range(len(events)), 2)
    exchange(session, CustodyNumber.number, first + 1, second + 1)


def swap_numbers_and_make_whole(session: Session, dice: Dice) -> None:
    events = events_of(session)
    first = dice.randrange(len(events) - 1)
    exchange(session, CustodyNumber.number, first + 1, first + 2)
    session.expire_all()
    make_whole(session)


def exchange(session: Session, column: Any, first: int, second: int) -> None:  # noqa: ANN401  # a column
    for old, new in ((first, -1), (second, first), (-1, second)):
        session.execute(update(CustodyNumber).where(column == old).values({column: new}))


def swap_positions(session: Session, dice: Dice) -> None:
    event = dice.choice([one for one in events_of(session) if one.position > 1])
    table = "UPDATE custody_event SET position = :new WHERE item_id = :item AND position = :old"
    for old, new in ((event.position, -1), (event.position - 1, event.position), (-1, event.position - 1)):
        session.execute(text(table), {"old": old, "new": new, "item": event.item_id})


def change_and_take_the_heads(session: Session, dice: Dice) -> None:
    """Take the signed heads from the records, too: those in the store are left."""
    session.execute(delete(TreeHeadRow))
    dice.choice((change_and_make_whole, delete_an_event_and_make_whole, cut_the_log_short))(session, dice)


def forge_a_head(session: Session, dice: Dice) -> None:
    head = dice.choice(session.scalars(select(TreeHeadRow)).all())
    place = dice.randrange(len(head.text))
    changed = head.text[:place] + ("x" if head.text[place] != "x" else "y") + head.text[place + 1 :]
    session.execute(update(TreeHeadRow).where(TreeHeadRow.size == head.size).values(text=changed))


def change_what_is_said_of_a_head(session: Session, dice: Dice) -> None:
    """Leave the signed text as it is, and change what the next signing goes by."""
    head = dice.choice(session.scalars(select(TreeHeadRow)).all())
    changes: tuple[dict[str, Any], ...] = (
        {"size": _OUT_OF_THE_WAY},
        {"signed_at": head.signed_at + timedelta(days=3650)},
        {"full": ["0" * 64]},
        {"full": 7},
    )
    session.execute(update(TreeHeadRow).where(TreeHeadRow.size == head.size).values(dice.choice(changes)))


EVERY_ACT: tuple[Act, ...] = (
    change_a_column,
    change_the_time,
    write_no_hash,
    change_and_make_whole,
    change_details,
    change_details_and_make_whole,
    write_other_details,
    delete_an_event,
    delete_an_event_and_make_whole,
    delete_an_item_and_make_whole,
    put_an_event_in,
    put_an_event_in_and_make_whole,
    cut_the_log_short,
    empty_a_table,
    change_a_whole_column,
    swap_numbers,
    swap_numbers_and_make_whole,
    swap_positions,
    change_and_take_the_heads,
    forge_a_head,
    change_what_is_said_of_a_head,
)
