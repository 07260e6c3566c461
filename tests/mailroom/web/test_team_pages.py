"""A team's pages by HTTP: what each shows, what each form does, and that nobody sees what is not theirs."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from sample_letters import DISCOUNT
from sqlalchemy import select
from visitors import SignIn, Visitor

from mailroom.desk.correcting import correct
from mailroom.desk.post_room import mark_sensitive
from mailroom.domain.access import Role, Viewer
from mailroom.domain.capture import Receipt
from mailroom.records.tables import CaseNote, Item, Reply
from mailroom.services import Services

CLERK = Viewer("clerk", frozenset({Role.POST_ROOM}))


@pytest.fixture
def letter(deliver: Callable[..., Receipt], travel: Callable[..., Item]) -> Item:
    """A letter in the queue of Revenues."""
    item = travel(deliver(DISCOUNT).item_id)
    assert item.desk == "revenues"
    return item


@pytest.fixture
def sam(signed_in: SignIn) -> Visitor:
    return signed_in("sam", Role.BACK_OFFICE, teams=("revenues",))


@pytest.fixture
def row(services: Services) -> Callable[[Item], Item]:
    def look(item: Item) -> Item:
        with services.records.look() as session:
            found = session.get_one(Item, item.id)
            assert found.case is not None
            return found

    return look


def test_who_works_in_one_team_begins_in_its_queue(letter: Item, sam: Visitor) -> None:
    answer = sam.get("/")
    assert answer.url.path == "/teams/revenues"
    for words in (letter.reference, "Council tax: single person discount", "Jane Pemberton", "1 open", "0 late"):
        assert words in answer.text


def test_who_works_in_several_chooses(letter: Item, signed_in: SignIn) -> None:
    jo = signed_in("jo", Role.BACK_OFFICE, teams=("revenues", "housing"))
    answer = jo.get("/teams")
    assert "Revenues" in answer.text
    assert "Housing" in answer.text
    assert "Benefits" not in answer.text


def test_an_empty_queue_says_so_and_what_sleeps(letter: Item, sam: Visitor) -> None:
    sam.post(f"/cases/{letter.id}/bring-forward", {"day": "2026-11-20", "why": "the lease"})
    answer = sam.get("/teams/revenues")
    assert "Nothing waits for Revenues." in answer.text
    assert "1 come back on a later day" in answer.text
    assert letter.reference in sam.get("/teams/revenues?show=brought_forward").text


def test_another_team_s_queue_and_case_are_closed(letter: Item, signed_in: SignIn) -> None:
    pat = signed_in("pat", Role.BACK_OFFICE, teams=("housing",))
    assert pat.get("/teams/revenues").status_code == 409
    for path in (f"/cases/{letter.id}", f"/cases/{letter.id}/reply", f"/cases/{letter.id}/pages/1"):
        answer = pat.get(path)
        assert (answer.status_code, "Pemberton" in answer.text) == (404, False)
    for act in ("accept", "note", "return", "close", "allocate", "bring-forward", "reply", "reply/address"):
        sent = {"text": "x", "reason": "x", "outcome": "x", "officer": "x", "template": "answer", "name": "x"}
        answer = pat.post(f"/cases/{letter.id}/{act}", {**sent, "address": "x", "postcode": "x"})
        assert (answer.status_code, "Pemberton" in answer.text) == (404, False), act


def test_an_auditor_looks_at_a_case_and_can_do_nothing_with_it(letter: Item, signed_in: SignIn) -> None:
    ada = signed_in("ada", Role.AUDITOR)
    assert "Pemberton" not in ada.get(f"/cases/{letter.id}").text  # nobody has said what for
    ada.post(f"/audit/{letter.id}/purpose", {"purpose": "audit"})
    answer = ada.get(f"/cases/{letter.id}")
    assert (answer.status_code, "Pemberton" in answer.text, "/accept" in answer.text) == (200, True, False)
    assert ada.post(f"/cases/{letter.id}/accept").status_code == 403
    for role in (Role.MANAGER, Role.ADMINISTRATOR):
        assert signed_in(role.value, role).get(f"/cases/{letter.id}").status_code == 403


def test_a_case_that_becomes_limited_while_it_is_open_is_gone(letter: Item, sam: Visitor, services: Services) -> None:
    assert sam.get(f"/cases/{letter.id}").status_code == 200
    mark_sensitive(letter.id, CLERK, services, reason="r")
    answer = sam.post(f"/cases/{letter.id}/note", {"text": "Rang her."})
    assert (answer.status_code, "Pemberton" in answer.text) == (404, False)


def test_accepting_goes_back_to_where_it_was_asked(letter: Item, sam: Visitor, row: Callable[[Item], Item]) -> None:
    answer = sam.post(f"/cases/{letter.id}/accept", {"back": "/teams/revenues?show=open#at-1"}, follow_redirects=False)
    assert answer.headers["location"] == "/teams/revenues?show=open#at-1"
    assert row(letter).case.owner == "sam"  # type: ignore[union-attr]
    away = sam.post(f"/cases/{letter.id}/accept", {"back": "//evil.example"}, follow_redirects=False)
    assert away.headers["location"] == f"/cases/{letter.id}"


def test_a_case_shows_its_words_its_story_and_what_belongs_to_it(
    letter: Item, sam: Visitor, deliver: Callable[..., Receipt], travel: Callable[..., Item]
) -> None:
    other = travel(deliver(DISCOUNT + b"\nP.S. Please hurry.\n").item_id)
    sam.post(f"/cases/{letter.id}/note", {"text": "<b>Rang</b> her."})
    text = sam.get(f"/cases/{letter.id}").text
    for words in ("My lodger has moved out", "Handed over to Revenues.", other.reference, "Due: Answered in full."):
        assert words in text
    assert "&lt;b&gt;Rang&lt;/b&gt; her." in text


def test_one_opening_is_one_look_on_record(letter: Item, sam: Visitor, services: Services) -> None:
    for _ in range(3):
        sam.get(f"/cases/{letter.id}")
    from mailroom.records.tables import CustodyEvent

    with services.records.look() as session:
        looks = select(CustodyEvent).where(CustodyEvent.kind == "viewed", CustodyEvent.item_id == letter.id)
        assert [event.actor for event in session.scalars(looks)] == ["sam"]


@pytest.mark.parametrize(
    ("act", "sent", "sentence", "kept"),
    [
        ("bring-forward", {"day": "2026-11-10", "why": "the lease"}, "a day after today", "the lease"),
        ("bring-forward", {"day": "soon", "why": "the lease"}, "is no date", "the lease"),
        ("return", {"words": ""}, "Say why it is returned", ""),
        ("return", {"reason": "another_team", "belongs_to": "hosing"}, "Nearest: housing", "hosing"),
        ("close", {"other": "granted", "day": "2027-01-01"}, "in the future", "granted"),
        ("note", {"text": " "}, "Write what is to be noted", ""),
        ("allocate", {"officer": ""}, "Name the officer", ""),
    ],
)
def test_what_is_refused_is_said_on_the_page_and_what_was_typed_stays(
    act: str, sent: dict[str, str], sentence: str, kept: str, letter: Item, sam: Visitor
) -> None:
    answer = sam.post(f"/cases/{letter.id}/{act}", sent)
    assert answer.status_code == 409
    assert sentence in answer.text
    assert "There is a problem" in answer.text
    assert kept in answer.text
    assert f'id="{act}" open' in answer.text


def test_a_return_takes_the_item_out_of_the_team_s_sight(letter: Item, sam: Visitor) -> None:
    answer = sam.post(f"/cases/{letter.id}/return", {"reason": "pages_missing", "back": "/teams/revenues"})
    assert (answer.status_code, answer.url.path) == (200, "/teams/revenues")
    assert "Revenues has returned" in answer.text
    assert sam.get(f"/cases/{letter.id}").status_code == 404


def test_closing_takes_the_date_of_the_answer(
    letter: Item, sam: Visitor, row: Callable[[Item], Item], step: Callable[[timedelta], None]
) -> None:
    step(timedelta(days=2))
    sam.client.post("/sign-in", data={"name": "sam", "password": "three brown foxes"})
    fresh = Visitor(sam.client, sam.get("/me").text.split('name="csrf" value="')[1].split('"')[0])
    sent = {"outcome": "discount granted", "day": "2026-11-17", "back": "/teams/revenues"}
    assert "is closed: discount granted" in fresh.post(f"/cases/{letter.id}/close", sent).text
    case = row(letter).case
    assert case is not None
    assert case.closed_at is not None
    assert case.closed_at.isoformat() == "2026-11-17T12:00:00+00:00"


def test_a_reply_shows_what_is_missing_takes_the_address_and_is_sent(
    letter: Item, sam: Visitor, services: Services
) -> None:
    page = f"/cases/{letter.id}/reply"
    assert "The address was read from the letter" in sam.get(f"{page}?template=answer").text
    correct(letter.id, "sender_address", "", CLERK, services)
    assert "Single person discount granted" in sam.get(page).text
    text = sam.get(f"{page}?template=discount_granted").text
    assert "Still missing" in text
    assert "Your council tax account is 71204455." in text
    assert "The postal address is not complete" in text
    put = {"template": "discount_granted", "name": "Jane Pemberton", "address": "4 Quarry View\nHarrowdale"}
    assert sam.post(f"{page}/address", {**put, "postcode": "nowhere"}).status_code == 409
    answer = sam.post(f"{page}/address", {**put, "postcode": "HD7 4QT"})
    assert "Jane Pemberton, 4 Quarry View, Harrowdale, HD7 4QT" in answer.text
    filled = {"template": "discount_granted", "number": "1", "fill-from": "1 November", "fill-new_bill": "£9.50"}
    shown = sam.post(page, {**filled, "do": "show", "language": "en"})
    assert "Nothing is missing." in shown.text
    assert "off your council tax from 1 November." in shown.text
    refused = sam.post(page, {**filled, "fill-from": "", "do": "send"})
    assert (refused.status_code, "not complete" in refused.text, "£9.50" in refused.text) == (409, True, True)
    sent = sam.post(page, {**filled, "do": "send", "back": "/teams/revenues"})
    assert "goes among the letters to be printed" in sent.text
    twice = sam.post(page, {**filled, "do": "send"})
    assert (twice.status_code, "Somebody has answered" in twice.text) == (409, True)
    with services.records.look() as session:
        assert [reply.author for reply in session.scalars(select(Reply))] == ["sam"]
    assert "Take it back" in sam.get(f"/cases/{letter.id}").text
    assert "is taken back" in sam.post(f"{page}/take-back").text


def test_a_holding_reply_without_a_day_says_so(letter: Item, sam: Visitor) -> None:
    text = sam.get(f"/cases/{letter.id}/reply?template=more_time").text
    assert "the promised date" in text
    answer = sam.post(f"/cases/{letter.id}/reply", {"template": "more_time", "promised": "tomorrow", "do": "show"})
    assert (answer.status_code, "is no date" in answer.text) == (409, True)


def test_a_template_that_there_is_not_is_refused(letter: Item, sam: Visitor) -> None:
    assert sam.get(f"/cases/{letter.id}/reply?template=nothing").status_code == 409
    assert sam.post(f"/cases/{letter.id}/reply", {"template": "nothing", "do": "send"}).status_code == 409


@pytest.mark.parametrize(
    "body", ["<script>canary()</script>", '"><img src=x onerror=canary()>', "{{ 7*7 }}", "\u202egnp"]
)
def test_markup_in_notes_replies_and_names_is_shown_as_text(
    body: str, letter: Item, sam: Visitor, services: Services
) -> None:
    sam.post(f"/cases/{letter.id}/note", {"text": body})
    shown = sam.get(f"/cases/{letter.id}").text
    assert body not in shown or body == "{{ 7*7 }}"
    assert "<script>canary" not in shown
    reply = sam.post(f"/cases/{letter.id}/reply", {"template": "answer", "fill-answer": body, "do": "show"}).text
    assert "<script>canary" not in reply
    assert "<img src=x" not in reply
    with services.records.look() as session:
        assert "\u202e" not in session.scalars(select(CaseNote)).one().text


def test_each_due_date_says_whose_promise_it_is_and_closed_cases_have_a_part(letter: Item, sam: Visitor) -> None:
    case = " ".join(sam.get(f"/cases/{letter.id}").text.split())
    assert case.index("Answer: ") < case.index("Sender to be told: ")
    queue = sam.get("/teams/revenues").text
    assert ("To be accepted: " in queue, "Sender to be told: " in queue) == (True, False)  # that is not late yet
    sam.post(f"/cases/{letter.id}/close", {"outcome": "discount granted", "day": "2026-11-16"})
    closed = sam.get("/teams/revenues?show=closed").text
    assert (letter.reference in closed, "discount granted" in closed, 'data-key="8"' in closed) == (True, True, True)
    assert "Accept<" not in closed
