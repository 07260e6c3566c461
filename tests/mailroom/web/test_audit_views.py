"""An auditor saves a search with all that was chosen beside its words, opens it again and removes it."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect
from visitors import SignIn, Visitor

from mailroom.domain.access import Role
from mailroom.domain.capture import Receipt
from mailroom.records.tables import Item
from mailroom.web.audit_found import as_line

REFUND = b"Council tax refund\n\nPlease refund the council tax that I have paid twice.\n\nJane Pemberton"


@pytest.fixture
def letter(deliver: Callable[..., Receipt], travel: Callable[..., Item]) -> Item:
    """A letter that its team has."""
    return travel(deliver(REFUND, file_name="refund.txt").item_id)


@pytest.fixture
def ada(signed_in: SignIn) -> Visitor:
    """An auditor, not named for limited access."""
    return signed_in("ada", Role.AUDITOR)


def test_what_is_chosen_beside_the_words_becomes_part_of_the_line() -> None:
    asked = {"words": "bin", "first": "2026-11-01", "last": "", "case_type": "council_tax_refund", "team": "revenues"}
    assert as_line(asked) == "bin from:2026-11-01 type:council_tax_refund team:revenues"
    assert as_line({"words": "", "state": "exception", "channel": "post"}) == "channel:post state:exception"


def test_a_saved_search_is_opened_again_and_removed(ada: Visitor, letter: Item) -> None:
    page = ada.get("/audit?words=refund&team=revenues").text
    assert 'name="words" value="refund team:revenues"' in page
    saved = ada.post("/audit/views", {"name": "Refunds", "words": "refund team:revenues", "order": "clock"})
    assert "The view “Refunds” is saved." in saved.text
    assert letter.reference in saved.text
    first = ada.get("/audit").text
    address = first.partition("Refunds")[0].rpartition('href="')[2].partition('"')[0].replace("&amp;", "&")
    assert letter.reference in ada.get(address).text
    view = first.partition("/audit/views/")[2].partition("/")[0]
    assert "The view “Refunds” is removed." in ada.post(f"/audit/views/{view}/remove").text
    assert "Saved views" not in ada.get("/audit").text


def test_a_view_that_is_not_saved_says_so_beside_the_field_and_keeps_what_was_typed(
    letter: Item, open_as: Callable[..., Page]
) -> None:
    page = open_as("ada", Role.AUDITOR)
    page.goto("/audit?words=refund&team=revenues")
    page.keyboard.press("v")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.locator("#view-name-error")).to_contain_text("Give the view a name.")
    expect(page.locator("#words")).to_have_value("refund team:revenues")
    expect(page.get_by_role("link", name=letter.reference)).to_be_visible()
    page.get_by_role("alert").get_by_role("link", name="Give the view a name.").click()
    expect(page.locator("#view-name")).to_be_focused()
    page.keyboard.type("Refunds")
    page.keyboard.press("Enter")
    expect(page.locator(".govuk-notification-banner")).to_contain_text("The view “Refunds” is saved.")


def test_a_view_of_nothing_is_refused(ada: Visitor) -> None:
    answer = ada.post("/audit/views", {"name": "Mine", "words": " "})
    assert (answer.status_code, "Search for something first" in answer.text) == (409, True)


def test_the_key_leads_into_the_name_and_not_into_the_field_of_the_search(
    letter: Item, open_as: Callable[..., Page]
) -> None:
    page = open_as("ada", Role.AUDITOR)
    page.goto("/audit?words=refund")
    page.keyboard.press("v")
    expect(page.locator("#view-name")).to_be_focused()
    page.keyboard.type("Refunds")
    page.keyboard.press("Enter")
    expect(page.locator(".govuk-notification-banner")).to_contain_text("The view “Refunds” is saved.")
    expect(page.locator("#words")).to_have_value("refund")
