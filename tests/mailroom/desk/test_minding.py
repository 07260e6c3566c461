"""Notes, dates that bring a case back, and whose it is when an officer leaves."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from sqlalchemy import select

from mailroom.desk.accounts import Post, account, join, move
from mailroom.desk.acting import Refused
from mailroom.desk.audit import NotThere
from mailroom.desk.back_office import accept, close_case
from mailroom.desk.minding import bring_forward, give_back_cases, plain_words, write_note
from mailroom.desk.timeline import timeline
from mailroom.domain.access import Role, Viewer
from mailroom.records.tables import CaseNote, CustodyDetail, Item
from mailroom.services import Services

BOSS = Viewer("boss", frozenset({Role.ADMINISTRATOR}))
Fresh = Callable[[str], Item]
Kinds = Callable[[str], list[str]]


def owner(item: Item) -> str:
    assert item.case is not None
    return item.case.owner


def notes(services: Services) -> list[CaseNote]:
    with services.records.look() as session:
        return list(session.scalars(select(CaseNote)))


def test_a_note_says_who_wrote_what_when_and_its_words_stand_in_no_event(
    settled: Item, sam: Viewer, services: Services, events: Kinds
) -> None:
    write_note(settled.id, "Rang Mrs Pemberton:\r\nshe sends the deed.", sam, services)
    (note,) = notes(services)
    assert (note.author, note.written_at, note.text) == (
        "sam",
        services.now(),
        "Rang Mrs Pemberton:\nshe sends the deed.",
    )
    assert events(settled.id)[-1] == "noted"
    with services.records.look() as session:
        details: list[Any] = list(session.scalars(select(CustodyDetail.details)))
    assert "deed" not in str(details)


def test_a_note_is_for_those_who_work_with_the_case(
    settled: Item, unclear: Item, sam: Viewer, pat: Viewer, clerk: Viewer, auditor: Viewer, services: Services
) -> None:
    write_note(unclear.id, "Asked at the counter.", clerk, services)
    with pytest.raises(NotThere):
        write_note(settled.id, "x", pat, services)
    with pytest.raises(NotThere):
        write_note(unclear.id, "x", sam, services)
    with pytest.raises(Refused, match="Only the back office or the post room"):
        write_note(settled.id, "x", auditor, services)


@pytest.mark.parametrize(("text", "sentence"), [(" \n\x00", "Write what"), ("x" * 10_001, "at most 10000")])
def test_a_note_is_neither_empty_nor_a_book(
    text: str, sentence: str, settled: Item, sam: Viewer, services: Services
) -> None:
    with pytest.raises(Refused, match=sentence):
        write_note(settled.id, text, sam, services)
    assert notes(services) == []


def test_words_keep_their_lines_and_lose_what_only_a_screen_would_act_on() -> None:
    assert plain_words(" one\r\n\x1b[31mtwo\u202e  \rthree\t3 \n") == "one\n[31mtwo\nthree\t3"


def test_a_date_needs_a_reason_and_lies_ahead(settled: Item, sam: Viewer, services: Services) -> None:
    with pytest.raises(Refused, match="Say what you wait for"):
        bring_forward(settled.id, date(2026, 11, 20), " ", sam, services)
    for day in (date(2026, 11, 16), date(2026, 11, 13)):
        with pytest.raises(Refused, match="a day after today"):
            bring_forward(settled.id, day, "r", sam, services)


def test_bringing_forward_is_noted_and_can_be_undone(
    settled: Item, sam: Viewer, services: Services, fresh: Fresh, events: Kinds
) -> None:
    done = bring_forward(settled.id, date(2026, 11, 20), "the landlord answers", sam, services)
    assert done.sentence == (
        f"{settled.reference} comes back on Friday 20 November 2026. "
        "Its next deadline ends before that, on Tuesday 17 November 2026."
    )
    (note,) = notes(services)
    assert note.text == "Brought forward to 20 November 2026: the landlord answers"
    bring_forward(settled.id, None, "", sam, services)
    case = fresh(settled.id).case
    assert case is not None
    assert case.brought_forward_to is None
    assert events(settled.id)[-2:] == ["brought_forward", "brought_back"]


def test_a_closed_case_is_not_brought_forward(settled: Item, sam: Viewer, services: Services) -> None:
    close_case(settled.id, "done", services.now(), sam, services)
    with pytest.raises(Refused, match="is closed"):
        bring_forward(settled.id, date(2026, 11, 20), "r", sam, services)


def test_the_cases_of_an_officer_who_leaves_fall_back_to_their_team(
    settled: Item, sam: Viewer, services: Services, fresh: Fresh, events: Kinds
) -> None:
    accept(settled.id, sam, services, officer="sam")
    with services.records.work() as session:
        assert give_back_cases(session, "jo", actor="root", at=services.now()) == 0
        assert give_back_cases(session, "sam", actor="root", at=services.now()) == 1
        session.commit()
    case = fresh(settled.id).case
    assert case is not None
    assert case.owner == "team:revenues"
    assert events(settled.id)[-1] == "fell_back"


def test_a_mover_keeps_the_cases_of_teams_that_they_stay_in_and_no_others(
    settled: Item, sam: Viewer, services: Services, fresh: Fresh
) -> None:
    join("sam", "Sam", Post(frozenset({Role.BACK_OFFICE}), frozenset({"revenues"})), BOSS, services)
    accept(settled.id, sam, services, officer="sam")
    both = Post(frozenset({Role.BACK_OFFICE}), frozenset({"revenues", "housing"}))
    assert move("sam", both, BOSS, services) == 0
    assert owner(fresh(settled.id)) == "sam"
    assert move("sam", Post(frozenset({Role.BACK_OFFICE}), frozenset({"housing"})), BOSS, services) == 1
    assert owner(fresh(settled.id)) == "team:revenues"
    story = [entry.sentence for entry in timeline(settled.id, sam, services)]
    assert "Back with Revenues: its officer works there no more." in story
    assert account("sam", BOSS, services)["history"][0]["details"]["given_back"] == 1


def test_whoever_works_in_the_back_office_no_more_keeps_no_case_of_it(
    settled: Item, sam: Viewer, services: Services, fresh: Fresh
) -> None:
    join("sam", "Sam", Post(frozenset({Role.BACK_OFFICE}), frozenset({"revenues"})), BOSS, services)
    accept(settled.id, sam, services, officer="sam")
    move("sam", Post(frozenset({Role.MANAGER}), frozenset({"revenues"})), BOSS, services)
    assert owner(fresh(settled.id)) == "team:revenues"


def test_a_closed_case_keeps_the_name_of_who_closed_it(
    settled: Item, sam: Viewer, services: Services, fresh: Fresh
) -> None:
    accept(settled.id, sam, services, officer="sam")
    close_case(settled.id, "done", services.now(), sam, services)
    with services.records.work() as session:
        assert give_back_cases(session, "sam", actor="root", at=services.now()) == 0
    case = fresh(settled.id).case
    assert case is not None
    assert case.owner == "sam"
