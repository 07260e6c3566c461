"""Heartbeats: each worker says that it lives; whoever finds one silent gives its items to the others.

Channels that run apart from workers say so, too, for whoever looks after the machines.
"""

from __future__ import annotations

import logging
from collections.abc import Collection
from datetime import timedelta

from sqlalchemy import delete, select

from mailroom.duties.recovery import send_on
from mailroom.records.tables import WorkerSlot
from mailroom.services import Services

_GONE_AFTER = timedelta(days=1)

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
    silent_since = services.now() - _patience(services)
    with services.records.look() as session:
        query = select(WorkerSlot.name).where(WorkerSlot.heartbeat_at < silent_since, WorkerSlot.name != slot)
        silent = session.scalars(query).all()
    runs = send_on(services.queue.in_flight(silent), services, died=True)
    _forget_gone(services)
    if runs:
        _log.warning("took over from silent workers", extra={"slots": list(silent), "runs": runs})
    return runs


def is_alive(slots: Collection[str], services: Services) -> bool:
    """Return whether something in one of these slots has lately said that it lives."""
    lately = WorkerSlot.heartbeat_at > services.now() - _patience(services)
    with services.records.look() as session:
        return session.scalar(select(WorkerSlot.name).where(WorkerSlot.name.in_(slots), lately).limit(1)) is not None


def _patience(services: Services) -> timedelta:
    return timedelta(seconds=services.settings.worker.dead_after_seconds)


def _forget_gone(services: Services) -> None:
    """Forget what has not lived for a day: containers come and go, each under a name of its own."""
    gone = WorkerSlot.heartbeat_at < services.now() - _GONE_AFTER
    with services.records.look() as session:
        if session.scalar(select(WorkerSlot.name).where(gone).limit(1)) is None:
            return
    with services.records.work() as session:
        session.execute(delete(WorkerSlot).where(gone))
        session.commit()
