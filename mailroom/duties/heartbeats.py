"""Heartbeats: each worker says that it lives; whoever finds one silent gives its items to the others."""

from __future__ import annotations

import logging
from datetime import timedelta

from sqlalchemy import select

from mailroom.duties.recovery import send_on
from mailroom.records.tables import WorkerSlot
from mailroom.services import Services

_log = logging.getLogger(__name__)


def beat(slot: str, services: Services) -> None:
    """Say that the worker in this slot lives."""
    with services.records.work() as session:
        session.merge(WorkerSlot(name=slot, heartbeat_at=services.now()))
        session.commit()


def take_over_from_the_dead(slot: str, services: Services) -> int:
    """Send on what silent workers had in hand; return how many runs that were.

    A worker that is only frozen finds its runs overtaken when it wakes up, and changes nothing.
    """
    silent_since = services.now() - timedelta(seconds=services.settings.worker.dead_after_seconds)
    with services.records.look() as session:
        query = select(WorkerSlot.name).where(WorkerSlot.heartbeat_at < silent_since, WorkerSlot.name != slot)
        silent = session.scalars(query).all()
    runs = send_on(services.queue.in_flight(silent), services, died=True)
    if runs:
        _log.warning("took over from silent workers", extra={"slots": list(silent), "runs": runs})
    return runs
