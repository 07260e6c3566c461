"""Proves that the ledger balances to zero and that what it promises is there, or names what is not."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sqlalchemy.orm import Session

from mailroom.records.ledger import Days, lines, missing, sources
from mailroom.records.session_log import COPIED, DELIVERED, YES, answers_in
from mailroom.services import Services


def reconcile(services: Services) -> dict[str, Any]:
    """Return `channels`, the `difference` (0 when nothing is astray) and what is `missing`, each as a sentence."""
    with services.records.look() as session:
        channels, astray = lines(session, Days()), [*missing(session), *_answered_and_gone(session, services)]
    difference = sum(
        line["received"] - line["captured"] - line["waiting"] - line["exceptions"] - line["refused"]
        for line in channels.values()
    )
    return {"channels": channels, "difference": difference, "missing": astray}


def _answered_and_gone(session: Session, services: Services) -> Iterator[str]:
    """Name the messages that a mail server was told are ours, and that the ledger knows nothing of."""
    known = sources(session, DELIVERED) | sources(session, COPIED)
    for line in answers_in(services.settings.data):
        if line.answer == YES and line.source not in known:
            yield f"a message of {line.size} bytes was taken from {line.client} at {line.at} and is not on the ledger"
