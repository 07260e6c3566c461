"""Which duty runs how often, in every worker; each is safe to run in several workers at once."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

from mailroom.duties.heartbeats import beat, take_over_from_the_dead
from mailroom.duties.leftovers import clear_leftovers
from mailroom.duties.mail_alarms import mail_alarms
from mailroom.duties.send_acknowledgements import send_acknowledgements
from mailroom.duties.sequence import sequence
from mailroom.duties.sweep import forget_finished_runs, sweep
from mailroom.services import Services

_log = logging.getLogger(__name__)
_LONGEST_NAP = 0.5


@dataclass(slots=True)
class Duty:
    """Something to do every so many seconds, and when it is due next (monotonic seconds)."""

    name: str
    act: Callable[[], object]
    seconds: float
    due: float = 0.0


def duties_of_a_worker(slot: str, services: Services) -> list[Duty]:
    """Return what a worker does by the clock."""
    worker = services.settings.worker
    return [
        Duty("sequence", partial(sequence, services), 1),
        Duty("beat", partial(beat, slot, services), worker.dead_after_seconds / 10),
        Duty("take_over", partial(take_over_from_the_dead, slot, services), worker.dead_after_seconds / 4),
        Duty("sweep", partial(sweep, slot, services), worker.sweep_seconds),
        Duty("acknowledge", partial(send_acknowledgements, services), 5),
        Duty("mail_alarms", partial(mail_alarms, services), 30),
        Duty("forget", partial(forget_finished_runs, services), 600),
        Duty("leftovers", partial(clear_leftovers, services), 3600),
    ]


def keep_duties(duties: Sequence[Duty], stop: threading.Event) -> None:
    """Do each duty when it is due, until told to stop."""
    while not stop.is_set():
        for duty in duties:
            if time.monotonic() >= duty.due:
                _do(duty)
        stop.wait(max(0.0, min(_LONGEST_NAP, min(duty.due for duty in duties) - time.monotonic())))


def _do(duty: Duty) -> None:
    duty.due = time.monotonic() + duty.seconds
    try:
        duty.act()
    except Exception:  # noqa: BLE001  # the duties' own loop: one that fails now must not keep the others from being done
        _log.exception("duty failed", extra={"duty": duty.name})
