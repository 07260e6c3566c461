"""The post room's queue with 10 000 exceptions among 100 000 items: what it asks of the database."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, closing
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from query_plans import plan_of, questions, values_of
from sqlalchemy import insert

from mailroom.desk.queues import waiting
from mailroom.desk.taking import next_for
from mailroom.domain.access import Viewer
from mailroom.domain.capture import Channel
from mailroom.domain.decision import Sensitivity
from mailroom.domain.items import ItemState
from mailroom.ports import Queue
from mailroom.records.session import Records
from mailroom.records.tables import Base, Case, Clock, Item
from mailroom.services import Services

CONFIG = Path(__file__).parents[3] / "config"
EXCEPTIONS, ALL = 10_000, 100_000


@pytest.fixture(autouse=True)
def in_balance() -> None:
    """Nothing of this came in at the door."""


@pytest.fixture(autouse=True)
def counted_all_along() -> None:
    """Nothing of this happened by anybody's act."""


@pytest.fixture(scope="module")
def crowded(
    request: pytest.FixtureRequest,
    new_database: Callable[[Path, str], AbstractContextManager[str]],
    open_services: Callable[..., AbstractContextManager[Services]],
    make_clock: Callable[[], Callable[[], datetime]],
    make_queue: Callable[[], Queue],
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Services]:
    """One mailroom for all these tests."""
    data, kind = tmp_path_factory.mktemp("crowded"), request.config.getoption("--on")
    with new_database(data, kind) as url, closing(Records(url)) as records, pytest.MonkeyPatch.context() as told:
        told.setenv("MAILROOM_DATA", str(data))
        told.setenv("MAILROOM_CONFIG", str(CONFIG))
        with open_services(records, make_clock(), make_queue()) as services:
            told.undo()
            put_down(services)
            if not records.embedded:  # which learns by itself what it holds, a little later
                request.getfixturevalue("database_server").tell("ANALYZE", database=url.rpartition("/")[2])
            yield services


@pytest.fixture
def services(crowded: Services) -> Services:
    return crowded


def put_down(services: Services) -> None:
    """Put 10 000 exceptions with their cases and 90 000 captured items down."""
    now = services.now()
    exceptions = [_item(n, ItemState.EXCEPTION, services) for n in range(EXCEPTIONS)]
    others = [_item(n, ItemState.CAPTURED, services) for n in range(EXCEPTIONS, ALL)]
    cases = [
        {
            "id": f"case-{item['id']}",
            "reference": item["reference"],
            "opened_for": item["id"],
            "case_type": "unsorted",
            "team": "post_room",
            "owner": "team:post_room",
            "opened_at": now,
        }
        for item in exceptions
    ]
    clocks = [_clock(item, case) for item, case in zip(exceptions, cases, strict=True)]
    for item, case in zip(exceptions, cases, strict=True):
        item["case_id"] = case["id"]
    _put(services, (Case, cases), (Item, exceptions + others), (Clock, clocks))


def _put(services: Services, *rows: tuple[type[Base], Sequence[dict[str, Any]]]) -> None:
    with services.records.work() as session:
        for kind, values in rows:
            session.execute(insert(kind), values)
        session.commit()


def _item(number: int, state: ItemState, services: Services) -> dict[str, Any]:
    received = services.now() - timedelta(minutes=number % 5000)
    return {
        "id": f"{number * 7919 % ALL:032x}",
        "reference": f"HD-26-{number:06}-A",
        "channel": Channel.POST,
        "file_name": "scan.pdf",
        "received_at": received,
        "receipt_assumed": False,
        "taken_at": received,
        "changed_at": received,
        "state": state,
        "cause": "unsure" if number % 3 else "no_text",
        "sensitivity": Sensitivity.LIMITED if number % 10 == 0 else Sensitivity.NORMAL,
        "settled": state is ItemState.CAPTURED,
        "precedence": 0 if number % 50 == 0 else 1,
        "case_id": None,
        "due_at": received + timedelta(days=1),
    }


def _clock(item: dict[str, Any], case: dict[str, Any]) -> dict[str, Any]:
    started, due = item["received_at"], item["due_at"]
    return {"case_id": case["id"], "name": "capture", "statutory": False, "started_at": started, "due_at": due}


def test_a_page_is_its_part_of_the_whole_queue_and_asks_for_no_other_items(clerk: Viewer, services: Services) -> None:
    with questions() as asked:
        shown = waiting(clerk, services, page=3, size=25)
    named = {one for question in asked for one in values_of(question) if isinstance(one, str) and len(one) == 32}
    assert named == {line["item"] for line in shown}
    assert shown == waiting(clerk, services)[50:75]


def test_the_queue_is_read_in_the_order_of_its_index_and_never_sorted(clerk: Viewer, services: Services) -> None:
    with questions() as asked:
        next_for(clerk, services)
    question = next(one for one in asked if "ORDER BY item.precedence" in one[0])
    steps = plan_of(question, services.records, of_few=False)
    assert any("item_in_queue" in step for step in steps), steps
    assert not any("ORDER BY" in step or "Sort" in step for step in steps), steps
