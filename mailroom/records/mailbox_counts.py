"""What a mail server counted in each mailbox at the end of the last look, beside what the ledger had then.

Before: `channels/imap.py` has looked through a mailbox. After: `duties/reconcile.py` holds the two against each other,
and needs no mail server for it.
"""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from mailroom.domain import ways
from mailroom.domain.mailbox_count import MailboxCount, TakenFolder, following
from mailroom.records.session import Records
from mailroom.records.tables import MailboxCountRow, MailboxMessage, ReceiptRow


@dataclass(frozen=True, slots=True)
class OnLedger:
    """What the ledger had of a mailbox at one moment: how many messages, and the numbers of those still known."""

    accepted: int
    known: AbstractSet[int]


class MailboxCounts:
    """Puts the counts of one mailbox down.

    Args:
        mailbox: its name in `config/`.
        records: the database.
        now: the time of day.
    """

    def __init__(self, mailbox: str, records: Records, now: Callable[[], datetime]) -> None:
        self._mailbox = mailbox
        self._records = records
        self._now = now

    def on_ledger(self, validity: int) -> OnLedger:
        """Return what is on the ledger, of one moment.

        It is to be asked before the server is: what another worker takes in and moves meanwhile is then counted once
        too often, until the next look, and never once too seldom, which would stay.
        """
        of_this = select(func.count()).where(ReceiptRow.way == ways.mailbox(self._mailbox))
        known = select(MailboxMessage.uid).join(ReceiptRow, ReceiptRow.source == MailboxMessage.source)
        known = known.where(MailboxMessage.mailbox == self._mailbox, MailboxMessage.validity == validity)
        with self._records.look() as session:
            return OnLedger(session.scalar(of_this) or 0, set(session.scalars(known)))

    def note(self, ledger: OnLedger, lying: AbstractSet[int], left: int, taken: TakenFolder | None) -> None:
        """Put down what was counted.

        Args:
            ledger: what was on it before the server was asked.
            lying: the numbers of what lies in the mailbox.
            left: how many of them could not be taken in.
            taken: the folder of what was taken, where it can be counted.
        """
        count = MailboxCount(self._now(), len(lying), left, taken, len(lying & ledger.known), ledger.accepted)
        try:
            self._put_down(count)
        except IntegrityError:  # another worker was faster
            self._put_down(count)

    def _put_down(self, count: MailboxCount) -> None:
        with self._records.work() as session:
            row = session.get(MailboxCountRow, self._mailbox)
            session.merge(_row_of(self._mailbox, following(count, _count_in(row) if row else None)))
            session.commit()


def counts(session: Session) -> dict[str, MailboxCount]:
    """Return the last count of each mailbox by its name."""
    return {row.mailbox: _count_in(row) for row in session.scalars(select(MailboxCountRow))}


def _count_in(row: MailboxCountRow) -> MailboxCount:
    taken = None if row.taken_validity is None else TakenFolder(row.taken_validity, row.taken)
    return MailboxCount(row.at, row.lying, row.left, taken, row.not_moved, row.accepted, row.lowest)


def _row_of(mailbox: str, count: MailboxCount) -> MailboxCountRow:
    return MailboxCountRow(
        mailbox=mailbox,
        at=count.at,
        lying=count.lying,
        left=count.left,
        taken=count.taken.messages if count.taken else 0,
        taken_validity=count.taken.validity if count.taken else None,
        not_moved=count.not_moved,
        accepted=count.accepted,
        lowest=count.lowest,
    )
