"""What every case system must keep: ours, and each that an installed package registers (`case_systems.py`)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from case_systems import OURS, Place
from contenders import contenders
from sqlalchemy import select

from mailroom.crm import BUILTIN
from mailroom.domain.capture import Capture, Channel
from mailroom.domain.errors import Transient
from mailroom.ports import CaseRequest
from mailroom.records.cases import put_case
from mailroom.records.items import add_item
from mailroom.records.session import Records
from mailroom.records.tables import Item

NOW = datetime(2026, 11, 16, 10, tzinfo=UTC)
FIRST = CaseRequest("1:open_case", "HD-26-000001-L", "foi", "Request", "planning", NOW, None, {"sender_name": "Bell"})
SECOND = replace(FIRST, key="2:open_case", reference="HD-26-000002-C")
MAKERS = contenders("crm", OURS)
Open = Callable[[CaseRequest], str]


@pytest.fixture(params=sorted(MAKERS))
def place(request: pytest.FixtureRequest, records: Records, tmp_path: Path) -> Place:
    folder = tmp_path / "outside"
    folder.mkdir()
    return MAKERS[request.param](records, folder)


@pytest.fixture
def open_case(place: Place, records: Records) -> Open:
    """Does what the journey does: tells the case system through a new connector, then writes our own record."""

    def act(request: CaseRequest) -> str:
        reference = place.connect().open_case(request)
        put_ours(records, request)
        return reference

    return act


def put_ours(records: Records, request: CaseRequest) -> None:
    with records.work() as session:
        item = session.scalars(select(Item).where(Item.reference == request.reference)).first()
        if item is None:
            capture = Capture(spooled=None, channel=Channel.POST, source=request.key, received_at=NOW)  # type: ignore[arg-type]  # never opened
            item = add_item(session, capture, prefix="HD", now=NOW, first_stage="open_case")
            assert item.reference == request.reference
        put_case(session, item, request.case_type, request.team, f"team:{request.team}", NOW)
        session.commit()


def test_each_of_ours_is_put_to_the_test() -> None:
    assert set(OURS) == set(BUILTIN)


def test_a_case_is_kept_there_as_it_was_told(place: Place, open_case: Open) -> None:
    reference = open_case(FIRST)
    assert isinstance(reference, str)
    assert reference.strip() == reference != ""
    found = place.find(reference)
    assert found is not None
    assert (found["reference"], found["case_type"], found["team"]) == (FIRST.reference, FIRST.case_type, FIRST.team)
    assert place.count() == 1


def test_the_same_key_is_the_same_case_also_for_a_process_that_starts_anew(place: Place, open_case: Open) -> None:
    assert open_case(FIRST) == open_case(FIRST) == open_case(replace(FIRST, team="housing", due_at=NOW))
    assert place.count() == 1


def test_a_request_that_is_repeated_before_we_wrote_it_down_is_not_a_second_case(place: Place, open_case: Open) -> None:
    lost = place.connect().open_case(FIRST)
    assert open_case(FIRST) == lost
    assert place.count() == 1


def test_a_changed_request_brings_the_case_up_to_date(place: Place, open_case: Open) -> None:
    open_case(FIRST)
    found = place.find(open_case(replace(FIRST, case_type="sar", team="housing")))
    assert found is not None
    assert (found["case_type"], found["team"]) == ("sar", "housing")


def test_index_data_that_are_told_no_more_are_kept_there_no_more(place: Place, open_case: Open) -> None:
    """An item that turns out to concern somebody at risk is asked for again without index data: the name must go."""
    open_case(FIRST)
    found = place.find(open_case(replace(FIRST, index={})))
    assert found is not None
    assert dict(found["index"]) == {}


def test_another_item_is_another_case(place: Place, open_case: Open) -> None:
    assert open_case(FIRST) != open_case(SECOND)
    assert place.count() == 2


def test_a_case_is_open_until_it_is_closed_there(place: Place, open_case: Open) -> None:
    first, second = open_case(FIRST), open_case(SECOND)
    assert place.connect().status(first) == "open"
    place.close(first)
    assert place.connect().status(first) == "closed"
    assert place.connect().status(second) == "open"


def test_a_case_that_nobody_opened_has_no_status(place: Place) -> None:
    assert place.connect().status("HD-26-999999-X") is None
    assert place.find("HD-26-999999-X") is None
    assert place.count() == 0


def test_a_system_that_cannot_be_reached_is_waited_for_and_loses_nothing(place: Place, open_case: Open) -> None:
    away = place.cut_off()
    if away is None:
        pytest.skip("it can always be reached")
    connected = place.connect()
    with away, pytest.raises(Transient):
        connected.open_case(FIRST)
    assert place.find(open_case(FIRST)) is not None
    assert place.count() == 1
