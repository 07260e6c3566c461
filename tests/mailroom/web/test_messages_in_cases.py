"""A message that quotes somebody's case: a clerk adds it by two keys, an officer sees it once, in a real browser."""

from __future__ import annotations

from collections.abc import Callable
from email.message import EmailMessage

import pytest
from playwright.sync_api import Page, expect
from sample_letters import DISCOUNT

from mailroom.domain.access import Role
from mailroom.domain.capture import Channel, Receipt
from mailroom.records.tables import Item
from mailroom.services import Services

Travel = Callable[..., Item]
OpenAs = Callable[..., Page]


@pytest.fixture
def write(deliver: Callable[..., Receipt], travel: Travel) -> Callable[..., Item]:
    """Carries a mail through its journey."""

    def send(text: str, sender: str, subject: str) -> Item:
        mail = EmailMessage()
        mail["From"], mail["Subject"] = sender, subject
        mail.set_content(text)
        return travel(deliver(mail.as_bytes(), channel=Channel.EMAIL, proven_sender=sender).item_id)

    return send


@pytest.fixture
def opened(write: Callable[..., Item]) -> Item:
    """Jane's case, with Revenues."""
    return write(DISCOUNT.decode(), "jane@client.example", "Council tax")


@pytest.fixture
def doubted(write: Callable[..., Item], opened: Item) -> Item:
    """A message from an address that the case does not know."""
    subject = f"Re: {opened.reference}"
    return write("I write from my sister's computer. The lodger left in October.", "sister@client.example", subject)


def test_two_keys_add_a_message_to_the_case_that_it_quotes(
    doubted: Item, opened: Item, open_as: OpenAs, services: Services
) -> None:
    page = open_as("kim", Role.POST_ROOM)
    page.keyboard.press("Enter")
    expect(page.locator("#reference")).to_have_text(doubted.reference)
    expect(page.get_by_text(f"Its subject quotes {opened.reference}, but that case does not know")).to_be_visible()
    page.wait_for_load_state()
    page.keyboard.press("c")
    choice = page.locator("#act-add [data-pick='1']")
    expect(choice).to_contain_text(opened.reference)
    expect(choice).to_contain_text("but does not know this sender")
    page.keyboard.press("1")
    expect(page.get_by_role("heading", name="Nothing is free for you now")).to_be_visible()
    with services.records.look() as session:
        row = session.get_one(Item, doubted.id)
        assert (row.case_id, row.settled, row.team) == (opened.case_id, True, "revenues")


def test_no_number_adds_it_before_the_list_of_cases_is_open(doubted: Item, open_as: OpenAs) -> None:
    page = open_as("kim", Role.POST_ROOM)
    page.keyboard.press("Enter")
    expect(page.locator("#reference")).to_have_text(doubted.reference)
    page.wait_for_load_state()
    page.keyboard.press("1")
    page.keyboard.press("c")
    expect(page.locator("#act-add [data-pick='1']")).to_be_visible()
    expect(page.locator("#reference")).to_have_text(doubted.reference)


def test_an_officer_sees_a_message_once_and_it_is_gone_from_the_queue(
    write: Callable[..., Item], opened: Item, open_as: OpenAs
) -> None:
    message = write("Thank you. It was in October.", "jane@client.example", f"Re: {opened.reference}")
    page = open_as("sam", Role.BACK_OFFICE, teams=("revenues",))
    expect(page.get_by_role("heading", name="Revenues")).to_be_visible()
    line = page.locator("[data-row]", has_text=message.reference)
    expect(line).to_contain_text(f"message in {opened.reference}")
    line.get_by_role("link", name=message.reference).click()
    expect(page.get_by_text("This is a message in the case")).to_be_visible()
    page.get_by_role("link", name=opened.reference).first.click()
    expect(page.get_by_text(f"Message added to {opened.reference}.")).to_be_visible()
    page.go_back()
    expect(page.get_by_text("This is a message in the case")).to_be_visible()
    page.wait_for_load_state()
    page.keyboard.press("a")
    expect(page.get_by_text(f"{message.reference} is seen")).to_be_visible()
    page.goto("/teams/revenues")
    expect(page.locator("[data-row]", has_text=message.reference)).to_have_count(0)
    expect(page.locator("[data-row]", has_text=opened.reference)).to_have_count(1)
