"""Which names of messages, and which references, are on the ledger; asked for many at once, each found in an index.

Before: `unpack` has put down what a mail is called by its sender's program. After: `duties/against.py` knows which
messages of somebody else's list are here.
"""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from mailroom.domain.capture import Channel
from mailroom.domain.items import ItemState
from mailroom.records.tables import Item


def names_known(session: Session, names: Collection[str]) -> set[str]:
    """Return those of the names (Message-IDs) by which a mail on the ledger is called."""
    query = select(Item.message_id).where(Item.message_id.in_(names))
    return {name for name in session.scalars(query) if name}


def references_known(session: Session, references: Collection[str]) -> set[str]:
    """Return those of the references that are on the ledger."""
    return set(session.scalars(select(Item.reference).where(Item.reference.in_(references))))


def nameless_mails(session: Session) -> int:
    """Count the mails on the ledger of which no Message-ID is known: refused ones have none to be known."""
    mails = (Item.channel == Channel.EMAIL, Item.message_id.is_(None), Item.state != ItemState.REFUSED)
    return session.scalar(select(func.count()).where(*mails, Item.parent_id.is_(None))) or 0
