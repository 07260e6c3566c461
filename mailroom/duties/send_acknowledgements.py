"""Sends what says that something came in, once the minutes in which it can be taken back are over (`send_due.py`)."""

from __future__ import annotations

from sqlalchemy.orm import Session

from mailroom.duties.send_due import Kind, send_due
from mailroom.journey.sender_told import note_told
from mailroom.records.tables import Acknowledgement
from mailroom.services import Services

ACTOR = "machine:acknowledge"


def send_acknowledgements(services: Services) -> int:
    """Send or queue what is due; return how many acknowledgements moved on."""
    return send_due(Kind(Acknowledgement, _gone), services)


def _gone(session: Session, row: Acknowledgement, services: Services) -> None:
    note_told(session, row, ACTOR, services)
