"""The bundle with the real engine's queue behind it, in the database of the test."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text

from mailroom.domain.capture import Capture
from mailroom.engine import EngineQueue, prepare
from mailroom.journey.receive import receive
from mailroom.records.alarms import alarms_raised
from mailroom.records.tables import Item
from mailroom.services import Services

sys.path.append(str(Path(__file__).parent))  # for `planting`

SLOT = "worker@test-1"


@pytest.fixture
def engaged(services: Services) -> Iterator[Services]:
    """The services, with the engine's own queue instead of the one in memory."""
    prepare(services.records.url)
    queue = EngineQueue(services.records.url)
    yield replace(services, queue=queue)
    queue.close()


@pytest.fixture
def second(data: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of second copies, which the services are told of that are built after this."""
    folder = data.parent / "second"
    monkeypatch.setenv("MAILROOM_SECOND_COPY__STORE", "local")
    monkeypatch.setenv("MAILROOM_SECOND_COPY__FOLDER", str(folder))
    return folder


@pytest.fixture
def first(data: Path) -> Path:
    """The folder of originals."""
    return data / "vault"


@pytest.fixture
def alarms(services: Services) -> Callable[[], dict[str, str]]:
    """Returns the sentences of the alarms that are raised by their subjects."""

    def look() -> dict[str, str]:
        with services.records.look() as session:
            return {alarm.subject: alarm.sentence for alarm in alarms_raised(session)}

    return look


@pytest.fixture
def letter(engaged: Services, capture: Callable[..., Capture], row: Callable[[str], Item]) -> Callable[[], Item]:
    """Hands in a letter and returns its row."""
    return lambda: row(receive(capture(b"Dear Council"), engaged).item_id)


@pytest.fixture
def taken_in_hand(engaged: Services) -> Callable[..., None]:
    """Lets a worker take all that waits in hand, as the engine notes it, and die."""

    def take(slot: str = SLOT) -> None:
        claim = "UPDATE workflow_status SET status = 'PENDING', executor_id = :slot, started_at_epoch_ms = 1 "
        _in_the_engine(engaged, claim + "WHERE status = 'ENQUEUED'", slot=slot)

    return take


@pytest.fixture
def gone_from_the_engine(engaged: Services) -> Callable[[], None]:
    """Lets the engine lose all its rows, as when only our own were restored from a backup."""
    return lambda: _in_the_engine(engaged, "DELETE FROM workflow_status")


@pytest.fixture
def row(engaged: Services) -> Callable[[str], Item]:
    """Returns the row of an item as it stands."""

    def look(item_id: str) -> Item:
        with engaged.records.look() as session:
            return session.get_one(Item, item_id)

    return look


@pytest.fixture
def waiting(engaged: Services) -> Callable[[], list[str]]:
    """Returns the ids of the runs that wait in the engine's queue."""

    def look() -> list[str]:
        with engaged.records.look() as session:
            found = session.execute(text("SELECT workflow_uuid FROM workflow_status WHERE status = 'ENQUEUED'"))
            return sorted(found.scalars())

    return look


def _in_the_engine(services: Services, statement: str, **values: str) -> None:
    engine = create_engine(services.records.url)
    with engine.begin() as connection:
        connection.execute(text(statement), values)
    engine.dispose()
