"""What a line of any queue tells beside the item's own row: from whom it is, what is promised, what nobody could read.

Before: `post_room_queue.py` or `team_lines.py` has found the items of one page. After: the desk shows them. Each
question is asked once for the whole page, and of nothing that a line does not show.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from mailroom.records.tables import Case, Clock, DecisionRow, Document, FieldRow, Item, Original

OF_EVERY_LINE: tuple[InstrumentedAttribute[Any], ...] = (
    Item.id,
    Item.reference,
    Item.channel,
    Item.received_at,
    Item.proven_sender,
    Item.due_at,
    Item.case_id,
    Item.run,
    Case.case_type,
    Case.owner,
)
"""What the line of any queue shows of the rows of item and case themselves."""


@dataclass(frozen=True, slots=True)
class Head:
    """What the head of a mail says: its subject, and the name that its sender gives; None without one."""

    subject: str | None = None
    sender: str | None = None


NO_HEAD = Head()
_FROM = ("sender_name", "email", "phone", "sender_postcode")


def names_of(session: Session, item_ids: Sequence[str]) -> dict[str, dict[str, str]]:
    """Return what was read of the senders of these items, by item and field; the first document's word first."""
    query = select(Document.item_id, FieldRow.name, FieldRow.value).join(FieldRow, FieldRow.document_id == Document.id)
    query = query.where(Document.item_id.in_(item_ids), FieldRow.name.in_(_FROM)).order_by(Document.ordinal)
    found: dict[str, dict[str, str]] = {item_id: {} for item_id in item_ids}
    for item_id, name, value in session.execute(query):
        found[item_id].setdefault(name, value)
    return found


def heads_of(session: Session, item_ids: Sequence[str]) -> dict[str, Head]:
    """Return what the heads of these mails say, by item; what is no mail is left out."""
    subject = Document.headers["subject"].as_string()
    sender = Document.headers["sender"]["name"].as_string()
    query = select(Document.item_id, subject.label("subject"), sender.label("sender"))
    query = query.where(Document.item_id.in_(item_ids), Document.ordinal == 1)
    rows = session.execute(query)
    return {row.item_id: Head(row.subject or None, row.sender or None) for row in rows if row.subject or row.sender}


def clocks_to_meet(session: Session, case_ids: Sequence[str]) -> dict[str, list[tuple[str, datetime]]]:
    """Return name and due moment of the clocks that run and are not met, by case, earliest first.

    All clocks of these few cases are read: asked for those that run, a database looks through every one that runs.
    """
    query = select(Clock.case_id, Clock.name, Clock.due_at, Clock.met_at, Clock.replaced_at)
    found: dict[str, list[tuple[str, datetime]]] = {}
    for row in session.execute(query.where(Clock.case_id.in_(case_ids)).order_by(Clock.due_at, Clock.id)):
        if row.met_at is None and row.replaced_at is None:
            found.setdefault(row.case_id, []).append((row.name, row.due_at))
    return found


def without_words(session: Session, item_ids: Sequence[str]) -> dict[str, int]:
    """Return of how many originals no word could be read, by item; those of which all could are left out."""
    read = select(Document.original_id).where(Document.item_id.in_(item_ids), Document.text.regexp_match(r"\S"))
    query = select(Original.item_id, func.count().label("unread")).where(
        Original.item_id.in_(item_ids), Original.id.not_in(read)
    )
    return {row.item_id: row.unread for row in session.execute(query.group_by(Original.item_id))}


def first_suggestions(session: Session, item_ids: Sequence[str]) -> dict[str, dict[str, Any]]:
    """Return what the newest decision on the first document suggests first, by item, of those that suggest anything."""
    query = select(Document.item_id, DecisionRow.suggestions).join(DecisionRow, DecisionRow.document_id == Document.id)
    query = query.where(Document.item_id.in_(item_ids)).order_by(Document.ordinal.desc(), DecisionRow.id)
    newest = {row.item_id: row.suggestions for row in session.execute(query)}
    return {item_id: suggestions[0] for item_id, suggestions in newest.items() if suggestions}
