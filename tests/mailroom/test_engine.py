"""The engine behind its port, the real one: what is enqueued with a row, carried, found again and forgotten."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from database_server import ON_SQLITE
from sqlalchemy import select, text

from mailroom.domain.capture import Capture
from mailroom.domain.errors import Transient
from mailroom.engine import EngineQueue, prepare, worker
from mailroom.journey.receive import receive
from mailroom.journey.travel import STAGES
from mailroom.records.tables import Counter, Item
from mailroom.services import Services

SLOT = "worker@test-1"


@pytest.fixture
def queue(services: Services) -> Iterator[EngineQueue]:
    prepare(services.records.url)
    made = EngineQueue(services.records.url)
    yield made
    made.close()


def runs_known(services: Services) -> list[str]:
    with services.records.look() as session:
        return sorted(session.execute(text("SELECT workflow_uuid FROM workflow_status")).scalars())


def test_row_and_run_are_one_commit(services: Services, queue: EngineQueue) -> None:
    with services.records.work() as session:
        session.add(Counter(series="kept", value=1))
        queue.enqueue(session, "item", 1)
        assert runs_known(services) == []
        session.commit()
    assert runs_known(services) == ["item:1"]
    assert queue.alive([("item", 1), ("item", 2)]) == {("item", 1)}


def test_a_rollback_leaves_neither_row_nor_run(services: Services, queue: EngineQueue) -> None:
    with services.records.work() as session:
        session.add(Counter(series="gone", value=1))
        queue.enqueue(session, "item", 1)
        session.flush()
    with services.records.look() as session:
        assert session.get(Counter, "gone") is None
    assert runs_known(services) == []


def test_the_same_run_enqueued_twice_is_one_run(services: Services, queue: EngineQueue) -> None:
    for _ in range(2):
        with services.records.work() as session:
            queue.enqueue(session, "item", 1)
            session.commit()
    assert runs_known(services) == ["item:1"]


def test_a_run_of_another_version_is_not_alive(
    services: Services, queue: EngineQueue, monkeypatch: pytest.MonkeyPatch
) -> None:
    with services.records.work() as session:
        queue.enqueue(session, "item", 1)
        session.commit()
    monkeypatch.setattr("mailroom.engine.APPLICATION_VERSION", "2")
    assert queue.alive([("item", 1)]) == set()


def test_nothing_in_hand_is_asked_for_and_put_back_without_harm(queue: EngineQueue) -> None:
    assert queue.alive([]) == set()
    assert queue.in_flight([]) == []
    assert queue.in_flight([SLOT]) == []
    queue.put_back([])
    queue.forget_finished(datetime.now(UTC))


def test_a_worker_carries_items_to_their_end_and_what_has_ended_can_be_forgotten(
    services: Services, queue: EngineQueue, capture: Callable[..., Capture]
) -> None:
    engaged = replace(services, queue=queue)
    items = [receive(capture(f"Dear Council {number}".encode()), engaged).item_id for number in range(3)]
    with worker(engaged, SLOT):
        wait_until(lambda: not under_way(engaged))
    assert queue.in_flight([SLOT]) == []
    queue.forget_finished(datetime.now(UTC) - timedelta(hours=1))
    assert runs_known(engaged) == sorted(f"{item}:1" for item in items)
    queue.forget_finished(datetime.now(UTC) + timedelta(seconds=1))
    assert runs_known(engaged) == []


def test_a_run_that_was_overtaken_ends_without_a_trace(
    services: Services, queue: EngineQueue, capture: Callable[..., Capture]
) -> None:
    engaged = replace(services, queue=queue)
    item_id = receive(capture(b"Dear Council"), engaged).item_id
    with engaged.records.work() as session:
        session.get_one(Item, item_id).run = 2
        session.commit()
    with worker(engaged, SLOT):
        wait_until(lambda: queue.alive([(item_id, 1)]) == set())
    with engaged.records.look() as session:
        assert session.get_one(Item, item_id).next_stage == "unpack"


def test_items_that_wait_for_something_outside_keep_no_place_from_those_behind_them(
    services: Services, queue: EngineQueue, capture: Callable[..., Capture], monkeypatch: pytest.MonkeyPatch
) -> None:
    engaged = replace(services, queue=queue)
    blocked = [receive(capture(f"Dear Council {n}".encode()), engaged).item_id for n in range(3)]
    real = STAGES["open_case"]

    def open_case(item_id: str, given: Services) -> None:
        if item_id in blocked:
            raise Transient("The case system cannot be reached.")
        real(item_id, given)

    monkeypatch.setattr("mailroom.journey.travel.STAGES", {**STAGES, "open_case": open_case})
    free = receive(capture(b"Dear Council"), engaged).item_id
    with worker(engaged, SLOT):
        wait_until(lambda: under_way(engaged) == set(blocked) and queue.in_flight([SLOT]) == [])
    with engaged.records.look() as session:
        assert {item.attempts for item in session.scalars(select(Item).where(Item.id != free))} == {1}
        assert session.get_one(Item, free).next_stage is None


@ON_SQLITE
def test_a_worker_opens_no_port_and_calls_nobody(services: Services, queue: EngineQueue) -> None:
    before = tcp_sockets()
    with worker(replace(services, queue=queue), SLOT):
        time.sleep(1)
        assert tcp_sockets() <= before


def tcp_sockets() -> set[str]:
    """Return the TCP and UDP sockets of this process, by their numbers in the kernel."""
    ours = {str(place.readlink()) for place in Path("/proc/self/fd").iterdir() if place.is_symlink()}
    tables = [Path("/proc/self/net") / kind for kind in ("tcp", "tcp6", "udp", "udp6")]
    numbers = {line.split()[9] for table in tables for line in table.read_text().splitlines()[1:]}
    return {number for number in numbers if f"socket:[{number}]" in ours}


def under_way(services: Services) -> set[str]:
    with services.records.look() as session:
        return set(session.scalars(select(Item.id).where(Item.next_stage.is_not(None))))


def wait_until(ready: Callable[[], bool]) -> None:
    end = time.monotonic() + 60
    while not ready():
        assert time.monotonic() < end
        time.sleep(0.05)
