"""Runs a worker in this process: recovery of what the slot's last holder had in hand, engine, duties.

Before: a command wants items carried. After: they are, until the block ends; leaving it lets what is in hand finish.
"""

from __future__ import annotations

import gc
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial

from sqlalchemy.exc import OperationalError

from mailroom import plugins
from mailroom.backup.daily import take_daily_backup
from mailroom.bootstrap.backups import records_copy
from mailroom.cli.asking import console
from mailroom.domain.errors import Misconfigured
from mailroom.duties.heartbeats import beat
from mailroom.duties.recovery import send_on
from mailroom.duties.slots import free_slot
from mailroom.duties.suspects import have_suspects_carried
from mailroom.duties.timetable import Duty, duties_of_a_machine, duties_of_a_worker, kept
from mailroom.services import Services

CARRY_SUSPECT = "carry-suspect"
"""The command that carries one suspect in a process of its own (`serve.py`)."""

_SUSPECTS_EVERY = 3.0
_LOOK_EVERY = 0.2


@contextmanager
def carrying(services: Services) -> Iterator[str | None]:
    """Carry items while the block runs, if a slot is free; gives the slot's name, or None where all are taken."""
    with free_slot(services.settings.data / "slots", services.settings.worker.slots) as slot:
        if slot is None:
            yield None
            return
        with carrying_in(slot, services):
            yield slot


@contextmanager
def carrying_in(slot: str, services: Services) -> Iterator[None]:
    """Carry items while the block runs, in a slot that this process holds.

    Raises:
        Misconfigured: a part that every item needs cannot be made, or the database cannot be written.
    """
    for part in (services.calendars, services.sandbox, services.classifier, services.fields):
        plugins.make_now(part)
    worker = plugins.load("mailroom.engine:worker")  # half a second that only those who carry items pay
    gc.collect()
    gc.freeze()  # what is loaded stays: the collector need not go through it again and again
    _first_beat(slot, services)
    send_on(services.queue.in_flight([slot]), services, died=True)
    try:
        with _duties(slot, services), worker(services, slot):  # the heart beats until the last item is through
            yield
    finally:
        _put_back(slot, services)


@contextmanager
def looking_after(slot: str, services: Services) -> Iterator[None]:
    """Look after the data directory while the block runs, and say that what runs here lives; nothing is carried."""
    _first_beat(slot, services)
    with kept(duties_of_a_machine(slot, services)):
        yield


def _put_back(slot: str, services: Services) -> None:
    try:
        send_on(services.queue.in_flight([slot]), services, died=False)
    except OperationalError:
        console.print(
            "Stopped while the database is away; nothing is lost. What was in hand goes on when this is started again, "
            f"or with another worker after {services.settings.worker.dead_after_seconds:.0f} seconds."
        )


def _first_beat(slot: str, services: Services) -> None:
    try:
        beat(slot, services)
    except OperationalError as fault:
        raise Misconfigured(
            f"The database cannot be written ({fault.orig}). Check rights and free space where it lies."
        ) from fault


@contextmanager
def _duties(slot: str, services: Services) -> Iterator[None]:
    leaving = threading.Event()
    suspects = Duty("suspects", partial(have_suspects_carried, partial(_apart, leaving), services), _SUSPECTS_EVERY)
    daily = Duty("backup", partial(take_daily_backup, services, records_copy(services.settings), leaving.is_set), 600)
    with kept([*duties_of_a_worker(slot, services), suspects, daily]):
        try:
            yield
        finally:
            leaving.set()


def _apart(leaving: threading.Event, item_id: str) -> None:
    """Carry a suspect in a process of its own; one that is still at it when we leave finishes its stage without us."""
    if leaving.is_set():
        return
    process = subprocess.Popen(  # noqa: S603  # this very interpreter, our own command and an id of ours
        [sys.executable, "-m", "mailroom", CARRY_SUSPECT, item_id], stdin=subprocess.DEVNULL, start_new_session=True
    )
    while process.poll() is None and not leaving.wait(_LOOK_EVERY):
        pass
