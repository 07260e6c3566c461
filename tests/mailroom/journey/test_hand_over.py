"""Into the team's queue and its release folder, once for each routing."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import select

from mailroom.domain.capture import Receipt
from mailroom.domain.decision import IndexField
from mailroom.domain.errors import Transient
from mailroom.journey.travel import advance
from mailroom.records.documents import set_fields
from mailroom.records.tables import Handoff, Item
from mailroom.services import Services

Deliver = Callable[..., Receipt]
Travel = Callable[..., Item]
Settle = Callable[[str, str], None]


def handoffs(services: Services, item: Item) -> list[Handoff]:
    with services.records.look() as session:
        return list(session.scalars(select(Handoff).where(Handoff.item_id == item.id).order_by(Handoff.number)))


def root(services: Services) -> Path:
    return services.settings.data / "release"


def test_the_team_is_offered_the_item_and_finds_the_original_in_its_folder(
    services: Services, deliver: Deliver, travel: Travel, foi_letter: str
) -> None:
    item = travel(deliver(foi_letter.encode()).item_id)
    (handoff,) = handoffs(services, item)
    team = services.catalogue.services["foi"].team
    assert (handoff.team, handoff.state, handoff.released_to) == (
        team,
        "offered",
        f"{services.catalogue.teams[team].release.folder}/{item.reference}",
    )
    folder = root(services) / (handoff.released_to or "")
    assert (folder / f"{item.reference}.txt").read_bytes() == foi_letter.encode()


def test_a_scanned_letter_is_released_as_its_searchable_pdf(
    services: Services, deliver: Deliver, travel: Travel, settle: Settle, pdf_of: Callable[..., bytes]
) -> None:
    item = travel(deliver(pdf_of("one page", "another page")).item_id)
    settle(item.id, "council_tax_refund")
    item = travel(item.id)
    (handoff,) = handoffs(services, item)
    folder = root(services) / (handoff.released_to or "")
    pdf = folder / f"{item.reference}.pdf"
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    assert manifest["files"][0]["sha256"] == hashlib.sha256(pdf.read_bytes()).hexdigest()
    assert manifest["original_sha256"] == item.originals[0].sha256


def test_routing_to_another_team_withdraws_the_offer_and_keeps_what_was_released(
    services: Services, deliver: Deliver, travel: Travel, settle: Settle
) -> None:
    item = travel(deliver(b"Dear Sir\n\nWords.\n").item_id)
    for case_type in ("council_tax_refund", "planning_application"):
        settle(item.id, case_type)
        travel(item.id)
    first, second = handoffs(services, item)
    assert [(first.team, first.state), (second.team, second.state)] == [
        ("revenues", "withdrawn"),
        (services.catalogue.services["planning_application"].team, "offered"),
    ]
    for handoff in (first, second):
        assert (root(services) / (handoff.released_to or "") / "manifest.json").is_file()


def test_a_second_run_for_the_same_team_is_one_offer(
    services: Services, deliver: Deliver, travel: Travel, settle: Settle
) -> None:
    item = travel(deliver(b"Dear Sir\n\nWords.\n").item_id)
    for _ in range(2):
        settle(item.id, "council_tax_refund")
        travel(item.id)
    assert [handoff.number for handoff in handoffs(services, item)] == [1]


def test_an_exception_is_handed_to_nobody(services: Services, deliver: Deliver, travel: Travel) -> None:
    item = travel(deliver(b"").item_id)
    assert handoffs(services, item) == []
    assert not root(services).exists()


def test_a_limited_item_is_released_to_the_team_of_its_own_type(
    services: Services, deliver: Deliver, travel: Travel, settle: Settle
) -> None:
    item = travel(deliver(b"Dear Sir\n\nWords.\n").item_id)
    settle(item.id, "safeguarding_child")
    item = travel(item.id)
    (handoff,) = handoffs(services, item)
    assert item.sensitivity == "limited"
    assert handoff.team == services.catalogue.services["safeguarding_child"].team


def test_a_release_folder_that_cannot_be_written_holds_the_item_and_names_the_place(
    services: Services, deliver: Deliver, travel: Travel, foi_letter: str
) -> None:
    item_id = travel(deliver(foi_letter.encode()).item_id, until="hand_over").id
    root(services).write_text("a file where the folder should be", encoding="utf-8")
    with pytest.raises(Transient, match="release"):
        advance(item_id, 1, services)
    root(services).unlink()
    item = travel(item_id)
    assert (item.state, len(handoffs(services, item))) == ("captured", 1)


def test_index_data_that_a_person_wrote_in_words_do_not_stop_the_release(
    services: Services, deliver: Deliver, travel: Travel, settle: Settle
) -> None:
    item = travel(deliver(b"Dear Sir\n\nWords.\n").item_id)
    with services.records.work() as session:
        fields = [IndexField("letter_date", "about Easter", 1.0), IndexField("sender_name", "=HYPERLINK(1)", 1.0)]
        set_fields(session, item.documents[0].id, fields)
        session.commit()
    settle(item.id, "planning_application")
    item = travel(item.id)
    assert (item.state, item.problem) == ("captured", None)
