"""Heartbeats: each worker says that it lives; whoever finds one silent gives its items to the others."""

from __future__ import annotations

import logging
import socket
from datetime import timedelta

from sqlalchemy import select

from mailroom.duties.recovery import carry_suspects_alone, count_deaths
from mailroom.records.tables import WorkerSlot
from mailroom.services import Services

_log = logging.getLogger(__name__)


def beat(slot: str, services: Services, *, stopped: bool = False) -> None:
    """Say that the worker in this slot lives, or that it stops in good order."""
    with services.records.work() as session:
        row = WorkerSlot(name=slot, host=socket.gethostname(), heartbeat_at=services.now(), stopped=stopped)
        session.merge(row)
        session.commit()


def take_over_from_the_dead(slot: str, services: Services) -> list[str]:
    """Count a death against what silent workers had in hand and put it back into the queue; return their slots."""
    silent_since = services.now() - timedelta(seconds=services.settings.worker.dead_after_seconds)
    with services.records.look() as session:
        query = select(WorkerSlot.name).where(WorkerSlot.heartbeat_at < silent_since, WorkerSlot.name != slot)
        dead = [name for name in session.scalars(query) if services.queue.in_flight(name)]
    for name in dead:
        _log.warning("worker is silent", extra={"slot": name})
        runs = services.queue.in_flight(name)
        count_deaths(name, services)
        services.queue.give_to_others(runs)
    if dead:
        carry_suspects_alone(slot, services)
    return dead
