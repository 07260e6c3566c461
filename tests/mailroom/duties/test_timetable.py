from __future__ import annotations

import sqlite3
import time

import psycopg
import pytest
from sqlalchemy.exc import OperationalError

from mailroom.duties.timetable import Duty, duties_of_a_worker, kept
from mailroom.services import Services


def test_a_duty_that_fails_keeps_no_other_from_being_done_and_is_tried_again() -> None:
    tried: list[str] = []
    done: list[str] = []

    def fail() -> None:
        tried.append("")
        raise OSError("no room")

    with kept([Duty("broken", fail, 0.05), Duty("whole", lambda: done.append(""), 0.05)]):
        time.sleep(0.5)
    assert min(len(tried), len(done)) >= 2


def test_while_the_database_is_away_each_duty_says_so_in_a_line(caplog: pytest.LogCaptureFixture) -> None:
    def ask() -> None:
        raise OperationalError("SELECT 1", {}, psycopg.OperationalError("connection refused\nIs the server running?"))

    with kept([Duty("curious", ask, 60)]):
        time.sleep(0.1)
    [line] = [one for one in caplog.records if vars(one).get("duty") == "curious"]
    assert (line.exc_info, vars(line)["said"]) == (None, "connection refused")


@pytest.mark.parametrize("said", [psycopg.errors.DiskFull("no space left"), sqlite3.OperationalError("disk I/O error")])
def test_whatever_else_the_database_says_is_told_with_where_it_was_asked(
    said: Exception, caplog: pytest.LogCaptureFixture
) -> None:
    def ask() -> None:
        raise OperationalError("SELECT 1", {}, said)

    with kept([Duty("curious", ask, 60)]):
        time.sleep(0.1)
    [line] = [one for one in caplog.records if vars(one).get("duty") == "curious"]
    assert line.exc_info is not None


def test_a_duty_that_takes_long_keeps_no_other_waiting() -> None:
    hearts: list[float] = []
    with kept([Duty("long", lambda: time.sleep(0.6), 60), Duty("beat", lambda: hearts.append(time.monotonic()), 0.1)]):
        time.sleep(0.5)
    assert len(hearts) >= 3


def test_no_duty_is_done_any_more_afterwards() -> None:
    done: list[str] = []
    with kept([Duty("often", lambda: done.append(""), 0.01)]):
        time.sleep(0.1)
    number = len(done)
    time.sleep(0.1)
    assert len(done) == number >= 1


def test_every_worker_beats_several_times_before_it_is_taken_for_dead(services: Services) -> None:
    every = {duty.name: duty.seconds for duty in duties_of_a_worker("worker@test-1", services)}
    assert every["beat"] * 5 <= services.settings.worker.dead_after_seconds
