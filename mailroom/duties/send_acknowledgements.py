"""Sends what says that something came in, once the minutes in which it can be taken back are over (`send_due.py`).

What a mail server refuses for good becomes a letter. How many go to one address within a day is counted once more here:
two workers may have planned the last one at once.
"""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy.orm import Session

from mailroom.domain.acknowledging import MOST_A_DAY, TOO_MANY
from mailroom.domain.errors import NeedsPerson, RefusedForGood
from mailroom.duties.send_due import Kind, send_due
from mailroom.journey.not_by_mail import becomes_a_letter
from mailroom.journey.sender_told import note_told
from mailroom.records import custody
from mailroom.records.acknowledgements import count_mails_to
from mailroom.records.tables import Acknowledgement
from mailroom.services import Services

ACTOR = "machine:acknowledge"
_A_DAY = timedelta(days=1)


def send_acknowledgements(services: Services) -> int:
    """Send or queue what is due; return how many acknowledgements moved on."""
    return send_due(Kind(Acknowledgement, _gone, _refused, _too_many), services)


def _gone(session: Session, row: Acknowledgement, services: Services) -> None:
    note_told(session, row, ACTOR, services)


def _refused(session: Session, row: Acknowledgement, fault: NeedsPerson, services: Services) -> None:
    becomes_a_letter(row, fault.sentence)
    told = {"by_server": isinstance(fault, RefusedForGood)}
    custody.record(session, row.item_id, "acknowledgement_refused", actor=ACTOR, at=services.now(), details=told)


def _too_many(session: Session, row: Acknowledgement, services: Services) -> str | None:
    since = services.now() - _A_DAY
    gone = count_mails_to(session, row.address, since, besides=row.item_id, planned=False)
    return TOO_MANY if gone >= MOST_A_DAY else None
