"""What goes wrong at a post room desk: two at one item, a key held down, endless letters, names that hide things."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from playwright.sync_api import Page, expect
from sample_letters import pdf_of
from sqlalchemy import insert
from visitors import SignIn

from mailroom.desk.correcting import correct
from mailroom.desk.post_room import mark_sensitive
from mailroom.domain.access import Role, Viewer
from mailroom.domain.capture import Receipt
from mailroom.records.tables import Item
from mailroom.records.tables import Page as PageRow
from mailroom.records.tables.base import columns_of
from mailroom.services import Services

NOOR = Viewer("noor", frozenset({Role.POST_ROOM}), named_for_limited=True)
WISH = "Dear Council\n\nI should like a refund of my council tax, and a discount or exemption for the flat."
LARGEST = 200_000
"""Characters of a page without its pictures."""


@pytest.fixture
def three(deliver: Callable[..., Receipt], travel: Callable[..., Item], services: Services) -> list[Item]:
    """Three exceptions in the order of the queue."""
    came = services.now() - timedelta(hours=1)
    papers = [deliver(pdf_of(WISH), file_name="a.pdf", received_at=came + timedelta(minutes=n)) for n in range(3)]
    return [travel(paper.item_id) for paper in papers]


@pytest.fixture
def kim(three: list[Item], open_as: Callable[..., Page]) -> Page:
    """Somebody with the first of them on the bench and the second loaded ahead."""
    page = open_as("kim", Role.POST_ROOM)
    page.keyboard.press("Enter")
    shows(page, three[0])
    page.wait_for_selector("#bench[data-ahead=ready]", state="attached")
    return page


def shows(page: Page, item: Item) -> None:
    expect(page.locator("#reference")).to_have_text(item.reference)


def state_of(item: Item, services: Services) -> str:
    with services.records.look() as session:
        return str(session.get_one(Item, item.id).state)


def test_a_double_click_and_a_key_held_down_decide_on_one_item(
    kim: Page, three: list[Item], services: Services
) -> None:
    kim.locator("#confirm").dblclick()
    shows(kim, three[1])
    expect(kim.locator("[aria-busy]")).to_have_count(0)
    for _ in range(20):
        kim.keyboard.down("Enter")
        kim.wait_for_timeout(30)
    kim.keyboard.up("Enter")
    shows(kim, three[2])
    assert [state_of(item, services) for item in three] == ["waiting", "waiting", "exception"]


def test_whoever_comes_second_is_told_who_has_it_and_may_take_it_over(
    kim: Page, three: list[Item], open_as: Callable[..., Page]
) -> None:
    lee = open_as("lee", Role.POST_ROOM)
    lee.goto(f"/items/{three[0].id}")
    expect(lee.locator(".mr-warn")).to_contain_text("kim has this item before them.")
    with lee.expect_response("**/take-over"):
        lee.get_by_role("button", name="Take it over").press("Enter")
    shows(lee, three[0])
    expect(lee.get_by_text("kim has this item before them.")).to_have_count(0)
    lee.goto("/post-room")
    expect(lee.locator(f'[data-line="{three[0].id}"] [data-who]')).to_have_text("you")


def test_what_became_limited_access_while_it_was_loaded_ahead_or_open_is_shown_no_more(
    kim: Page, three: list[Item], services: Services
) -> None:
    mark_sensitive(three[1].id, NOOR, services, reason="a refuge")
    kim.keyboard.press("Enter")
    shows(kim, three[2])
    expect(kim.locator("[aria-busy]")).to_have_count(0)
    mark_sensitive(three[2].id, NOOR, services, reason="a refuge")
    kim.keyboard.press("Enter")
    expect(kim.locator("#fault")).to_contain_text("not yours to see any more")
    expect(kim.locator("#onward")).to_be_focused()
    expect(kim.locator(".mr-sheet, #fields")).to_have_count(0)
    kim.keyboard.press("Enter")
    expect(kim.get_by_role("heading", level=1)).to_have_text("Nothing is free for you now")


def test_a_name_with_markup_or_hidden_characters_is_shown_as_what_it_is(
    three: list[Item], signed_in: SignIn, services: Services
) -> None:
    correct(three[0].id, "sender_name", "<b>Zo\u200be</b> \u202edrawkcab \u05d0", NOOR, services)
    queue = signed_in("kim", Role.POST_ROOM).get("/post-room").text
    assert "<bdi>&lt;b&gt;Zo\ufffde&lt;/b&gt; \ufffddrawkcab \u05d0</bdi>" in queue


def test_an_item_of_500_pages_is_opened_in_a_page_of_few_pictures(
    three: list[Item], signed_in: SignIn, services: Services
) -> None:
    with services.records.work() as session:
        first = session.get_one(Item, three[0].id).documents[0].pages[0]
        columns = columns_of(first)
        del columns["id"]
        session.execute(insert(PageRow), [{**columns, "number": number} for number in range(2, 501)])
        session.commit()
    kim = signed_in("kim", Role.POST_ROOM)
    page = kim.get(f"/items/{three[0].id}?page=250").text
    assert len(page) < LARGEST
    assert page.count("<img") < 20
    assert 'max="500" value="250"' in page


def test_a_text_of_two_megabytes_comes_in_stretches(
    signed_in: SignIn, deliver: Callable[..., Receipt], travel: Callable[..., Item]
) -> None:
    item = travel(deliver(b"I enclose the papers, all of them.\n" * 59_000).item_id)
    kim = signed_in("kim", Role.POST_ROOM)
    for start, leads_to in ((0, "start=20000"), (2_000_000, "start=2020000")):
        page = kim.get(f"/items/{item.id}?start={start}").text
        assert leads_to in page
        assert len(page) < LARGEST
