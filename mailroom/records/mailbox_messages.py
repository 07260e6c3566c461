"""What was copied from a mailbox, and what became of it: the cursor of `channels/imap.py`.

Before: a message was copied. After: the door knows by its `source` whether it is a delivery seen once more: after
a crash, by a second worker, or under the new number that it has since the server gave the mailbox another UIDVALIDITY.
"""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from mailroom.records.session import Records
from mailroom.records.session_log import COPIED
from mailroom.records.tables import MailboxMessage

_REMEMBERED = timedelta(days=7)
"""So long after a message is gone another worker may still hold a copy of it, or be stopped over it."""


@dataclass(frozen=True, slots=True)
class Copy:
    """A copy of a message.

    Attributes:
        validity: UIDVALIDITY of the mailbox when it was copied.
        uid: its number.
        sha256: of its bytes, in hexadecimal.
        arrived_at: INTERNALDATE, which a server keeps when it numbers its messages anew.
    """

    validity: int
    uid: int
    sha256: str
    arrived_at: datetime


class MailboxMessages:
    """Remembers the copies of one mailbox.

    Args:
        mailbox: its name in `config/`.
        records: the database.
        now: the time of day.
    """

    def __init__(self, mailbox: str, records: Records, now: Callable[[], datetime]) -> None:
        self._mailbox = mailbox
        self._records = records
        self._now = now

    def taken(self, validity: int) -> set[int]:
        """Return the numbers of the messages that are ours already, under this UIDVALIDITY."""
        query = select(MailboxMessage.uid).where(
            MailboxMessage.mailbox == self._mailbox,
            MailboxMessage.validity == validity,
            MailboxMessage.taken_at.is_not(None),
        )
        with self._records.look() as session:
            return set(session.scalars(query))

    def source_of(self, copy: Copy) -> str:
        """Return what names this delivery on the ledger, and remember it."""
        try:
            return self._remember(copy)
        except IntegrityError:  # another worker was faster
            return self._remember(copy)

    def note_taken(self, copy: Copy) -> bool:
        """Put down that the message is ours; return whether nobody had, for who is first moves it away.

        Servers that move by copying (Dovecot on maildir) would make two of it if two moved it at once.
        """
        key = {"mailbox": self._mailbox, "validity": copy.validity, "uid": copy.uid}
        first = update(MailboxMessage).filter_by(**key, taken_at=None).values(taken_at=self._now())
        with self._records.work() as session:
            changed = session.execute(first.returning(MailboxMessage.uid)).first() is not None
            session.commit()
            return changed

    def forget_gone(self, validity: int, lying: AbstractSet[int], *, all_met: bool) -> None:
        """Put down which messages do not lie in the mailbox any more; what has been gone for long is forgotten.

        Args:
            validity: the UIDVALIDITY of the mailbox.
            lying: the numbers of all that lies there.
            all_met: whether each message of them was looked at: what is known under another UIDVALIDITY only, and was
                not met again, is then gone, too.
        """
        now = self._now()
        of_this = MailboxMessage.mailbox == self._mailbox
        with self._records.work() as session:
            for row in session.scalars(select(MailboxMessage).where(of_this, MailboxMessage.gone_at.is_(None))):
                if row.uid not in lying if row.validity == validity else all_met:
                    row.gone_at = now
            session.execute(delete(MailboxMessage).where(of_this, MailboxMessage.gone_at < now - _REMEMBERED))
            session.commit()

    def _remember(self, copy: Copy) -> str:
        with self._records.work() as session:
            row = session.get(MailboxMessage, (self._mailbox, copy.validity, copy.uid))
            if row is None:
                row = self._renumbered(copy, session) or self._new(copy)
                session.add(row)
            row.gone_at = None
            source = row.source
            session.commit()
            return source

    def _renumbered(self, copy: Copy, session: Session) -> MailboxMessage | None:
        """Return the row of the same message from before the mailbox was numbered anew, under its new number."""
        query = (
            select(MailboxMessage)
            .where(
                MailboxMessage.mailbox == self._mailbox,
                MailboxMessage.validity != copy.validity,
                MailboxMessage.sha256 == copy.sha256,
                MailboxMessage.arrived_at == copy.arrived_at,
                MailboxMessage.gone_at.is_(None),
            )
            .order_by(MailboxMessage.validity, MailboxMessage.uid)
            .with_for_update()
        )
        row = session.scalars(query).first()
        if row is not None:
            row.validity, row.uid, row.taken_at = copy.validity, copy.uid, None
        return row

    def _new(self, copy: Copy) -> MailboxMessage:
        return MailboxMessage(
            mailbox=self._mailbox,
            validity=copy.validity,
            uid=copy.uid,
            source=f"{COPIED}{self._mailbox}:{copy.validity}:{copy.uid}",
            sha256=copy.sha256,
            arrived_at=copy.arrived_at,
        )
