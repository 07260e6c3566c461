"""One step of the journey at a time, and each kind of error going where it belongs."""

from __future__ import annotations

import errno
import logging
from collections.abc import Callable
from dataclasses import replace

import pytest
from database_server import ON_SQLITE
from sqlalchemy import select
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from mailroom.domain.capture import Receipt
from mailroom.domain.errors import Cause, CustodyBreach, Misconfigured, NeedsPerson, Superseded
from mailroom.journey import JOURNEY
from mailroom.journey.set_aside import TRIES
from mailroom.journey.travel import STAGES, advance, next_stage
from mailroom.records.items import start_again
from mailroom.records.tables import Alarm, CustodyEvent, Item
from mailroom.sandbox.errors import ChildDied, SandboxLost
from mailroom.services import Services
from storage.errors import StoreFull, StoreRefused

Deliver = Callable[..., Receipt]
Travel = Callable[..., Item]
Answering = Callable[..., Services]
LETTER = b"Dear Sir\n\nI make a formal complaint about my missed bin.\n\nYours faithfully\nJo Bell\n"


def alarms(services: Services) -> list[str]:
    with services.records.look() as session:
        return list(session.scalars(select(Alarm.subject)))


def kinds(services: Services, item_id: str) -> list[str]:
    with services.records.look() as session:
        query = select(CustodyEvent.kind).where(CustodyEvent.item_id == item_id).order_by(CustodyEvent.position)
        return list(session.scalars(query))


def test_each_step_takes_the_item_one_stage_further(
    services: Services, deliver: Deliver, foi_letter: str, pdf_of: Callable[..., bytes]
) -> None:
    item_id = deliver(pdf_of(foi_letter)).item_id
    assert stages_of(item_id, services) == JOURNEY
    assert not advance(item_id, 1, services)


def test_what_is_typed_has_been_read_when_it_is_unpacked(services: Services, deliver: Deliver, foi_letter: str) -> None:
    item_id = deliver(foi_letter.encode()).item_id
    assert stages_of(item_id, services) == tuple(stage for stage in JOURNEY if stage != "read")
    assert kinds(services, item_id)[:4] == ["received", "unpacked", "read", "classified"]


def stages_of(item_id: str, services: Services) -> tuple[str, ...]:
    stages = []
    while (stage := next_stage(item_id, 1, services)) is not None:
        stages.append(stage)
        assert advance(item_id, 1, services)
    return tuple(stages)


def test_a_whole_journey_leaves_one_event_for_each_stage(
    services: Services, deliver: Deliver, travel: Travel, foi_letter: str
) -> None:
    item = travel(deliver(foi_letter.encode()).item_id)
    assert (item.state, item.settled, item.problem) == ("captured", True, None)
    assert kinds(services, item.id) == [
        "received",
        "unpacked",
        "read",
        "classified",
        "case_opened",
        "acknowledgement_planned",
        "handed_over",
    ]


@pytest.mark.parametrize("stage", JOURNEY)
def test_a_stage_done_twice_changes_nothing_the_second_time(
    services: Services, deliver: Deliver, travel: Travel, foi_letter: str, pdf_of: Callable[..., bytes], stage: str
) -> None:
    item = travel(deliver(pdf_of(foi_letter)).item_id, until=stage)
    assert advance(item.id, 1, services)
    before = kinds(services, item.id)
    with pytest.raises(Superseded):
        STAGES[stage](item.id, services)
    assert kinds(services, item.id) == before


