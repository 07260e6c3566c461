"""Cases and the clocks that begin with receipt."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from mailroom.domain.capture import Receipt
from mailroom.domain.decision import Sensitivity
from mailroom.domain.errors import Transient
from mailroom.journey.open_case import open_case
from mailroom.ports import CaseRequest
from mailroom.records.cases import running_clocks
from mailroom.records.items import start_again
from mailroom.records.tables import Case, Item
from mailroom.services import Services

Deliver = Callable[..., Receipt]
Travel = Callable[..., Item]
Step = Callable[[timedelta], None]
Settle = Callable[[str, str], None]
MONDAY_MORNING = datetime(2026, 11, 16, 10, 0, tzinfo=UTC)
END_OF = {"hour": 23, "minute": 59, "second": 59}


def due(item: Item) -> dict[str, datetime]:
    assert item.case is not None
    return {clock.name: clock.due_at for clock in running_clocks(item.case)}


@pytest.fixture
def settled(deliver: Deliver, travel: Travel, settle: Settle) -> Callable[..., Item]:
    """Makes an item that a person has settled as this case type, through its journey."""

    def make(case_type: str, received_at: datetime = MONDAY_MORNING) -> Item:
        item = travel(deliver(b"Dear Sir\n\nWords.\n", received_at=received_at).item_id)
        settle(item.id, case_type)
        return travel(item.id)

    return make


def test_a_freedom_of_information_request_is_due_after_twenty_working_days(settled: Callable[..., Item]) -> None:
    # 30 November is a bank holiday in Scotland, so it is no working day of the Act (s10(6))
    assert due(settled("foi"))["foi_20wd"] == datetime(2026, 12, 15, **END_OF, tzinfo=UTC)


def test_a_subject_access_request_is_due_within_one_month(settled: Callable[..., Item]) -> None:
    clocks = due(settled("sar"))
    assert datetime(2026, 12, 16, **END_OF, tzinfo=UTC) in clocks.values()


def test_a_complaint_is_to_be_acknowledged_within_five_working_days(settled: Callable[..., Item]) -> None:
    assert due(settled("complaint_stage_1"))["complaint_acknowledge_5wd"] == datetime(
        2026, 11, 23, **END_OF, tzinfo=UTC
    )


def test_clocks_run_from_receipt_and_not_from_the_moment_of_reading(settled: Callable[..., Item]) -> None:
    last_week = MONDAY_MORNING - timedelta(days=7)
    item = settled("foi", received_at=last_week)
    assert due(item)["foi_20wd"] == datetime(2026, 12, 8, **END_OF, tzinfo=UTC)
    assert item.case is not None
    assert {clock.started_at for clock in item.case.clocks} == {last_week}


def test_the_capture_clock_is_met_when_the_case_is_opened(settled: Callable[..., Item]) -> None:
    item = settled("foi")
    assert item.case is not None
    met = {clock.name for clock in item.case.clocks if clock.met_at and not clock.replaced_at}
    assert met == {"capture_one_working_day"}


def test_an_exception_has_a_case_that_the_post_room_owns(deliver: Deliver, travel: Travel) -> None:
    item = travel(deliver(b"").item_id)
    assert item.case is not None
    assert (item.case.case_type, item.case.team, item.case.owner) == ("unsorted", "post_room", "team:post_room")
    assert item.case.reference == item.reference
    assert due(item)["capture_one_working_day"] == datetime(2026, 11, 17, 17, 0, tzinfo=UTC)


def test_settling_keeps_the_case_and_the_clock_that_was_met(
    services: Services, deliver: Deliver, travel: Travel, step: Step, settle: Settle
) -> None:
    item = travel(deliver(b"Dear Sir\n\nWords.\n").item_id)
    assert item.case is not None
    opened = item.case.opened_at
    step(timedelta(days=3))
    settle(item.id, "foi")
    again = travel(item.id)
    assert again.case is not None
    assert (again.case_id, again.case.opened_at) == (item.case_id, opened)
    assert (again.case.case_type, again.case.owner) == ("foi", f"team:{services.catalogue.services['foi'].team}")
    capture = next(clock for clock in again.case.clocks if clock.name == "capture_one_working_day")
    assert capture.met_at == opened
    with services.records.look() as session:
        assert len(session.scalars(select(Case)).all()) == 1


def test_a_change_of_type_replaces_the_clocks_of_the_old_one_and_keeps_them_on_record(
    settled: Callable[..., Item], travel: Travel, settle: Settle
) -> None:
    item = settled("foi")
    settle(item.id, "council_tax_refund")
    again = travel(item.id)
    assert again.case is not None
    assert "foi_20wd" not in due(again)
    assert [c.name for c in again.case.clocks if c.replaced_at is not None and c.name == "foi_20wd"] == ["foi_20wd"]


def test_a_kind_that_asks_nothing_of_us_is_closed_at_once(settled: Callable[..., Item]) -> None:
    item = settled("junk")
    assert item.case is not None
    assert (item.state, item.next_stage, item.case.outcome) == ("captured", None, "advertising")
    assert item.case.closed_at is not None
    assert all(clock.met_at for clock in running_clocks(item.case))


def test_a_kind_that_closes_with_a_word_is_closed_once_the_sender_will_be_told(settled: Callable[..., Item]) -> None:
    item = settled("not_ours_highways")
    assert item.case is not None
    assert (item.state, item.case.outcome) == ("captured", "signposted")


@pytest.mark.parametrize("case_type", ["junk", "not_ours_highways"])
def test_a_closed_case_keeps_its_date_when_a_run_goes_over_it(
    services: Services, settled: Callable[..., Item], travel: Travel, step: Step, case_type: str
) -> None:
    item = settled(case_type)
    assert item.case is not None
    step(timedelta(days=2))
    with services.records.work() as session:
        start_again(session.get_one(Item, item.id), "open_case", services.now())
        session.commit()
    again = travel(item.id)
    assert again.case is not None
    assert again.case.closed_at == item.case.closed_at


class _Crm:
    def __init__(self) -> None:
        self.asked: list[CaseRequest] = []

    def open_case(self, request: CaseRequest) -> str:
        self.asked.append(request)
        return f"CRM-{request.key}"

    def status(self, reference: str) -> str | None:
        return None


def test_the_case_system_gets_the_same_key_at_every_run_and_no_index_data_of_unsettled_items(
    services: Services, deliver: Deliver, travel: Travel, settle: Settle, foi_letter: str
) -> None:
    crm = _Crm()
    connected = replace(services, crm=crm)
    item = travel(deliver(foi_letter.encode()).item_id, using=connected)
    unsure = travel(deliver(b"12 Hill Road\nHarrowdale\nHD2 3AB\n\nDear Sir\n\nWords.\n").item_id, using=connected)
    settle(item.id, "complaint_stage_1")
    travel(item.id, using=connected)
    first, doubtful, second = crm.asked
    assert first.key == second.key == f"{item.id}:open_case"
    assert first.index["sender_postcode"] == "HD2 3AB"
    assert (doubtful.index, doubtful.case_type) == ({}, "unsorted")
    assert doubtful.key == f"{unsure.id}:open_case"
    assert first.due_at == datetime(2026, 11, 17, 17, 0, tzinfo=UTC)
    assert travel(item.id).case.outside_reference == f"CRM-{item.id}:open_case"  # type: ignore[union-attr]  # it has one


def test_a_limited_item_is_told_to_the_case_system_without_what_it_is_about(
    services: Services, deliver: Deliver, travel: Travel, settle: Settle
) -> None:
    crm = _Crm()
    item = travel(deliver(b"12 Hill Road\nHarrowdale\nHD2 3AB\n\nDear Sir\n\nWords.\n").item_id)
    settle(item.id, "safeguarding_child")
    travel(item.id, using=replace(services, crm=crm))
    assert item.documents[0].fields
    unsorted = services.catalogue.services["unsorted"]
    (told,) = crm.asked
    assert (told.case_type, told.title, told.team) == ("unsorted", unsorted.title, unsorted.team)
    assert told.index == {}


class _Away:
    def open_case(self, request: CaseRequest) -> str:
        raise Transient("not now")

    def status(self, reference: str) -> str | None:
        return None


def test_a_case_system_out_of_reach_holds_the_item_and_writes_nothing(
    services: Services, deliver: Deliver, travel: Travel, foi_letter: str
) -> None:
    item_id = travel(deliver(foi_letter.encode()).item_id, until="open_case").id
    with pytest.raises(Transient):
        open_case(item_id, replace(services, crm=_Away()))
    assert travel(item_id, until="open_case").case is None
    assert travel(item_id).case is not None


def test_every_service_of_the_catalogue_can_be_opened_as_a_case(
    services: Services, deliver: Deliver, travel: Travel, settle: Settle
) -> None:
    item = travel(deliver(b"Dear Sir\n\nWords.\n").item_id)
    for case_type, service in services.catalogue.services.items():
        settle(item.id, case_type)
        item = travel(item.id)
        assert item.case is not None
        assert item.case.case_type == case_type
        assert item.state == "captured", case_type
        assert (item.sensitivity is Sensitivity.LIMITED) == service.limited
