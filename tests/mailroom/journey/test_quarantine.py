"""What the malware scanner finds something in is kept and has its case, and nobody opens it; a real clamd looks."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from email.message import EmailMessage
from pathlib import Path
from typing import IO

import pytest
from malware_server import EICAR, MOST_BYTES, NAME, ClamAv
from sqlalchemy import select

from mailroom.desk.audit import fetch_original, open_original
from mailroom.desk.proof import prove, state_purpose
from mailroom.desk.retrying import retry
from mailroom.domain.access import Role, Viewer
from mailroom.domain.capture import Channel, Receipt
from mailroom.domain.errors import Cause, NeedsPerson, Transient, Unreachable
from mailroom.domain.quarantine import NO_ANSWER, NOT_AS_A_WHOLE
from mailroom.duties.check import check
from mailroom.duties.reconcile import reconcile
from mailroom.duties.take_up import clear_alarms, take_up
from mailroom.duties.verify import verify
from mailroom.journey.quarantine import MOST_TRIES
from mailroom.ports import Scanned
from mailroom.records.alarms import alarms_raised
from mailroom.records.finding import find
from mailroom.records.tables import CustodyDetail, CustodyEvent, Item, Rendition
from mailroom.records.wanted import Wanted
from mailroom.scanners.clamd import Clamd
from mailroom.services import Services

Deliver = Callable[..., Receipt]
Travel = Callable[..., Item]
CLERK = Viewer("kim", frozenset({Role.POST_ROOM}), named_for_limited=True)
AUDITOR = Viewer("ada", frozenset({Role.AUDITOR}), named_for_limited=True)
BAD = b"Dear Sir\n" + EICAR


@pytest.fixture(autouse=True)
def sound(services: Services) -> Iterator[None]:
    yield
    assert verify(services)["faults"] == []
    assert (reconcile(services)["difference"], reconcile(services)["missing"]) == (0, [])


@pytest.fixture
def guarded(services: Services, malware_server: ClamAv) -> Services:
    """The bundle with a scanner."""
    return replace(services, scanner=Clamd(malware_server.address, 20))


@pytest.fixture
def held(guarded: Services, deliver: Deliver, travel: Travel) -> Item:
    """An item in which the scanner found something, at the end of its run."""
    return travel(deliver(BAD).item_id, using=guarded)


def infected_mail() -> bytes:
    made = EmailMessage()
    made["From"], made["Subject"], made["Message-ID"] = "jo@example.org", "Bill", "<1@example.org>"
    made.set_content("See attached.")
    made.add_attachment(EICAR, maintype="application", subtype="octet-stream", filename="bill.com")
    return made.as_bytes()


def events(services: Services, item_id: str) -> list[str]:
    with services.records.look() as session:
        query = select(CustodyEvent.kind).where(CustodyEvent.item_id == item_id).order_by(CustodyEvent.position)
        return list(session.scalars(query))


def alarms(services: Services) -> dict[str, str]:
    with services.records.look() as session:
        return {alarm.subject: alarm.sentence for alarm in alarms_raised(session)}


@pytest.mark.parametrize(("content", "channel"), [(BAD, Channel.POST), (infected_mail(), Channel.EMAIL)])
def test_what_may_do_harm_has_its_case_and_clock_and_is_opened_by_no_parser(
    guarded: Services, deliver: Deliver, travel: Travel, content: bytes, channel: Channel
) -> None:
    class Untouched:
        def ready(self) -> bool:
            return True

        def run(self, task: str, *_: object, **__: object) -> dict[str, object]:
            raise AssertionError(f"{task} opened it")

    receipt = deliver(content, channel=channel)
    item = travel(receipt.item_id, using=replace(guarded, sandbox=Untouched()))
    assert (item.state, item.cause, item.next_stage) == ("exception", Cause.QUARANTINED, None)
    assert NAME in (item.problem or "")
    assert "Ask the sender" in (item.problem or "")
    assert item.case is not None
    assert item.case.clocks
    assert [original.quarantined for original in item.originals] == [NAME]
    assert [(document.text, document.page_count) for document in item.documents] == [(None, 0)]
    assert events(guarded, item.id).count("quarantined") == 1


def test_what_does_no_harm_goes_on_as_ever(
    guarded: Services, deliver: Deliver, travel: Travel, foi_letter: str
) -> None:
    item = travel(deliver(foi_letter.encode()).item_id, using=guarded)
    assert (item.state, item.originals[0].quarantined) == ("captured", None)


@pytest.mark.parametrize("stage", ["unpack", "read", "classify", None])
def test_whoever_tries_it_again_comes_no_nearer_to_it(
    guarded: Services, held: Item, travel: Travel, stage: str | None
) -> None:
    retry(held.id, CLERK, guarded, stage)
    again = travel(held.id, using=guarded)
    assert (again.state, again.cause) == ("exception", Cause.QUARANTINED)
    assert all(not document.text for document in again.documents)
    assert events(guarded, held.id).count("quarantined") == 1


def test_without_a_scanner_what_was_found_stays_found(
    guarded: Services, services: Services, held: Item, travel: Travel
) -> None:
    assert services.scanner is None
    retry(held.id, CLERK, services)
    assert travel(held.id, using=services).cause == Cause.QUARANTINED


def test_its_bytes_are_for_an_auditor_with_a_purpose_alone(guarded: Services, held: Item, tmp_path: Path) -> None:
    with pytest.raises(NeedsPerson, match="found"):
        fetch_original(held.reference, tmp_path / "original", CLERK, None, guarded)
    assert not (tmp_path / "original").exists()
    assert "original_fetched" not in events(guarded, held.id)
    state_purpose(held.reference, "court", AUDITOR, guarded)
    assert prove(held.reference, AUDITOR, guarded).originals[0].quarantined == NAME
    with open_original(held.reference, AUDITOR, guarded).stream as stream:
        assert stream.read() == BAD


def test_an_auditor_gets_its_bytes_by_saying_so_alone_and_that_is_on_record(
    guarded: Services, held: Item, tmp_path: Path
) -> None:
    target = tmp_path / "original"
    with pytest.raises(NeedsPerson, match="may do harm"):
        fetch_original(held.reference, target, AUDITOR, "court", guarded)
    assert not target.exists()
    fetch_original(held.reference, target, AUDITOR, "court", guarded, held_back=True)
    assert target.read_bytes() == BAD
    with guarded.records.look() as session:
        fetched = select(CustodyDetail.details).join(CustodyEvent, CustodyDetail.event_id == CustodyEvent.id)
        told = session.scalars(fetched.where(CustodyEvent.kind == "original_fetched")).all()
    assert told == [{"purpose": "court", "held_back": NAME}]
    with pytest.raises(NeedsPerson, match="may do harm"):
        fetch_original(held.reference, tmp_path / "again", CLERK, None, guarded, held_back=True)


def test_a_team_has_its_case_and_none_of_its_files(
    guarded: Services, held: Item, travel: Travel, settle: Callable[[str, str], None]
) -> None:
    settle(held.id, "council_tax_single_person_discount")
    item = travel(held.id, using=guarded)
    assert (item.state, item.desk) == ("captured", "revenues")
    assert list((guarded.settings.data / "release").rglob(f"*{item.reference}*")) == []


def test_a_later_look_that_finds_nothing_lets_it_go(
    guarded: Services, held: Item, travel: Travel, foi_letter: str
) -> None:
    class Corrected:
        def ping(self) -> None:
            """It is there."""

        def scan(self, _file: IO[bytes]) -> Scanned:
            return Scanned()

    retry(held.id, CLERK, guarded)
    item = travel(held.id, using=replace(guarded, scanner=Corrected()))
    assert [original.quarantined for original in item.originals] == [None]
    assert item.documents[0].text
    assert events(guarded, held.id).count("quarantine_ended") == 1


def test_what_is_found_later_takes_its_words_and_attachments_back(
    guarded: Services, services: Services, deliver: Deliver, travel: Travel
) -> None:
    read = travel(deliver(infected_mail(), channel=Channel.EMAIL).item_id)
    assert len(read.originals) == 2
    with services.records.look() as session:
        assert find(session, Wanted("attached"), CLERK).number
    retry(read.id, CLERK, services, "unpack")
    item = travel(read.id, using=guarded)
    assert [original.quarantined for original in item.originals] == [NAME, NAME]
    assert all(not document.text for document in item.documents)
    with services.records.look() as session:
        assert not find(session, Wanted("attached"), CLERK).number


def test_what_is_too_large_to_be_looked_at_is_held_back(guarded: Services, deliver: Deliver, travel: Travel) -> None:
    item = travel(deliver(b"Dear Sir. " * (MOST_BYTES // 8)).item_id, using=guarded)
    assert (item.cause, item.originals[0].quarantined) == (Cause.QUARANTINED, NOT_AS_A_WHOLE)
    assert "larger than the malware scanner can look at" in (item.problem or "")


def test_while_the_scanner_is_away_items_wait_and_go_on_by_themselves(
    guarded: Services, deliver: Deliver, travel: Travel, malware_server: ClamAv, step: Callable[[timedelta], None]
) -> None:
    item_id = deliver(b"Dear Sir").item_id
    malware_server.stop()
    try:
        for _ in range(MOST_TRIES + 2):
            item = travel(item_id, using=guarded)
            assert (item.state, item.next_stage, item.documents) == ("waiting", "unpack", [])
            step(timedelta(minutes=6))
            take_up(guarded)
        assert list(alarms(guarded)) == ["waiting:unpack"]
        assert "malware scanner" in alarms(guarded)["waiting:unpack"]
        assert [line.sound for line in check(guarded) if line.name == "malware"] == [False]
    finally:
        malware_server.start()
    assert [line.sound for line in check(guarded) if line.name == "malware"] == [True]
    assert travel(item_id, using=guarded).documents[0].text == "Dear Sir"
    clear_alarms(guarded)
    assert alarms(guarded) == {}


class Breaking:
    """A scanner that breaks off over every file, or is gone."""

    def __init__(self, fault: Transient) -> None:
        self._fault = fault

    def ping(self) -> None:
        raise self._fault

    def scan(self, _file: IO[bytes]) -> Scanned:
        raise self._fault


def test_a_file_over_which_the_scanner_always_breaks_off_goes_to_a_person(
    services: Services, deliver: Deliver, travel: Travel, step: Callable[[timedelta], None]
) -> None:
    breaking = replace(services, scanner=Breaking(Transient("It broke off.")))
    item_id = deliver(b"Dear Sir").item_id
    for _ in range(MOST_TRIES - 1):
        assert travel(item_id, using=breaking).state == "waiting"
        step(timedelta(minutes=6))
        take_up(breaking)
    item = travel(item_id, using=breaking)
    assert (item.cause, item.originals[0].quarantined) == (Cause.QUARANTINED, NO_ANSWER)
    assert item.case is not None


def test_one_that_is_gone_is_waited_for_however_long(
    services: Services, deliver: Deliver, travel: Travel, step: Callable[[timedelta], None]
) -> None:
    gone = replace(services, scanner=Breaking(Unreachable("Start it.")))
    item_id = deliver(b"Dear Sir").item_id
    for _ in range(3 * MOST_TRIES):
        assert travel(item_id, using=gone).state == "waiting"
        step(timedelta(minutes=6))
        take_up(gone)


def test_nothing_is_made_of_it(guarded: Services, held: Item) -> None:
    with guarded.records.look() as session:
        assert session.scalars(select(Rendition).where(Rendition.item_id == held.id)).all() == []