@pytest.mark.parametrize("stage", JOURNEY)
def test_a_run_that_was_overtaken_in_the_middle_of_a_stage_writes_nothing(
    services: Services,
    deliver: Deliver,
    travel: Travel,
    foi_letter: str,
    pdf_of: Callable[..., bytes],
    stage: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    item_id = travel(deliver(pdf_of(foi_letter)).item_id, until=stage).id
    real, before = services.records.work, kinds(services, item_id)

    def overtake() -> Session:
        monkeypatch.undo()
        with services.records.work() as session:
            session.get_one(Item, item_id).run += 1
            session.commit()
        return real()

    monkeypatch.setattr(services.records, "work", overtake)
    while advance(item_id, 1, services):
        pass
    assert kinds(services, item_id) == before


def test_a_run_whose_stage_was_done_by_another_worker_in_the_middle_goes_on_with_the_next(
    services: Services, deliver: Deliver, monkeypatch: pytest.MonkeyPatch
) -> None:
    item_id = deliver(LETTER).item_id
    real = services.records.work

    def outrun() -> Session:
        monkeypatch.undo()
        STAGES["unpack"](item_id, services)
        return real()

    monkeypatch.setattr(services.records, "work", outrun)
    assert advance(item_id, 1, services)
    assert next_stage(item_id, 1, services) == "classify"


def test_an_unknown_item_and_an_old_run_have_no_next_stage(services: Services, deliver: Deliver) -> None:
    item_id = deliver(LETTER).item_id
    assert next_stage("unheard-of", 1, services) is None
    assert next_stage(item_id, 2, services) is None
    assert not advance(item_id, 2, services)


def test_what_needs_a_person_gets_a_case_with_its_clock_at_the_post_room(
    deliver: Deliver, travel: Travel, answering: Answering
) -> None:
    need = NeedsPerson(Cause.TOO_SLOW, "It took too long. Index it by hand.")
    item = travel(deliver(LETTER).item_id, using=answering(look_inside=need))
    assert (item.state, item.cause, item.problem) == ("exception", "too_slow", "It took too long. Index it by hand.")
    assert item.next_stage is None
    assert item.case is not None
    assert (item.case.case_type, item.case.owner) == ("unsorted", "team:post_room")
    assert [clock.name for clock in item.case.clocks if clock.met_at is None]


def test_what_passes_by_itself_ends_the_run_and_costs_the_item_nothing(
    services: Services, deliver: Deliver, answering: Answering, travel: Travel
) -> None:
    item_id = deliver(LETTER).item_id
    assert not advance(item_id, 1, answering(look_inside=SandboxLost("gone")))
    item = travel(item_id)
    assert (item.state, item.child_deaths) == ("captured", 0)


PASSING = [
    StoreFull("no room"),
    OSError(errno.ENOSPC, "No space left on device"),
    OSError(errno.EMFILE, "Too many open files"),
    OperationalError("UPDATE item", {}, Exception("database is locked")),
]


@pytest.mark.parametrize("fault", PASSING, ids=["store full", "disk full", "too many files", "database locked"])
def test_a_machine_at_its_end_costs_no_item_anything(
    deliver: Deliver, answering: Answering, travel: Travel, fault: Exception
) -> None:
    item_id = deliver(LETTER).item_id
    for _ in range(TRIES + 1):
        assert not advance(item_id, 1, answering(look_inside=fault))
    item = travel(item_id)
    assert (item.state, item.cause) == ("captured", None)


@pytest.mark.parametrize("fault", [ZeroDivisionError("ours"), StoreRefused("no"), OSError(errno.EIO, "worn out")])
def test_a_fault_of_ours_costs_only_this_item_and_after_three_tries_a_person_has_it(
    services: Services,
    deliver: Deliver,
    answering: Answering,
    travel: Travel,
    fault: Exception,
    caplog: pytest.LogCaptureFixture,
) -> None:
    item_id, neighbour = deliver(LETTER).item_id, deliver(LETTER + b"2").item_id
    caplog.set_level(logging.ERROR)
    with_fault = answering(look_inside=fault)
    for deaths in range(1, TRIES):
        assert advance(item_id, 1, with_fault)
        with services.records.look() as session:
            assert session.get_one(Item, item_id).child_deaths == deaths
    item = travel(item_id, using=with_fault)
    assert (item.state, item.cause) == ("exception", "stopped_the_reader")
    assert type(fault).__name__ in (item.problem or "")
    assert item.case is not None
    assert travel(neighbour).state == "captured"
    assert len(caplog.records) == TRIES


def test_a_handover_that_keeps_failing_is_named_as_such_and_keeps_its_case(
    services: Services, deliver: Deliver, travel: Travel, foi_letter: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_arguments: object) -> None:
        raise ZeroDivisionError

    item = travel(deliver(foi_letter.encode()).item_id, until="hand_over")
    monkeypatch.setattr("mailroom.journey.travel.STAGES", {**STAGES, "hand_over": fail})
    item = travel(item.id)
    assert (item.state, item.cause, item.next_stage) == ("exception", "hand_over_failed", None)
    assert item.case is not None
    assert item.case.case_type == "foi"


def test_a_child_that_dies_three_times_gives_the_item_to_a_person(
    deliver: Deliver, answering: Answering, travel: Travel
) -> None:
    item = travel(deliver(LETTER).item_id, using=answering(look_inside=ChildDied("signal 11")))
    assert (item.state, item.cause) == ("exception", "stopped_the_reader")
    assert "do not open it" in (item.problem or "")


def test_progress_wipes_out_the_count_of_deaths(
    deliver: Deliver, answering: Answering, travel: Travel, pdf_of: Callable[..., bytes]
) -> None:
    item_id = deliver(pdf_of(LETTER.decode())).item_id
    for _ in range(TRIES - 1):
        advance(item_id, 1, answering(look_inside=ChildDied("signal 9")))
    assert travel(item_id, until="read").child_deaths == 0
    for _ in range(TRIES - 1):
        advance(item_id, 1, answering(read_page=ChildDied("signal 9")))
    assert travel(item_id).state == "captured"


def test_a_breach_of_custody_raises_an_alarm_and_reads_nothing(
    services: Services, deliver: Deliver, travel: Travel
) -> None:
    item_id = deliver(LETTER).item_id
    (stored,) = [path for path in (services.settings.data / "vault").rglob("originals/*/*") if path.is_file()]
    stored.chmod(0o600)
    stored.write_bytes(b"other bytes")
    item = travel(item_id)
    assert (item.state, item.cause) == ("exception", "custody")
    assert alarms(services) == [f"custody:{item_id}"]
    assert item.case is not None
    assert [document.text for document in item.documents] == [None]


def test_a_breach_is_not_passed_off_as_something_else(
    services: Services, deliver: Deliver, answering: Answering, travel: Travel
) -> None:
    item = travel(deliver(LETTER).item_id, using=answering(look_inside=CustodyBreach("digest differs")))
    assert item.cause == "custody"
    assert "digest differs" in (item.problem or "")


def test_a_wrong_setting_keeps_items_waiting_and_raises_one_alarm(
    services: Services, deliver: Deliver, answering: Answering, travel: Travel
) -> None:
    item_id = deliver(LETTER).item_id
    wrong = answering(look_inside=Misconfigured("ocr.tessdata: there is no eng.traineddata"))
    for _ in range(TRIES + 1):
        assert not advance(item_id, 1, wrong)
    assert alarms(services) == ["misconfigured:unpack"]
    assert travel(item_id).state == "captured"


class _Refusing:
    def open_case(self, request: object) -> str:
        raise NeedsPerson(Cause.CONFLICT, "The case system refuses it.")

    def status(self, reference: str) -> None:
        return None


def test_an_item_whose_case_cannot_be_opened_as_it_should_has_one_all_the_same(
    services: Services, deliver: Deliver, travel: Travel, foi_letter: str
) -> None:
    item_id = travel(deliver(foi_letter.encode()).item_id, until="open_case").id
    item = travel(item_id, using=replace(services, crm=_Refusing()))
    assert (item.state, item.cause, item.next_stage) == ("exception", "conflict", None)
    assert item.case is not None
    assert (item.case.owner, item.case.reference) == ("team:post_room", item.reference)


def test_after_a_person_has_settled_that_the_case_stays_the_same_one(
    services: Services, deliver: Deliver, travel: Travel, foi_letter: str
) -> None:
    item_id = travel(deliver(foi_letter.encode()).item_id, until="open_case").id
    first = travel(item_id, using=replace(services, crm=_Refusing())).case_id
    with services.records.work() as session:
        start_again(session.get_one(Item, item_id), "open_case", services.now())
        session.commit()
    item = travel(item_id)
    assert (item.state, item.case_id) == ("captured", first)
    assert item.case is not None
    assert item.case.case_type == "foi"
    assert {clock.name for clock in item.case.clocks} >= {"foi_20wd"}


@ON_SQLITE
def test_no_words_of_a_letter_reach_the_log(
    services: Services, deliver: Deliver, caplog: pytest.LogCaptureFixture
) -> None:
    item_id = deliver(b"Dear Sir\n\nMy neighbour Xanthippe shouts.\n").item_id
    with services.records.connection() as connection:
        connection.exec_driver_sql("CREATE TRIGGER t BEFORE INSERT ON page BEGIN SELECT RAISE(ABORT, 'no'); END")
        connection.commit()
    advance(item_id, 1, services)
    assert "stage failed" in caplog.text
    assert "Xanthippe" not in caplog.text
