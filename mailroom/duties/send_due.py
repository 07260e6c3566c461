"""Sends the messages of one kind whose time to be taken back is over, or puts the letters into the print queue.

A mail server cannot tell that it has had a message before, so the intent is committed first and the Message-ID is made
from item and stage. After a crash in between it is sent once more at the most, and the row says that it may have gone
out twice; a third time nobody tries.

`send_acknowledgements.py` and `send_replies.py` say what becomes of item and case once a message has gone out. Whether
the item may be answered at all is asked again in every commit before a message goes: it may have been split, joined or
marked as limited since the message was planned. A mail server that cannot be reached ends the round, and so does the
time for one: a slow server holds up the end of the service by one message and no more.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Generic, TypeVar

from sqlalchemy.orm import Session

from mailroom.domain.acknowledging import Way, why_never
from mailroom.domain.decision import Sensitivity
from mailroom.domain.errors import NeedsPerson, Transient, Unanswered, Unreachable
from mailroom.domain.items import COUNTED
from mailroom.duties.mail_out import note_fault, note_let_in
from mailroom.ports import Message
from mailroom.records.outgoing import due_to_go
from mailroom.records.tables import Acknowledgement, Item, Reply
from mailroom.services import Services

_MOST_ATTEMPTS = 2
_OURS_FOR = timedelta(minutes=5)
"""How long a message that somebody is sending is left alone by all others; longer than a mail server may take."""

_A_ROUND = timedelta(seconds=10)
"""Time after which a round begins no further message; the next one goes on with those that are due."""

_log = logging.getLogger(__name__)

Row = TypeVar("Row", Acknowledgement, Reply)


@dataclass(frozen=True, slots=True)
class Kind(Generic[Row]):
    """A kind of message and what follows when one of it has gone out, in the commit that says so.

    Attributes:
        table: its rows.
        gone: notes on item and case that the message is out.
        failed: says what becomes of a message that will never go by mail, its state and reason put down already.
        against: says what else speaks against it in the moment in which it is to go; None where nothing does.
        unsettled: whether a person has sent it about something that is not settled, so that it may go nevertheless.
    """

    table: type[Row]
    gone: Callable[[Session, Row, Services], None]
    failed: Callable[[Session, Row, NeedsPerson, Services], None] = lambda _session, _row, _fault, _services: None
    against: Callable[[Session, Row, Services], str | None] = lambda _session, _row, _services: None
    unsettled: Callable[[Row, Services], bool] = lambda _row, _services: False


def send_due(kind: Kind[Row], services: Services) -> int:
    """Send or queue what is due of this kind; return how many messages moved on."""
    with services.records.look() as session:
        due = due_to_go(session, kind.table, services.now())
    moved, until = 0, services.now() + _A_ROUND
    for message_id in due:
        if services.now() > until:
            break
        try:
            moved += _send(message_id, kind, services)
        except Unreachable as fault:
            note_fault(fault, services)
            break
        except Exception:  # noqa: BLE001  # one message that cannot be made must not keep back those behind it
            _log.exception("message failed", extra={"id": message_id})
    return moved


def _send(message_id: str, kind: Kind[Row], services: Services) -> bool:
    """Send or queue one; return whether it moved on.

    Raises:
        Unreachable: the mail server does not answer; the message waits.
    """
    message = _intend(message_id, kind, services)
    if message is None:
        return True
    try:
        services.replies[Way.EMAIL].send(message)
    except Unanswered as fault:
        _log.warning("message may be out", extra={"id": message_id, "why": type(fault).__name__})
        return False
    except Transient as fault:
        _log.warning("message waits", extra={"id": message_id, "why": type(fault).__name__})
        _note_waiting(message_id, kind, services)
        if isinstance(fault, Unreachable):
            raise
        return False
    except NeedsPerson as fault:
        _note_failed(message_id, fault, kind, services)
        return True
    _note_sent(message_id, kind, services)
    note_let_in(services)
    return True


def _intend(message_id: str, kind: Kind[Row], services: Services) -> Message | None:
    """Commit that it is about to go and return the message; None where nothing is mailed."""
    now = services.now()
    with services.records.work() as session:
        item, row = _locked(session, message_id, kind)
        if row.state not in ("held", "sending") or row.not_before > now:
            return None
        interrupted = row.state == "sending"
        row.maybe_twice = row.maybe_twice or interrupted
        mailed = row.way == Way.EMAIL and row.attempts < _MOST_ATTEMPTS and Way.EMAIL in services.replies
        settled = item.settled or kind.unsettled(row, services)
        against = kind.against(session, row, services) if mailed and not interrupted else None
        if _withhold(item, row, against, settled=settled):
            mailed = False
        else:
            row.state = "sending" if mailed else "to_print"
        row.attempts += mailed
        row.not_before = now + _OURS_FOR if mailed else row.not_before
        session.commit()
        return _message(row) if mailed else None


def _message(row: Acknowledgement | Reply) -> Message:
    reply_to = row.reply_to if isinstance(row, Reply) else None
    return Message(row.message_id, row.address or "", row.subject, row.text, reply_to=reply_to)


def _locked(session: Session, message_id: str, kind: Kind[Row]) -> tuple[Item, Row]:
    """Lock the item and then the row, in the order in which the desk does."""
    row = session.get_one(kind.table, message_id)
    item = session.get_one(Item, row.item_id, with_for_update=True)
    session.refresh(row, with_for_update=True)
    return item, row


def _withhold(item: Item, row: Acknowledgement | Reply, against: str | None = None, *, settled: bool) -> bool:
    """Withhold the message of an item that must not be answered any more; return whether it is one."""
    limited = item.sensitivity is not Sensitivity.NORMAL
    reason = why_never(settled=settled, limited=limited, replaced=item.state not in COUNTED) or against
    if reason is None:
        return False
    doubt = " An attempt was under way before and may have reached the sender." if row.maybe_twice else ""
    row.state, row.reason = "withheld", f"{reason}{doubt}"
    return True


def _note_waiting(message_id: str, kind: Kind[Row], services: Services) -> None:
    with services.records.work() as session:
        item, row = _locked(session, message_id, kind)
        row.attempts -= 1  # the mail server says that it has not taken it
        if not _withhold(item, row, settled=item.settled or kind.unsettled(row, services)):
            row.state, row.reason = "held", None
        session.commit()


def _note_failed(message_id: str, fault: NeedsPerson, kind: Kind[Row], services: Services) -> None:
    with services.records.work() as session:
        item, row = _locked(session, message_id, kind)
        if not _withhold(item, row, settled=item.settled or kind.unsettled(row, services)):
            row.state, row.reason = "failed", fault.sentence
            kind.failed(session, row, fault, services)
        session.commit()


def _note_sent(message_id: str, kind: Kind[Row], services: Services) -> None:
    with services.records.work() as session:
        _, row = _locked(session, message_id, kind)
        row.state, row.reason, row.sent_at = "sent", None, services.now()
        kind.gone(session, row, services)
        session.commit()
