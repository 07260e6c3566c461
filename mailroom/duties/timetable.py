"""Which duty runs how often, in every worker; each is safe to run in several workers at once.

Those that look after the disk at hand are kept by whatever takes in or carries, wherever it runs.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from functools import partial

from sqlalchemy.exc import OperationalError

from mailroom.duties.half_written import clear_half_written
from mailroom.duties.hand_on import hand_on
from mailroom.duties.heads import seal_log
from mailroom.duties.heartbeats import beat, take_over_from_the_dead
from mailroom.duties.leftovers import clear_leftovers
from mailroom.duties.locks import keep_locked
from mailroom.duties.mail_alarms import mail_alarms
from mailroom.duties.mail_log import forget_old_answers
from mailroom.duties.mend import mend
from mailroom.duties.protection import try_protection
from mailroom.duties.room import watch_room
from mailroom.duties.scrub import scrub_by_night
from mailroom.duties.search_index import keep_search_index
from mailroom.duties.second_copy import copy_what_has_none
from mailroom.duties.send_acknowledgements import send_acknowledgements
from mailroom.duties.send_replies import send_replies
from mailroom.duties.sequence import sequence
from mailroom.duties.silent_channels import silent_channels
from mailroom.duties.sweep import forget_finished_runs, sweep
from mailroom.duties.take_up import clear_alarms, take_up
from mailroom.duties.withdraw_releases import withdraw_releases
from mailroom.services import Services

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Duty:
    """Something to do every so many seconds."""

    name: str
    act: Callable[[], object]
    seconds: float


def duties_of_a_worker(slot: str, services: Services) -> list[Duty]:
    """Return what a worker does by the clock."""
    worker = services.settings.worker
    return [
        *duties_of_a_machine(slot, services),
        Duty("sequence", partial(sequence, services), 1),
        Duty("take_over", partial(take_over_from_the_dead, slot, services), worker.dead_after_seconds / 4),
        Duty("take_up", partial(take_up, services), 1),
        Duty("clear_alarms", partial(clear_alarms, services), 10),
        Duty("sweep", partial(sweep, slot, services), worker.sweep_seconds),
        Duty("withdraw", partial(withdraw_releases, services), 10),
        Duty("acknowledge", partial(send_acknowledgements, services), 5),
        Duty("reply", partial(send_replies, services), 5),
        Duty("mail_alarms", partial(mail_alarms, services), 30),
        Duty("silent_channels", partial(silent_channels, services, services.now()), 600),
        Duty("forget", partial(forget_finished_runs, services), 600),
        Duty("heads", partial(seal_log, services), 3600),
        Duty("second_copy", partial(copy_what_has_none, services), 2),
        Duty("mend", partial(mend, services), 10),
        Duty("scrub", partial(scrub_by_night, services), 1),
        Duty("locks", partial(keep_locked, services), 60),
        Duty("protection", partial(try_protection, services), 24 * 3600),
        Duty("half_written", partial(clear_half_written, services), 24 * 3600),
        Duty("search_index", partial(keep_search_index, services), 10),
    ]


def duties_of_a_machine(slot: str, services: Services) -> list[Duty]:
    """Return what every process that takes in or carries does for its own data directory, by the clock."""
    return [
        Duty("beat", partial(beat, slot, services), services.settings.worker.dead_after_seconds / 10),
        Duty("hand_on", partial(hand_on, services), 5),
        Duty("mail_log", partial(forget_old_answers, services), 3600),
        Duty("room", partial(watch_room, services), 30),
        Duty("leftovers", partial(clear_leftovers, services), 3600),
    ]


def kept(duties: Sequence[Duty]) -> AbstractContextManager[None]:
    """Keep the duties while the block runs, each in a thread of its own, so that none waits for another."""
    return beside([(duty.name, partial(_keep, duty)) for duty in duties])


@contextmanager
def beside(works: Sequence[tuple[str, Callable[[threading.Event], None]]]) -> Iterator[None]:
    """Do these works while the block runs, each in a thread of its name; at its end they are told to stop, and awaited.

    Args:
        works: name and act of each; the act returns soon after the event that it is given has been set.
    """
    stop = threading.Event()
    threads = [threading.Thread(target=act, args=(stop,), name=name, daemon=True) for name, act in works]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        stop.set()
        for thread in threads:
            thread.join()


def _keep(duty: Duty, stop: threading.Event) -> None:
    while not stop.is_set():
        try:
            duty.act()
        except Exception as fault:  # noqa: BLE001  # a duty that fails now must be tried again the next time it is due
            _tell(duty, fault)
        stop.wait(duty.seconds)


def _tell(duty: Duty, fault: Exception) -> None:
    """Log what went wrong; where the database is away a line will do, for every duty has it to say all the time."""
    if isinstance(fault, OperationalError) and _is_away(fault):
        said = str(fault.orig).partition("\n")[0]
        _log.warning("duty could not use the database and is tried again", extra={"duty": duty.name, "said": said})
    else:
        _log.error("duty failed", extra={"duty": duty.name}, exc_info=fault)


def _is_away(fault: OperationalError) -> bool:
    """Return whether the server broke the connection off, or let none begin: whatever else it says has a code."""
    return fault.connection_invalidated or getattr(fault.orig, "sqlstate", "") is None
