"""An auditor says why, sees the original checked, reads the history and who has seen it; nothing before that."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from datetime import timedelta

import pytest
from sample_letters import pdf_of

from mailroom.desk.acting import Refused
from mailroom.desk.audit import NotThere, PurposeNeeded, fetch_original, open_original, show_item
from mailroom.desk.back_office import accept
from mailroom.desk.case_page import open_case_page
from mailroom.desk.page_content import words_of_page
from mailroom.desk.post_room import settle
from mailroom.desk.proof import may_open, prove, state_purpose
from mailroom.desk.returning import return_item
from mailroom.desk.searching import search
from mailroom.desk.splitting import split
from mailroom.desk.telling import KINDS, sentence_of
from mailroom.domain.access import Role, Viewer
from mailroom.domain.capture import Receipt
from mailroom.domain.errors import CustodyBreach
from mailroom.domain.items import ItemState
from mailroom.domain.purpose import SITTING
from mailroom.records.accounts import add_account
from mailroom.records.alarms import alarms_raised
from mailroom.records.tables import Item
from mailroom.records.wanted import Wanted
from mailroom.services import Services

Step = Callable[[timedelta], None]
WAYS = (
    lambda name, viewer, services: show_item(name, viewer, None, services),
    lambda name, viewer, services: open_original(name, viewer, services).stream.close(),
    lambda name, viewer, services: fetch_original(name, services.scratch / "copy", viewer, None, services),
    prove,
    open_case_page,
    lambda name, viewer, services: words_of_page(name, 1, viewer, services),
)
"""Every way in which an auditor comes at what is in an item."""


def pdf_of_two_letters() -> bytes:
    return pdf_of("Council tax refund\n\nPlease refund my council tax.", "Housing repairs\n\nMy boiler is broken.")


def digest_given(item: Item, viewer: Viewer, services: Services) -> str:
    """The digest of the bytes that the viewer is given."""
    with open_original(item.id, viewer, services).stream as stream:
        return hashlib.sha256(stream.read()).hexdigest()


@pytest.mark.parametrize("way", WAYS)
def test_nothing_is_shown_to_an_auditor_before_the_purpose_is_on_record(
    way: Callable[..., object],
    settled: Item,
    auditor: Viewer,
    services: Services,
    events: Callable[[str], list[str]],
) -> None:
    before = events(settled.id)
    with pytest.raises(PurposeNeeded, match=settled.reference):
        way(settled.id, auditor, services)
    assert events(settled.id) == before
    state_purpose(settled.reference, "foi", auditor, services)
    way(settled.id, auditor, services)
    stated, look = events(settled.id)[len(before) :]
    assert (stated, look in ("viewed", "original_fetched")) == ("purpose_stated", True)


def test_a_purpose_lasts_while_the_auditor_goes_on_looking_and_no_longer(
    settled: Item, auditor: Viewer, services: Services, step: Step
) -> None:
    state_purpose(settled.id, "sar", auditor, services)
    for _ in range(3):
        step(SITTING)
        assert prove(settled.id, auditor, services).purpose == "Subject access request"
    step(SITTING + timedelta(seconds=1))
    with pytest.raises(PurposeNeeded):
        prove(settled.id, auditor, services)


def test_a_purpose_is_asked_anew_for_another_item_and_another_auditor(
    settled: Item, unclear: Item, auditor: Viewer, services: Services
) -> None:
    state_purpose(settled.id, "audit", auditor, services)
    with pytest.raises(PurposeNeeded):
        prove(unclear.id, auditor, services)
    with pytest.raises(PurposeNeeded):
        prove(settled.id, Viewer("bo", frozenset({Role.AUDITOR})), services)
    assert [may_open(item.id, auditor, services)[2] for item in (settled, unclear)] == [True, False]


def test_the_word_of_a_look_at_work_is_no_purpose_of_an_audit(settled: Item, clerk: Viewer, services: Services) -> None:
    show_item(settled.id, clerk, None, services)
    moved = Viewer(clerk.name, frozenset({Role.AUDITOR}))
    with pytest.raises(PurposeNeeded):
        prove(settled.id, moved, services)


def test_only_a_purpose_of_the_list_is_taken_and_only_from_an_auditor(
    settled: Item, at_risk: Item, auditor: Viewer, clerk: Viewer, services: Services
) -> None:
    with pytest.raises(Refused, match="no purpose 'curiosity'"):
        state_purpose(settled.id, "curiosity", auditor, services)
    with pytest.raises(Refused, match="auditor"):
        state_purpose(settled.id, "audit", clerk, services)
    with pytest.raises(NotThere):
        state_purpose(at_risk.id, "audit", Viewer("bo", frozenset({Role.AUDITOR})), services)


def test_the_proof_says_that_the_original_is_unchanged_and_who_had_it_for_what(
    settled: Item, auditor: Viewer, clerk: Viewer, services: Services
) -> None:
    show_item(settled.id, clerk, None, services)
    state_purpose(settled.id, "complaint", auditor, services)
    prove(settled.id, auditor, services)
    proof = prove(settled.id, auditor, services)
    (original,) = proof.originals
    assert (original.sha256, original.unchanged, proof.unchanged) == (settled.originals[0].sha256, True, True)
    seen = [(one.who, one.looked, one.did, one.purposes) for one in proof.seen_by]
    assert seen == [("kim", 1, 0, ["work"]), ("ada", 2, 0, ["Complaint"])]


def test_an_original_that_is_not_what_was_received_is_said_and_alarmed_and_not_given_out(
    settled: Item, auditor: Viewer, services: Services
) -> None:
    state_purpose(settled.id, "court", auditor, services)
    kept = services.settings.data / "vault" / settled.originals[0].key
    content = kept.read_bytes()
    kept.chmod(0o600)
    kept.write_bytes(content + b"!")
    proof = prove(settled.id, auditor, services)
    assert (proof.unchanged, proof.originals[0].unchanged) == (False, False)
    assert "not what was received" in proof.originals[0].sentence
    with services.records.look() as session:
        assert [alarm.subject for alarm in alarms_raised(session)] == [f"custody:{settled.id}"]
    with pytest.raises(CustodyBreach, match="do not rely on a copy"):
        open_original(settled.id, auditor, services)
    kept.write_bytes(content)


def test_an_original_that_is_gone_is_said(settled: Item, auditor: Viewer, services: Services) -> None:
    state_purpose(settled.id, "audit", auditor, services)
    kept = services.settings.data / "vault" / settled.originals[0].key
    away = kept.rename(kept.with_name("away"))
    assert prove(settled.id, auditor, services).originals[0].unchanged is False
    away.rename(kept)


def test_the_bytes_given_out_are_those_received_and_each_download_is_logged(
    settled: Item, auditor: Viewer, services: Services, events: Callable[[str], list[str]]
) -> None:
    state_purpose(settled.id, "audit", auditor, services)
    for _ in range(2):
        opened = open_original(settled.reference, auditor, services)
        with opened.stream as stream:
            assert b"My lodger has moved out" in stream.read()
        assert (opened.sha256, opened.file_name) == (settled.originals[0].sha256, "letter.txt")
    assert events(settled.id)[-2:] == ["original_fetched"] * 2


def test_a_part_of_a_batch_gives_its_extract_and_the_batch_opens_to_those_named_alone(
    deliver: Callable[..., Receipt],
    go_on: Callable[[str], Item],
    clerk: Viewer,
    auditor: Viewer,
    services: Services,
) -> None:
    whole = go_on(deliver(pdf_of_two_letters(), file_name="batch.pdf").item_id)
    split(whole.id, [2], clerk, services)
    (part, _) = (go_on(hit.item) for hit in search(Wanted(state=ItemState.WAITING), auditor, services).lines[::-1])
    unnamed = Viewer("bo", frozenset({Role.AUDITOR}))
    with pytest.raises(NotThere):
        state_purpose(whole.id, "audit", unnamed, services)
    state_purpose(part.id, "audit", unnamed, services)
    original = prove(part.id, unnamed, services).originals[0]
    assert (original.extract_of, original.pages) == (whole.originals[0].sha256, (1, 1))
    assert digest_given(part, unnamed, services) == original.sha256 != whole.originals[0].sha256
    state_purpose(whole.id, "audit", auditor, services)
    assert digest_given(whole, auditor, services) == whole.originals[0].sha256


def test_the_history_reads_as_sentences_with_who_and_why(
    unclear: Item, go_on: Callable[[str], Item], clerk: Viewer, sam: Viewer, auditor: Viewer, services: Services
) -> None:
    with services.records.work() as session:
        add_account(session, "kim", "Kim Osgood", services.now())
        session.commit()
    settle(unclear.id, "council_tax_refund", clerk, services, reason="she rang us")
    go_on(unclear.id)
    accept(unclear.id, sam, services)
    return_item(unclear.id, "not a refund at all", sam, services)
    state_purpose(unclear.id, "foi", auditor, services)
    lines = prove(unclear.id, auditor, services).history
    told = [(line.sentence, line.why) for line in lines]
    assert told[:2] == [("It came in by post.", None), ("It was opened: 1 document.", None)]
    assert ("Kim Osgood settled it as Council tax: refund for Revenues.", "she rang us") in told
    assert ("It was handed to Revenues.", None) in told
    assert ("sam accepted it for Revenues.", None) in told
    assert ("sam returned it from Revenues to the post room.", "not a refund at all") in told
    assert told[-2:] == [
        ("ada said what it is opened for.", "Freedom of information request"),
        ("ada looked at it.", "Freedom of information request"),
    ]


def test_a_store_that_cannot_be_read_is_said_as_such_and_raises_no_alarm(
    settled: Item, auditor: Viewer, services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    def cannot(*_: object) -> None:
        raise OSError(5, "Input/output error")

    state_purpose(settled.id, "audit", auditor, services)
    with monkeypatch.context() as broken:
        broken.setattr(type(services.vault), "open", cannot)
        assert prove(settled.id, auditor, services).originals[0].unchanged is None
    with services.records.look() as session:
        assert list(alarms_raised(session)) == []


def test_an_event_without_a_sentence_of_its_own_is_told_by_its_word(services: Services) -> None:
    told = [sentence_of("weighed_anew", {}, who, "kim", services) for who in ("Kim", None)]
    assert told == ["Weighed anew, by Kim.", "Weighed anew."]


@pytest.mark.parametrize("kind", KINDS)
def test_every_sentence_can_be_told_when_its_details_were_erased(kind: str, services: Services) -> None:
    told = sentence_of(kind, {}, "Kim", "kim", services)
    assert told.endswith(".")
    assert "None" not in told
