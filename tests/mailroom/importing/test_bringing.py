"""What is brought over is whole and proven, stands as the older system said, and distorts nothing of today."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path

import pytest
from sample_letters import DISCOUNT
from sqlalchemy import select

from mailroom.bags.export import Wanted, export
from mailroom.desk.correcting import correct
from mailroom.desk.performance import status
from mailroom.desk.searching import find_items
from mailroom.domain.access import Role, Viewer
from mailroom.domain.capture import Receipt
from mailroom.domain.decision import DecidedBy, Sensitivity
from mailroom.domain.items import ItemState
from mailroom.domain.sla import LONDON
from mailroom.duties.reconcile import reconcile
from mailroom.duties.verify import verify
from mailroom.importing.bringing import Brought
from mailroom.importing.checking import Checked
from mailroom.records.documents import decision_in_force, index_of
from mailroom.records.ledger import Days
from mailroom.records.tables import Acknowledgement, Case, CustodyEvent, Handoff, Item
from mailroom.services import Services

ADA = Viewer("ada", frozenset({Role.AUDITOR}), named_for_limited=True)
SAMPLE = Path(__file__).parents[3] / "samples" / "older-system"
Bring = Callable[..., tuple[Checked, Brought]]
Travel = Callable[..., Item]


@pytest.fixture
def older(tmp_path: Path) -> Path:
    """The sample of an older system."""
    return Path(shutil.copytree(SAMPLE, tmp_path / "older-system"))


def items_of(services: Services) -> list[Item]:
    with services.records.look() as session:
        found = list(session.scalars(select(Item).order_by(Item.received_at, Item.number)))
        for item in found:
            _ = ([list(document.fields) for document in item.documents], item.originals, item.case and item.case.clocks)
            _ = [list(document.decisions) for document in item.documents]
        return found


def kinds_of(item: Item, services: Services) -> list[tuple[str, str]]:
    with services.records.look() as session:
        events = session.scalars(
            select(CustodyEvent).where(CustodyEvent.item_id == item.id).order_by(CustodyEvent.position)
        )
        return [(event.kind, event.actor) for event in events]


def test_a_closed_matter_is_kept_closed_and_nobody_is_bothered(older: Path, bring: Bring, services: Services) -> None:
    checked, brought = bring(older)
    assert (checked.faults, brought) == ([], Brought(closed=3, open=2))
    car = items_of(services)[0]
    assert (car.state, car.next_stage, car.imported, car.desk) == (ItemState.CAPTURED, None, "closed", None)
    assert car.received_at == datetime(2019, 3, 12, 12, tzinfo=LONDON)
    assert car.reference.startswith("HD-19-000001-")
    case = car.case
    assert case is not None
    assert (case.case_type, case.team, case.outcome, case.clocks) == (
        "abandoned_vehicle", services.catalogue.services["abandoned_vehicle"].team, "Car taken away", [],
    )  # fmt: skip
    assert case.closed_at == datetime(2019, 4, 2, 12, tzinfo=LONDON)
    decision = decision_in_force(car)
    assert decision is not None
    assert (decision.decided_by, decision.settled) == (DecidedBy.IMPORT, True)
    fields = {field.name: (field.value, field.source) for field in car.documents[0].fields}
    assert fields["sender_name"] == ("Gwen Ashworth", "import")
    assert fields["old_reference"] == ("DMS-104311", "import")
    assert kinds_of(car, services) == [("received", "channel:import"), ("imported", "cli:ada")]
    with services.records.look() as session:
        closed = [item.id for item in items_of(services) if item.imported == "closed"]
        assert session.scalars(select(Acknowledgement).where(Acknowledgement.item_id.in_(closed))).all() == []
        assert session.scalars(select(Handoff).where(Handoff.item_id.in_(closed))).all() == []
    with services.vault.open(car.originals[0].sha256) as kept:
        assert kept.read() == (older / "2019" / "0311.txt").read_bytes()
    assert verify(services)["faults"] == []


def test_open_work_goes_its_way_with_its_own_date_and_what_the_index_says(
    older: Path, bring: Bring, travel: Travel, services: Services
) -> None:
    bring(older)
    bin_, form = (travel(item.id) for item in items_of(services) if item.imported == "open")
    assert bin_.received_at == datetime(2026, 11, 13, 9, 12, tzinfo=LONDON)
    assert bin_.reference.startswith("HD-26-000001-")
    assert bin_.case is not None
    assert (bin_.state, bin_.case.case_type, bin_.team) == (ItemState.CAPTURED, "missed_bin", "waste")
    assert {clock.started_at for clock in bin_.case.clocks} == {bin_.received_at}
    assert index_of(bin_)["sender_name"] == "Margaret O'Dowd"
    assert index_of(bin_)["old_reference"] == "DMS-211187"
    kinds = [kind for kind, _ in kinds_of(bin_, services)]
    assert kinds[:2] == ["received", "imported"]
    assert {"case_opened", "handed_over"} <= set(kinds)
    assert form.state is ItemState.EXCEPTION
    with services.records.look() as session:
        told = session.scalars(select(Acknowledgement).where(Acknowledgement.item_id == bin_.id)).one()
        assert (told.way, told.state) == ("none", "withheld")


def test_senders_of_open_work_are_told_where_that_is_asked_for(
    older: Path, bring: Bring, travel: Travel, services: Services
) -> None:
    bring(older, acknowledge=True)
    bin_ = next(travel(item.id) for item in items_of(services) if item.imported == "open")
    with services.records.look() as session:
        told = session.scalars(select(Acknowledgement).where(Acknowledgement.item_id == bin_.id)).one()
        assert (told.way, told.state) == ("letter", "held")


def test_the_ledger_balances_with_a_line_of_its_own_and_no_figure_of_the_promise_moves(
    older: Path, bring: Bring, travel: Travel, deliver: Callable[..., Receipt], services: Services
) -> None:
    travel(deliver(DISCOUNT).item_id)
    before = status(ADA, services, Days())
    bring(older)
    for item in items_of(services):
        travel(item.id)
    after = status(ADA, services, Days())
    found = reconcile(services)
    assert (found["difference"], found["missing"]) == (0, [])
    counts = {"received": 5, "captured": 4, "waiting": 0, "exceptions": 1, "refused": 0}
    assert found["channels"] == before["channels"] | {"import": counts}
    assert after["one_working_day"] == before["one_working_day"]


def test_what_may_concern_somebody_at_risk_is_found_by_those_named_alone(
    older: Path, bring: Bring, services: Services
) -> None:
    bring(older)
    child = next(item for item in items_of(services) if item.case and item.case.case_type == "safeguarding_child")
    assert child.sensitivity is Sensitivity.LIMITED
    unnamed = Viewer("kim", frozenset({Role.AUDITOR}))
    waste = Viewer("wes", frozenset({Role.BACK_OFFICE}), frozenset({"waste"}))
    seen = {who.name: references(words, who, services) for who in (ADA, unnamed) for words in ("child out of doors",)}
    assert seen == {"ada": [child.reference], "kim": []}
    assert references("DMS-104311", ADA, services) == [items_of(services)[0].reference]
    assert references("estate car", unnamed, services) == [items_of(services)[0].reference]
    assert references("Discount from June", waste, services) == []


def references(words: str, viewer: Viewer, services: Services) -> list[str]:
    return [line["reference"] for line in find_items(words, viewer, services)]


def test_once_more_brings_nothing_twice_and_a_mended_row_alone(older: Path, bring: Bring, services: Services) -> None:
    index = older / "index.csv"
    whole = index.read_text("utf-8")
    index.write_text(whole.replace(";missed_bin;", ";dragons;"), "utf-8")
    checked, brought = bring(older)
    assert (len(checked.faults), brought.closed, brought.open) == (1, 3, 1)
    index.write_text(whole, "utf-8")
    checked, brought = bring(older)
    assert (checked.known, brought) == (4, Brought(open=1, known=4))
    assert len(items_of(services)) == 5


def test_the_silence_of_the_index_lets_words_make_open_work_sensitive(
    make_index: Callable[..., Path], bring: Bring, travel: Travel, services: Services
) -> None:
    rows = [{"file": f"{said or 'silent'}.txt", "received": "2026-11-13", "case_type": "noise", "limited": said}
            for said in ("", "no")]  # fmt: skip
    folder = make_index(rows)
    for file in folder.glob("*.txt"):
        file.write_bytes(b"The child next door has bruises and is left alone at night. A safeguarding concern.\n")
    bring(folder)
    told = {item.file_name: travel(item.id).sensitivity for item in items_of(services)}
    assert told == {"silent.txt": Sensitivity.LIMITED, "no.txt": Sensitivity.NORMAL}


def test_what_the_index_says_can_be_corrected_and_whose_word_it_is_stays_in_sight(
    older: Path, bring: Bring, services: Services
) -> None:
    bring(older)
    car = items_of(services)[0]
    kim = Viewer("kim", frozenset({Role.POST_ROOM}))
    for field, value in (("title", "Blue estate car, gone"), ("old_reference", "DMS-104312")):
        correct(car.reference, field, value, kim, services)
    car = items_of(services)[0]
    assert {field.name: (field.value, field.source) for field in car.documents[0].fields} == {
        "sender_name": ("Gwen Ashworth", "import"),
        "sender_postcode": ("HD3 4PL", "import"),
        "title": ("Blue estate car, gone", "person"),
        "old_reference": ("DMS-104312", "person"),
    }
    assert case_of(car).closed_at == datetime(2019, 4, 2, 12, tzinfo=LONDON)


def test_closed_matters_are_read_where_that_is_asked_for_also_by_a_later_run(
    older: Path, bring: Bring, services: Services
) -> None:
    bring(older)
    assert references("tyres flat", ADA, services) == []
    _, brought = bring(older, read=True)
    assert (brought.known, brought.closed, brought.unread) == (5, 0, 0)
    car = items_of(services)[0]
    assert references("tyres flat", ADA, services) == [car.reference]
    assert (car.state, car.next_stage, car.case and car.case.outcome) == (ItemState.CAPTURED, None, "Car taken away")
    assert [kind for kind, _ in kinds_of(car, services)] == ["received", "imported", "read"]
    bring(older, read=True)
    assert [kind for kind, _ in kinds_of(car, services)] == ["received", "imported", "read"]


def test_what_cannot_be_read_is_counted_and_words_of_risk_count_where_the_index_is_silent(
    make_index: Callable[..., Path], bring: Bring, services: Services
) -> None:
    day = {"received": "2019-03-12", "closed": "2019-04-02", "case_type": "noise"}
    rows = [{"file": "damaged.pdf", "limited": "no", **day}, {"file": "silent.txt", "limited": "", **day}]
    folder = make_index(rows)
    (folder / "damaged.pdf").write_bytes(b"%PDF-1.4 and nothing more")
    (folder / "silent.txt").write_bytes(b"The child next door has bruises. A safeguarding concern.\n")
    _, brought = bring(folder, read=True)
    assert (brought.closed, brought.unread) == (2, 1)
    told = {item.file_name: (item.state, item.sensitivity) for item in items_of(services)}
    assert told == {
        "damaged.pdf": (ItemState.CAPTURED, Sensitivity.NORMAL),
        "silent.txt": (ItemState.CAPTURED, Sensitivity.LIMITED),
    }
    assert references("bruises", Viewer("kim", frozenset({Role.AUDITOR})), services) == []


def test_a_bag_of_another_mailroom_comes_back_as_it_went_out(
    older: Path, bring: Bring, travel: Travel, services: Services, tmp_path: Path
) -> None:
    bring(older)
    for item in items_of(services):
        travel(item.id)
    before = items_of(services)
    bag = tmp_path / "bag"
    days = Days(date(2019, 1, 1), date(2026, 11, 16))
    export(Wanted(days=days), bag, ADA, services, lambda *_: None)
    checked, brought = bring(bag)
    assert (checked.faults, brought.closed, brought.open) == ([], 3, 2)
    known = {item.id for item in before}
    for item in items_of(services):
        if item.imported == "open":
            travel(item.id)
    after = {index_of(item)["old_reference"]: item for item in items_of(services) if item.id not in known}
    assert {name: signs(item) for name, item in after.items()} == {item.reference: signs(item) for item in before}


def case_of(item: Item) -> Case:
    assert item.case is not None
    return item.case


def signs(item: Item) -> tuple[object, ...]:
    case = case_of(item)
    index = index_of(item)
    return (
        [(original.sha256, original.size) for original in item.originals],
        item.received_at.date(), item.channel, item.proven_sender, item.file_name, item.sensitivity,
        case.case_type, case.team, case.closed_at, case.outcome,
        index.get("sender_name"), index.get("sender_postcode"),
    )  # fmt: skip
