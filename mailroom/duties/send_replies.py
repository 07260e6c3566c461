"""Sends what a team has answered, once the minutes in which it can be taken back are over (`send_due.py`)."""

from __future__ import annotations

from sqlalchemy.orm import Session

from mailroom.duties.send_due import Kind, send_due
from mailroom.journey.question import is_question
from mailroom.journey.reply_gone import note_gone
from mailroom.records.tables import Reply
from mailroom.services import Services

ACTOR = "machine:reply"


def send_replies(services: Services) -> int:
    """Send or queue what is due; return how many replies moved on."""
    return send_due(Kind(Reply, _gone, unsettled=is_question), services)


def _gone(session: Session, row: Reply, services: Services) -> None:
    note_gone(session, row, ACTOR, services)
