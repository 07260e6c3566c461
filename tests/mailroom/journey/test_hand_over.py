"""Into the team's queue and its release folder, once for each routing."""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import QueuePool, select

from mailroom.desk.back_office import accept
from mailroom.desk.correcting import correct
from mailroom.desk.post_room import mark_sensitive, reroute
from mailroom.domain.access import Role, Viewer
from mailroom.domain.capture import Receipt
from mailroom.domain.catalogue import Release
from mailroom.domain.decision import IndexField
from mailroom.domain.errors import Superseded, Transient
from mailroom.journey import hand_over as hand_over_module
from mailroom.journey.hand_over import hand_over
from mailroom.journey.put_release import SUPERSEDED
from mailroom.journey.release import Enclosed, Released, build
from mailroom.records.documents import set_fields
from mailroom.records.tables import CustodyDetail, CustodyEvent, Handoff, Item
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
        hand_over(item_id, services)
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


def lying(services: Services, item: Item) -> list[str]:
    """What lies of the item in any team's folder, hidden folders included."""
    return sorted(str(place.relative_to(root(services))) for place in root(services).glob(f"*/*{item.reference}*"))


def overtaken(services: Services, item_id: str, monkeypatch: pytest.MonkeyPatch, act: Callable[[], object]) -> None:
    """Let somebody act while the handover has built its release and not claimed the row yet."""

    def slow(facts: Released, documents: Sequence[Enclosed], layout: Release, place: Path) -> Path:
        made = build(facts, documents, layout, place)
        act()
        return made

    with monkeypatch.context() as patched:
        patched.setattr(hand_over_module, "build", slow)
        with pytest.raises(Superseded):
            hand_over(item_id, services)


KIM = Viewer("kim", frozenset({Role.POST_ROOM}))


