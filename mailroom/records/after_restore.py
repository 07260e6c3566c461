"""What records that come from a backup must forget or doubt before a service runs on them.

Before: they stand as they stood when the backup was taken, and a mailroom that is lost went on from there. After: no
number is given to two letters, nobody who was signed in then is now, and no message goes out by itself that may have
gone out already: whether it did, only the mail servers and the senders know.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from mailroom.domain.acknowledging import Way
from mailroom.domain.doubt import IN_DOUBT
from mailroom.records import custody
from mailroom.records.backups import Restored, note_restored
from mailroom.records.outgoing import ON_THEIR_WAY, Message
from mailroom.records.tables import Acknowledgement, Counter, Item, Reply, Sitting

_ACTOR = "machine:restore"
_SERIES = "item-"
_LEAST_LEFT_OUT = 1000
_LOOKED_BACK = timedelta(days=30)
_TIMES = 3


@dataclass(frozen=True, slots=True)
class UnderWay:
    """An item that has a stage before it."""

    reference: str
    stage: str


@dataclass(frozen=True, slots=True)
class Precautions:
    """What was done.

    Attributes:
        under_way: items that go on when the service starts, in the order of their receipt.
        held_back: references of items of which a message is held back: it may have gone out.
        letters: how many letters wait to be printed that may have been printed.
        signed_out: how many sittings were ended.
        left_out: how many numbers of references are never given out, as they may have been.
    """

    under_way: Sequence[UnderWay]
    held_back: Sequence[str]
    letters: int
    signed_out: int
    left_out: int


def take_precautions(session: Session, restored: Restored, actor: str) -> Precautions:
    """Make the records fit to be worked with, in the caller's unit of work; say what was done.

    Args:
        session: the unit of work.
        restored: from when the records are, and when that was done.
        actor: who did it.
    """
    held_back = [
        *_hold_back(session, _on_their_way(session, Acknowledgement), "withheld", restored),
        *_hold_back(session, _on_their_way(session, Reply), "failed", restored),
    ]
    done = Precautions(
        under_way=[UnderWay(reference, str(stage)) for reference, stage in session.execute(_UNDER_WAY)],
        held_back=sorted(set(held_back)),
        letters=_doubt_letters(session),
        signed_out=_sign_out(session),
        left_out=_leave_numbers_out(session, restored),
    )
    note_restored(session, actor, restored)
    return done


_UNDER_WAY = (
    select(Item.reference, Item.next_stage)
    .where(Item.next_stage.is_not(None))
    .order_by(Item.received_at, Item.reference)
)


def _on_their_way(session: Session, kind: type[Message]) -> Sequence[Message]:
    """Return the mails that would go out by themselves; a letter waits for a person's word in any event."""
    query = select(kind).where(kind.state.in_(("held", "sending")), kind.way == Way.EMAIL)
    return session.scalars(query).all()


def _hold_back(
    session: Session, rows: Sequence[Acknowledgement | Reply], state: str, restored: Restored
) -> Iterator[str]:
    """Have a person decide about mails that were on their way; yield the references of their items."""
    for row in rows:
        row.state, row.reason = state, IN_DOUBT
        custody.record(session, row.item_id, "message_in_doubt", actor=_ACTOR, at=restored.at)
        yield session.get_one(Item, row.item_id).reference


def _doubt_letters(session: Session) -> int:
    """Mark the letters that are still to be printed; return how many they are."""
    letters: list[Acknowledgement | Reply] = [*_letters(session, Acknowledgement), *_letters(session, Reply)]
    for letter in letters:
        letter.maybe_twice = True
    return len(letters)


def _letters(session: Session, kind: type[Message]) -> Sequence[Message]:
    return session.scalars(select(kind).where(kind.state.in_(ON_THEIR_WAY), kind.way == Way.LETTER)).all()


def _sign_out(session: Session) -> int:
    sittings = session.scalar(select(func.count()).select_from(Sitting)) or 0
    session.execute(delete(Sitting))
    return sittings


def _leave_numbers_out(session: Session, restored: Restored) -> int:
    """Go on with a number that the mailroom that was lost cannot have come to; return how many are left out.

    A reference that two letters have would bring a stranger's answer into somebody's case.
    """
    left_out = _LEAST_LEFT_OUT + _TIMES * _expected_since(session, restored)
    for year in range(restored.taken_at.year, restored.at.year + 1):
        series = f"{_SERIES}{year}"
        counter = session.get(Counter, series)
        if counter is None:
            session.add(Counter(series=series, value=left_out))
        else:
            counter.value += left_out
    return left_out


def _expected_since(session: Session, restored: Restored) -> int:
    """Return how many items came in since the backup, by what came in in the month before it."""
    recent = Item.taken_at > restored.taken_at - _LOOKED_BACK
    number = session.scalar(select(func.count()).select_from(Item).where(recent)) or 0
    return round(number * ((restored.at - restored.taken_at) / _LOOKED_BACK + 1 / _LOOKED_BACK.days))
