"""An auditor puts an item under legal hold and lifts it on its page; whoever has the paper sees that it must stay."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect
from visitors import SignIn, Visitor

from mailroom.desk.audit import show_item
from mailroom.desk.legal_hold import lift_hold, place_hold
from mailroom.domain.access import Role, Viewer
from mailroom.domain.capture import Receipt
from mailroom.records.holds import holds_of
from mailroom.records.tables import Item
from mailroom.services import Services

REFUND = b"Council tax refund\n\nPlease refund the council tax that I have paid twice.\n\nJane Pemberton"
AT_RISK = b"Safeguarding concern\n\nThe child next door is at risk of harm. His stepfather hits him.\n\nAnn Osgood"
AUDITOR = Viewer("una", frozenset({Role.AUDITOR}), named_for_limited=True)
HELD, MARK = "Under legal hold: nothing of it may be destroyed", "legal hold: destroy nothing"


@pytest.fixture
def letter(deliver: Callable[..., Receipt], travel: Callable[..., Item]) -> Item:
    """A letter that its team has."""
    return travel(deliver(REFUND, file_name="refund.txt").item_id)


@pytest.fixture
def ada(signed_in: SignIn) -> Visitor:
    """An auditor, not named for limited access."""
    return signed_in("ada", Role.AUDITOR)


def test_a_hold_is_put_on_and_lifted_with_a_reason_and_both_stay_in_the_history(
    ada: Visitor, letter: Item, services: Services
) -> None:
    before = ada.post(f"/audit/{letter.id}/purpose", {"purpose": "court"}).text
    assert (HELD in before, "Put it under legal hold" in before) == (False, True)
    held = ada.post(f"/audit/{letter.id}/hold", {"reason": " Claim 4711 "}).text
    assert HELD in held
    assert "put it under legal hold.</span> <q>Claim 4711</q>" in held
    assert held.count("Claim 4711") == 2
    lifted = ada.post(f"/audit/{letter.id}/hold", {"lift": "yes", "reason": "withdrawn"}).text
    assert (HELD in lifted, "Put it under legal hold" in lifted) == (False, True)
    assert "lifted the legal hold on it.</span> <q>withdrawn</q>" in lifted
    assert (lifted.count("Claim 4711"), lifted.count("withdrawn")) == (1, 1)
    with services.records.look() as session:
        (row,) = holds_of(session, letter.id)
    assert (row.placed_by, row.reason, row.lifted_by, row.lifted_why) == ("ada", "Claim 4711", "ada", "withdrawn")


def test_without_a_reason_nothing_is_done_and_the_page_says_so(ada: Visitor, letter: Item) -> None:
    ada.post(f"/audit/{letter.id}/purpose", {"purpose": "court"})
    answer = ada.post(f"/audit/{letter.id}/hold", {"reason": " "})
    assert answer.status_code == 409
    assert "Say why; it stays with the hold." in answer.text
    assert HELD not in answer.text


def test_nothing_is_held_before_the_purpose_is_on_record(ada: Visitor, letter: Item, services: Services) -> None:
    assert "What do you open" in ada.post(f"/audit/{letter.id}/hold", {"reason": "Claim 4711"}).text
    with services.records.look() as session:
        assert not holds_of(session, letter.id)


@pytest.mark.parametrize("role", [Role.POST_ROOM, Role.BACK_OFFICE, Role.MANAGER, Role.ADMINISTRATOR])
def test_holding_is_for_auditors(role: Role, signed_in: SignIn, letter: Item, services: Services) -> None:
    other = signed_in("kim", role, teams=("revenues",))
    assert other.get("/audit/holds").status_code == 403
    assert other.post(f"/audit/{letter.id}/hold", {"reason": "Claim 4711"}).status_code == 403
    with services.records.look() as session:
        assert not holds_of(session, letter.id)


def test_a_list_has_what_is_held_and_nothing_that_is_not_theirs(
    ada: Visitor, letter: Item, deliver: Callable[..., Receipt], travel: Callable[..., Item], services: Services
) -> None:
    assert "No item that you may see is under legal hold." in ada.get("/audit/holds").text
    at_risk = travel(deliver(AT_RISK).item_id)
    place_hold(letter.id, AUDITOR, services, reason="Claim 4711")
    place_hold(at_risk.id, AUDITOR, services, reason="A coroner asks")
    listed = ada.get("/audit/holds").text
    assert f'href="/audit/{letter.id}"' in listed
    assert "Claim 4711" in listed
    assert at_risk.reference not in listed
    assert "coroner" not in listed
    assert ada.post(f"/audit/{at_risk.id}/hold", {"reason": "x"}).status_code == 404
    assert "legal hold</strong>" in ada.get("/audit?words=refund").text
    lift_hold(letter.id, AUDITOR, services, reason="withdrawn")
    assert letter.reference not in ada.get("/audit/holds").text
    assert "legal hold</strong>" not in ada.get("/audit?words=refund").text


def test_whoever_has_the_paper_sees_that_it_must_stay_and_not_why(
    letter: Item, signed_in: SignIn, services: Services
) -> None:
    kim, sam = signed_in("kim", Role.POST_ROOM), signed_in("sam", Role.BACK_OFFICE, teams=("revenues",))
    pages = (lambda: kim.get(f"/items/{letter.id}").text, lambda: sam.get(f"/cases/{letter.id}").text)
    assert not any(MARK in page() for page in pages)
    place_hold(letter.id, AUDITOR, services, reason="Claim 4711")
    assert all(MARK in page() for page in pages)
    assert not any("Claim 4711" in page() for page in pages)
    clerk = Viewer("sam", frozenset({Role.BACK_OFFICE}), frozenset({"revenues"}))
    assert show_item(letter.id, clerk, None, services)["legal_hold"]["reason"] is None
    assert show_item(letter.id, AUDITOR, "court", services)["legal_hold"]["reason"] == "Claim 4711"


def test_by_keys_alone(letter: Item, open_as: Callable[..., Page]) -> None:
    page = open_as("ada", Role.AUDITOR)
    page.goto(f"/audit/{letter.id}")
    page.keyboard.press("5")
    expect(page.locator("h1")).to_contain_text(letter.reference)
    for reason, mark in (("Claim 4711", 1), ("withdrawn", 0)):
        page.keyboard.press("h")
        expect(page.locator("#hold-reason")).to_be_focused()
        page.keyboard.type(reason)
        page.keyboard.press("Tab")
        page.keyboard.press("Enter")
        expect(page.locator(".govuk-notification-banner")).to_contain_text(letter.reference)
        expect(page.locator("h1 .govuk-tag")).to_have_count(mark)
