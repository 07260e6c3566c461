from __future__ import annotations

import threading
import time

from mailroom.duties.timetable import Duty, duties_of_a_worker, keep_duties
from mailroom.services import Services


def keep(duties: list[Duty], seconds: float) -> None:
    stop = threading.Event()
    threading.Timer(seconds, stop.set).start()
    keep_duties(duties, stop)


def test_a_duty_that_fails_keeps_no_other_from_being_done() -> None:
    done: list[str] = []
    keep([Duty("broken", lambda: 1 / 0, 0.05), Duty("whole", lambda: done.append("whole"), 0.05)], 0.3)
    assert len(done) >= 2


def test_a_duty_is_done_as_often_as_it_says() -> None:
    done: list[float] = []
    keep([Duty("often", lambda: done.append(time.monotonic()), 0.2)], 1.1)
    assert 4 <= len(done) <= 6


def test_every_worker_beats_several_times_before_it_is_taken_for_dead(services: Services) -> None:
    every = {duty.name: duty.seconds for duty in duties_of_a_worker("worker@test-1", services)}
    assert every["beat"] * 5 <= services.settings.worker.dead_after_seconds
