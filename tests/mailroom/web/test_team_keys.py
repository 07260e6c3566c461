"""An officer's day by keys alone, in a real browser; and without scripts, by links and forms."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import select

from mailroom.domain.access import Role
from mailroom.domain.capture import Receipt
from mailroom.records.tables import Case, Item, Reply
from mailroom.services import Services

NAMES = ("Jane Pemberton", "Rhys Treharne", "Mary Bell", "Ann Osgood", "John Carter")
DISCOUNT = (
    "My lodger has moved out, and I am now the only adult living here. Please give me the single person discount."
)
REFUND = "Please refund what I paid too much of my council tax."


def letter_of(number: int) -> bytes:
    what, wish = ("refund", REFUND) if number % 2 else ("single person discount", DISCOUNT)
    return (
        f"{NAMES[number]}\n{number} Quarry View\nHarrowdale\nHD7 4QT\n\n12 November 2026\n\nDear Sir or Madam\n\n"
        f"Council tax: {what}\n\n{wish} My council tax account number is 7120445{number}.\n\nYours faithfully\n\n"
        f"{NAMES[number]}\n"
    ).encode()


@pytest.fixture
def five(deliver: Callable[..., Receipt], travel: Callable[..., Item]) -> list[Item]:
    """Five letters in the queue of Revenues."""
    items = [travel(deliver(letter_of(number)).item_id) for number in range(5)]
    assert {item.desk for item in items} == {"revenues"}
    return items


@pytest.fixture
def sam(five: list[Item], open_as: Callable[..., Page]) -> Page:
    """Somebody of Revenues in front of their queue."""
    page = open_as("sam", Role.BACK_OFFICE, teams=("revenues",))
    page.wait_for_url("**/teams/revenues")
    return page


def focused(page: Page) -> str:
    return str(page.evaluate("document.activeElement.textContent.trim()"))


def press(page: Page, *keys: str) -> None:
    for key in keys:
        page.keyboard.press(key)


def test_a_team_answers_five_cases_by_keys_alone(sam: Page, five: list[Item], services: Services) -> None:
    expect(sam.locator("[data-open]").first).to_be_focused()
    with sam.expect_navigation():  # accept: one key
        press(sam, "a")
    expect(sam.get_by_role("alert")).to_contain_text("sam has it")
    with sam.expect_navigation():  # return: at most three keys once the case is open
        press(sam, "r")
    expect(sam.locator("#return input[type=radio]").first).to_be_focused()
    with sam.expect_navigation():
        press(sam, "4", "Enter")
    expect(sam.get_by_role("alert")).to_contain_text("has returned")
    for _ in range(3):  # close: at most four keys
        with sam.expect_navigation():
            press(sam, "c")
        expect(sam.locator("#close input[type=radio]").first).to_be_focused()
        with sam.expect_navigation():
            press(sam, "1", "Enter")
        expect(sam.get_by_role("alert")).to_contain_text("is closed")
    assert sam.locator("[data-row]").count() == 1
    with sam.expect_navigation():
        press(sam, "Enter")
    press(sam, "n")
    sam.keyboard.type("Rang; nobody there. accr")
    press(sam, "Tab")
    with sam.expect_navigation():
        press(sam, "Enter")
    expect(sam.locator(".mr-story")).to_contain_text("Rang; nobody there. accr")
    press(sam, "b")
    expect(sam.locator("#bring-forward-day")).to_be_focused()
    sam.locator("#bring-forward-day").fill("2026-11-20")
    sam.locator("#bring-forward-why").focus()
    sam.keyboard.type("the lease")
    with sam.expect_navigation():
        press(sam, "Enter")
    expect(sam.get_by_role("alert")).to_contain_text("comes back on Friday 20 November 2026")
    expect(sam.locator("main")).to_contain_text("Nothing waits for Revenues.")
    with services.records.look() as session:
        closed = session.scalars(select(Case).where(Case.closed_at.is_not(None))).all()
    assert len(closed) == 3


def test_keys_walk_the_queue_and_never_fire_while_somebody_types(sam: Page) -> None:
    first = focused(sam)
    press(sam, "j")
    second = focused(sam)
    assert first != second
    press(sam, "ArrowUp")
    assert focused(sam) == first
    press(sam, "k")
    assert focused(sam) == first
    with sam.expect_navigation():
        press(sam, "Enter")
    press(sam, "g")
    sam.keyboard.type("arcn")
    assert sam.locator("#allocate-officer").input_value() == "arcn"
    press(sam, "Escape")
    assert sam.locator("details[name=actions][open]").count() == 0
    press(sam, "?")
    expect(sam.locator(".mr-key-list")).to_be_visible()
    press(sam, "q", "Escape")
    expect(sam.locator(".mr-key-list")).to_be_hidden()
    with sam.expect_navigation():
        press(sam, "q")
    sam.wait_for_url("**/teams/revenues**")


def test_a_reply_is_written_and_sent_by_keys(sam: Page, five: list[Item]) -> None:
    sam.goto(f"/cases/{five[0].id}")
    with sam.expect_navigation():
        press(sam, "w")
    with sam.expect_navigation():
        press(sam, "3")
    sam.get_by_label("The answer", exact=True).focus()
    sam.keyboard.type("Yes.")
    expect(sam.locator("#draft")).to_contain_text("Yes.")
    expect(sam.locator("#draft")).to_contain_text("Nothing is missing.")
    press(sam, *["Tab"] * 3)
    expect(sam.get_by_label("English")).to_be_focused()
    press(sam, "Tab")
    expect(sam.get_by_role("button", name="Show it")).to_be_focused()
    with sam.expect_navigation():
        press(sam, "Tab", "Enter")
    expect(sam.get_by_role("alert")).to_contain_text(
        "goes among the letters to be printed. Until it is printed, it can"
    )


@pytest.mark.parametrize("javascript", [True, False])
def test_enter_in_a_field_of_a_reply_shows_it_and_sends_nothing(
    five: list[Item], open_as: Callable[..., Page], services: Services, *, javascript: bool
) -> None:
    page = open_as("sam", Role.BACK_OFFICE, teams=("revenues",), javascript=javascript)
    page.goto(f"/cases/{five[0].id}/reply?template=discount_granted")
    for label in ("From which date", "The new amount to pay"):
        page.get_by_label(label).fill("1 November")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    expect(page.locator("#draft")).to_contain_text("off your council tax from 1 November.")
    if javascript:
        expect(page.locator("#draft-title")).to_be_focused()
    with services.records.look() as session:
        assert session.scalars(select(Reply)).all() == []


def test_single_keys_that_are_switched_off_do_nothing(five: list[Item], open_as: Callable[..., Page]) -> None:
    page = open_as("sam", Role.BACK_OFFICE, teams=("revenues",))
    page.wait_for_url("**/teams/revenues")
    page.goto("/me")
    page.get_by_label("Single keys").uncheck()
    page.get_by_role("button", name="Save").click()
    page.get_by_role("alert").wait_for()
    page.goto("/teams/revenues")
    first = focused(page)
    press(page, "j", "a", "r")
    page.wait_for_timeout(300)
    assert focused(page) == first
    assert page.url.endswith("/teams/revenues")


def test_everything_works_without_scripts(five: list[Item], open_as: Callable[..., Page]) -> None:
    page = open_as("sam", Role.BACK_OFFICE, teams=("revenues",), javascript=False)
    page.get_by_role("button", name="Accept").first.click()
    expect(page.get_by_role("alert")).to_contain_text("sam has it")
    page.locator("[data-open]").first.click()
    page.get_by_text("Close", exact=False).first.click()
    page.locator("#close input[type=radio]").first.check()
    page.get_by_role("button", name="Close the case").click()
    expect(page.get_by_role("alert")).to_contain_text("is closed: ")
