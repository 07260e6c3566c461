"""The history of an item as a list that reads: who did what when, and why, sentence by sentence.

Before: the chain of custody has an event for everything that happened. After: an auditor, or whoever they answer to,
reads it without knowing how the mailroom works; `telling.py` has the words.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from mailroom.desk.telling import person_of, sentence_of
from mailroom.domain.purpose import Purpose
from mailroom.records.accounts import all_accounts
from mailroom.records.holds import LIFTED, PLACED, holds_of
from mailroom.records.tables import Correction, Handoff
from mailroom.services import Services

PURPOSES: Mapping[str, str] = {
    Purpose.AUDIT: "Audit",
    Purpose.FOI: "Freedom of information request",
    Purpose.SAR: "Subject access request",
    Purpose.COMPLAINT: "Complaint",
    Purpose.COURT: "Court order or legal proceedings",
}
"""What people call the purposes for which an item is opened."""

_RETURNED = "returned"
_OF_ITS_OWN = (_RETURNED, PLACED, LIFTED)
"""Kinds of events whose reason is not that of a correction."""

_When = tuple[str, str, datetime]
"""Which of these kinds, or none, by whom, when: what a reason is found by."""


@dataclass(frozen=True, slots=True)
class Line:
    """One thing that happened.

    Attributes:
        at: when.
        who: the person, or None where the machine did it.
        sentence: what, beginning with who it was.
        why: the reason or purpose, where one was given.
        kind: the event's own word.
        number: its place in the global log; None while it waits for one.
    """

    at: datetime
    who: str | None
    sentence: str
    why: str | None
    kind: str
    number: int | None


def history(session: Session, item_id: str, custody: Sequence[Mapping[str, Any]], services: Services) -> list[Line]:
    """Return the history, earliest first.

    Args:
        session: a look at the records.
        item_id: whose.
        custody: its events, as `item_view.view` shows them to this viewer.
        services: the bundle.
    """
    names, reasons = names_of_people(session), _reasons(session, item_id)
    return [_line(event, names, reasons, services) for event in custody]


def names_of_people(session: Session) -> dict[str, str]:
    """Return what people are known as, by account name."""
    return {account.name: account.display_name for account in all_accounts(session)}


def _line(
    event: Mapping[str, Any],
    names: Mapping[str, str],
    reasons: Mapping[_When, str],
    services: Services,
) -> Line:
    details, actor, at = event["details"] or {}, event["actor"], datetime.fromisoformat(event["at"])
    who = person_of(actor, names)
    sentence = sentence_of(event["kind"], details, who, actor, services)
    purpose, kind = details.get("purpose"), event["kind"] if event["kind"] in _OF_ITS_OWN else ""
    why = (PURPOSES.get(purpose, purpose) if purpose else None) or reasons.get((kind, actor, at))
    return Line(at, who, sentence, why, event["kind"], event["number"])


def _reasons(session: Session, item_id: str) -> dict[_When, str]:
    """Return the reasons that people gave in their own words: events never hold them."""
    corrected = select(Correction.actor, Correction.made_at, Correction.reason).where(Correction.item_id == item_id)
    returned = select(Handoff.answered_by, Handoff.answered_at, Handoff.reason).where(Handoff.item_id == item_id)
    rows = [(kind, *row) for kind, query in (("", corrected), (_RETURNED, returned)) for row in session.execute(query)]
    for hold in holds_of(session, item_id):
        rows.append((PLACED, hold.placed_by, hold.placed_at, hold.reason))
        rows.append((LIFTED, hold.lifted_by, hold.lifted_at, hold.lifted_why))
    return {(kind, actor, at): reason for kind, actor, at, reason in rows if actor and at and reason}
