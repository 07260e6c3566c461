"""What every queue must keep: the engine's own, and the one in memory that stands in for it in other tests."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import text

from mailroom.engine import EngineQueue, prepare
from mailroom.ports import Queue
from mailroom.records.session import Records

A, B = ("a" * 32, 1), ("b" * 32, 1)


class _EngineWorker:
    """Takes runs in hand and ends them as the engine's worker does, by the engine's own rows."""

    def __init__(self, records: Records) -> None:
        self._records = records

    def _set(self, values: str, where: str) -> None:
        with self._records.connection() as connection:
            connection.execute(text(f"UPDATE workflow_status SET {values} WHERE {where}"))  # noqa: S608  # both are ours
            connection.commit()

    def carry(self, slot: str) -> None:
        self._set(f"status = 'PENDING', executor_id = '{slot}'", "status = 'ENQUEUED'")

    def end(self) -> None:
        self._set("status = 'SUCCESS', completed_at = 1", "status = 'PENDING'")


@pytest.fixture(params=["engine", "memory"])
def pair(request: pytest.FixtureRequest, records: Records, memory_queue: Queue) -> Iterator[tuple[Queue, Any]]:
    """A queue, and something that stands in for its workers."""
    if request.param == "memory":
        yield memory_queue, memory_queue
        return
    prepare(records.url)
    queue = EngineQueue(records.url)
    yield queue, _EngineWorker(records)
    queue.close()


@pytest.fixture
def enqueue(pair: tuple[Queue, Any], records: Records) -> Callable[..., None]:
    """Enqueues runs, each in a unit of work of its own that is committed."""

    def act(*runs: tuple[str, int]) -> None:
        for item_id, run in runs:
            with records.work() as session:
                pair[0].enqueue(session, item_id, run)
                session.commit()

    return act


def test_a_run_is_alive_from_the_commit_on(pair: tuple[Queue, Any], records: Records) -> None:
    queue, _ = pair
    with records.work() as session:
        queue.enqueue(session, *A)
        session.commit()
    assert queue.alive([A, B]) == {A}


def test_a_unit_of_work_that_is_not_committed_enqueues_nothing(pair: tuple[Queue, Any], records: Records) -> None:
    queue, _ = pair
    with records.work() as session:
        queue.enqueue(session, *A)
    with records.work() as session:
        queue.enqueue(session, *B)
        session.rollback()
        session.commit()
    assert queue.alive([A, B]) == set()


def test_the_same_run_twice_is_one(pair: tuple[Queue, Any], enqueue: Callable[..., None]) -> None:
    queue, worker = pair
    enqueue(A, A)
    worker.carry("worker-1")
    assert queue.in_flight(["worker-1"]) == [A]


def test_a_run_that_has_ended_does_not_begin_again(pair: tuple[Queue, Any], enqueue: Callable[..., None]) -> None:
    queue, worker = pair
    enqueue(A)
    worker.carry("worker-1")
    worker.end()
    enqueue(A)
    assert queue.alive([A]) == set()


def test_a_new_run_of_the_same_item_is_another(pair: tuple[Queue, Any], enqueue: Callable[..., None]) -> None:
    queue, worker = pair
    enqueue(A)
    worker.carry("worker-1")
    worker.end()
    enqueue((A[0], 2))
    assert queue.alive([A, (A[0], 2)]) == {(A[0], 2)}


def test_what_a_worker_has_in_hand_is_known_by_its_slot(pair: tuple[Queue, Any], enqueue: Callable[..., None]) -> None:
    queue, worker = pair
    enqueue(A)
    worker.carry("worker-1")
    enqueue(B)
    worker.carry("worker-2")
    assert queue.in_flight(["worker-1"]) == [A]
    assert set(queue.in_flight(["worker-1", "worker-2"])) == {A, B}
    assert queue.in_flight(["worker-3"]) == []
    assert queue.in_flight([]) == []
    assert queue.alive([A, B]) == {A, B}


def test_a_run_that_was_put_back_is_in_nobody_s_hand_and_alive(
    pair: tuple[Queue, Any], enqueue: Callable[..., None]
) -> None:
    queue, worker = pair
    enqueue(A, B)
    worker.carry("worker-1")
    queue.put_back([A])
    queue.put_back([])
    assert queue.alive([A, B]) == {A, B}
    assert queue.in_flight(["worker-1"]) == [B]


def test_a_worker_that_never_was_has_dropped_nothing(pair: tuple[Queue, Any], enqueue: Callable[..., None]) -> None:
    queue, _ = pair
    enqueue(A)
    assert queue.dropped("worker-9", datetime.now(UTC) + timedelta(days=1)) == []


def test_asking_after_nothing_finds_nothing(pair: tuple[Queue, Any]) -> None:
    assert pair[0].alive([]) == set()


def test_forgetting_what_has_ended_leaves_what_is_alive(pair: tuple[Queue, Any], enqueue: Callable[..., None]) -> None:
    queue, worker = pair
    enqueue(A)
    worker.carry("worker-1")
    worker.end()
    enqueue(B)
    queue.forget_finished(datetime.now(UTC) + timedelta(days=1))
    assert queue.alive([A, B]) == {B}