def test_marking_an_item_while_it_is_handed_over_leaves_nothing_in_a_team_s_folder(
    services: Services, deliver: Deliver, travel: Travel, foi_letter: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    item = travel(deliver(foi_letter.encode()).item_id, until="hand_over")
    overtaken(services, item.id, monkeypatch, lambda: mark_sensitive(item.id, KIM, services, reason="r"))
    assert lying(services, item) == []
    assert travel(item.id).sensitivity == "limited"
    assert lying(services, item) == []


def test_a_letter_that_is_routed_elsewhere_while_it_is_handed_over_lies_in_one_folder(
    services: Services, deliver: Deliver, travel: Travel, foi_letter: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    item = travel(deliver(foi_letter.encode()).item_id, until="hand_over")
    overtaken(services, item.id, monkeypatch, lambda: reroute(item.id, KIM, services, reason="r", team="housing"))
    travel(item.id)
    assert lying(services, item) == [f"housing/{item.reference}"]


class _Died(BaseException):
    """The worker is gone."""


@pytest.fixture
def died_before_its_commit(
    services: Services, deliver: Deliver, travel: Travel, foi_letter: str, monkeypatch: pytest.MonkeyPatch
) -> Item:
    """A letter whose worker died when it had put the release in place, before the commit."""
    item = travel(deliver(foi_letter.encode()).item_id, until="hand_over")

    def die(*_arguments: object) -> None:
        raise _Died

    with monkeypatch.context() as patched:
        patched.setattr(hand_over_module, "put_handoff", die)
        with pytest.raises(_Died):
            hand_over(item.id, services)
    assert lying(services, item) == [f"information-governance/{item.reference}"]
    return item


def test_what_a_dead_worker_put_into_a_folder_goes_when_the_item_is_marked(
    services: Services, died_before_its_commit: Item, travel: Travel
) -> None:
    item = died_before_its_commit
    assert mark_sensitive(item.id, KIM, services, reason="r").facts["released"] == "withdrawn"
    travel(item.id)
    assert lying(services, item) == []


def test_what_a_dead_worker_put_into_a_folder_is_kept_by_the_run_after_it(
    services: Services, died_before_its_commit: Item, travel: Travel
) -> None:
    item = travel(died_before_its_commit.id)
    assert lying(services, item) == [f"information-governance/{item.reference}"]


def test_where_it_was_released_stays_on_record_when_the_copy_is_taken_back(
    services: Services, deliver: Deliver, travel: Travel, foi_letter: str
) -> None:
    item = travel(deliver(foi_letter.encode()).item_id)
    mark_sensitive(item.id, KIM, services, reason="r")
    travel(item.id)
    (handoff,) = handoffs(services, item)
    assert handoff.released_to == f"information-governance/{item.reference}"
    assert lying(services, item) == []


def test_an_original_of_which_no_word_could_be_read_is_named_in_the_manifest_and_the_custody(
    services: Services, deliver: Deliver, travel: Travel, settle: Settle
) -> None:
    item = travel(deliver(b"%PDF-1.7\nnot a document\n%%EOF\n").item_id)
    settle(item.id, "council_tax_refund")
    item = travel(item.id)
    (handoff,) = handoffs(services, item)
    folder = root(services) / (handoff.released_to or "")
    assert len(json.loads((folder / "manifest.json").read_text(encoding="utf-8"))["without_words"]) == 1
    with services.records.look() as session:
        query = select(CustodyDetail.details).join(CustodyEvent, CustodyEvent.id == CustodyDetail.event_id)
        told = session.scalar(query.where(CustodyEvent.item_id == item.id, CustodyEvent.kind == "handed_over"))
    assert told is not None
    assert told["without_words"] == 1


def test_nothing_is_open_in_the_database_while_the_release_is_written(
    services: Services, deliver: Deliver, travel: Travel, foi_letter: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    item = travel(deliver(foi_letter.encode()).item_id, until="hand_over")
    found = []
    pool = services.records._engine.pool
    assert isinstance(pool, QueuePool)
    open_before = pool.checkedout()

    def watched(facts: Released, documents: Sequence[Enclosed], layout: Release, place: Path) -> Path:
        found.append(pool.checkedout() - open_before)
        return build(facts, documents, layout, place)

    monkeypatch.setattr(hand_over_module, "build", watched)
    hand_over(item.id, services)
    assert found == [0]


def corrected(services: Services, item: Item, travel: Travel) -> Item:
    """The item after a correction that its team's index file shows."""
    correct(item.reference, "sender_name", "Mary Bellamy", KIM, services)
    return travel(item.id)


def told_of(services: Services, item: Item) -> list[dict[str, Any]]:
    """What the chain of custody says of each handing over."""
    with services.records.look() as session:
        query = select(CustodyDetail.details).join(CustodyEvent, CustodyEvent.id == CustodyDetail.event_id)
        query = query.where(CustodyEvent.item_id == item.id, CustodyEvent.kind == "handed_over")
        return [dict(details) for details in session.scalars(query.order_by(CustodyEvent.position))]


def test_a_correction_takes_the_place_of_what_nobody_has_taken_and_the_records_say_so(
    services: Services, deliver: Deliver, travel: Travel, foi_letter: str
) -> None:
    item = corrected(services, travel(deliver(foi_letter.encode()).item_id), travel)
    place = f"information-governance/{item.reference}"
    assert lying(services, item) == [place]
    first, second = told_of(services, item)
    assert (first["released_to"], first["supersedes"]) == (place, [])
    assert second["released_to"] == place
    assert [(one["folder"], one["still_there"]) for one in second["supersedes"]] == [(item.reference, False)]
    told = json.loads((root(services) / place / "manifest.json").read_text(encoding="utf-8"))
    assert told["supersedes"] == second["supersedes"]


def test_a_correction_after_the_team_has_accepted_marks_what_it_may_have_used(
    services: Services, deliver: Deliver, travel: Travel, foi_letter: str
) -> None:
    item = travel(deliver(foi_letter.encode()).item_id)
    accept(item.reference, KIM, services)
    corrected(services, item, travel)
    old = root(services) / f"information-governance/{item.reference}"
    assert lying(services, item) == [str(old.relative_to(root(services))), f"information-governance/{old.name}.2"]
    assert f"{item.reference}.2" in (old / SUPERSEDED).read_text(encoding="utf-8")
    (handoff,) = handoffs(services, item)
    assert (handoff.state, handoff.released_to) == ("accepted", f"information-governance/{item.reference}.2")
    assert [one["still_there"] for one in told_of(services, item)[-1]["supersedes"]] == [True]


def test_a_release_that_the_team_has_carried_away_is_named_by_the_next_one(
    services: Services, deliver: Deliver, travel: Travel, foi_letter: str
) -> None:
    item = travel(deliver(foi_letter.encode()).item_id)
    shutil.rmtree(root(services) / f"information-governance/{item.reference}")
    corrected(services, item, travel)
    newest = root(services) / f"information-governance/{item.reference}.2"
    told = json.loads((newest / "manifest.json").read_text(encoding="utf-8"))
    assert told["supersedes"] == [{"folder": item.reference, "still_there": False, "manifest_sha256": None}]
