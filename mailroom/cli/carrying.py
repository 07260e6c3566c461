"""Runs a worker in this process: slot, recovery of what its last holder had in hand, engine, duties.

Before: a command wants items carried. After: they are, until the block ends; leaving it lets what is in hand finish.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from mailroom import plugins
from mailroom.duties.heartbeats import beat
from mailroom.duties.recovery import carry_suspects_alone, count_deaths
from mailroom.duties.slots import free_slot
from mailroom.duties.timetable import duties_of_a_worker, keep_duties
from mailroom.services import Services


@contextmanager
def carrying(services: Services) -> Iterator[str | None]:
    """Carry items while the block runs, if a slot is free; gives the slot's name, or None where all are taken."""
    with free_slot(services.settings.data / "slots", services.settings.worker.slots) as slot:
        if slot is None:
            yield None
            return
        worker = plugins.load("mailroom.engine:worker")  # half a second that only those who carry items pay
        count_deaths(slot, services)
        beat(slot, services)
        carry_suspects_alone(slot, services)
        with worker(services, slot), _duties(slot, services):
            yield slot
        beat(slot, services, stopped=True)


@contextmanager
def _duties(slot: str, services: Services) -> Iterator[None]:
    stop = threading.Event()
    duties = duties_of_a_worker(slot, services)
    thread = threading.Thread(target=keep_duties, args=(duties, stop), name="duties", daemon=True)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()
