"""A mail on the bench: what its head says, and how it was formatted, in a frame in which nothing acts."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from house import MESSAGE
from playwright.sync_api import Page, expect

from mailroom.desk.audit import show_item
from mailroom.domain.access import Role, Viewer
from mailroom.domain.capture import Channel, Receipt
from mailroom.records.tables import Item
from mailroom.services import Services

DECEIVING = (
    b"From: a@b.example\r\nContent-Type: text/html\r\n\r\n"
    b"<p>Your parcel waits.</p><p style='color:white'>refund overdue</p>\r\n"
)
TOO_DEEP = b"From: a@b.example\r\nContent-Type: text/html\r\n\r\n" + b"<div>" * 1500 + b"at the bottom of it\r\n"


@pytest.fixture
def mail(deliver: Callable[..., Receipt], travel: Callable[..., Item]) -> Item:
    """A mail with HTML and an attachment, read."""
    return travel(deliver(MESSAGE, channel=Channel.EMAIL, file_name="mail.eml").item_id)


def looks_of(account: str, item: Item, services: Services) -> list[dict[str, Any]]:
    """What stands on record of each look of this person at the item."""
    shown = show_item(item.id, Viewer("una", frozenset({Role.AUDITOR})), "audit", services)
    return [event["details"] for event in shown["custody"] if (event["actor"], event["kind"]) == (account, "viewed")]


def test_head_and_attachments_stand_above_the_words(open_as: Callable[..., Page], mail: Item) -> None:
    page = open_as("kim", Role.POST_ROOM)
    page.goto(f"/items/{mail.id}")
    head = page.locator(".mr-head-of-mail")
    expect(head).to_contain_text("Ann Lowe <ann@example.org>")
    expect(head).to_contain_text("The papers")
    expect(head).to_contain_text("lease.pdf 8 Bytes")
    expect(page.locator(".mr-text")).to_contain_text("Dear Sir, two of them:")


def test_a_key_shows_how_it_was_formatted_and_its_words_again(open_as: Callable[..., Page], mail: Item) -> None:
    page = open_as("kim", Role.POST_ROOM)
    page.goto(f"/items/{mail.id}")
    expect(page.locator("#other-words")).to_be_visible()
    page.keyboard.press("m")
    frame = page.frame_locator("iframe.mr-formatted")
    expect(frame.locator("h2")).to_have_text("The papers")
    expect(frame.locator("td").first).to_have_text("Lease")
    assert frame.locator("a, script, img, form").count() == 0
    expect(page.locator(".mr-text")).to_have_count(0)
    page.keyboard.press("m")
    expect(page.locator(".mr-text")).to_contain_text("Lease 12")


def test_the_frame_and_what_is_in_it_may_do_nothing(open_as: Callable[..., Page], mail: Item) -> None:
    page = open_as("kim", Role.POST_ROOM)
    answer = page.goto(f"/items/{mail.id}/pages/1/formatted")
    assert answer is not None
    policy = answer.headers["content-security-policy"]
    assert policy == "sandbox; default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'self'"
    page.goto(f"/items/{mail.id}?formatted=1")
    assert page.locator("iframe.mr-formatted").get_attribute("sandbox") == ""


def test_what_was_not_formatted_offers_no_such_thing(
    open_as: Callable[..., Page], deliver: Callable[..., Receipt], travel: Callable[..., Item]
) -> None:
    item = travel(deliver(b"From: a@b.example\r\n\r\nI do not know.\r\n", channel=Channel.EMAIL).item_id)
    page = open_as("kim", Role.POST_ROOM)
    page.goto(f"/items/{item.id}?formatted=1")
    expect(page.locator(".mr-text")).to_contain_text("I do not know.")
    expect(page.locator("#formatted, iframe")).to_have_count(0)
    answer = page.goto(f"/items/{item.id}/pages/1/formatted")
    assert answer is not None
    assert answer.status == 404


def test_a_key_shows_it_as_a_picture_and_its_words_again(open_as: Callable[..., Page], mail: Item) -> None:
    page = open_as("kim", Role.POST_ROOM)
    page.goto(f"/items/{mail.id}")
    expect(page.locator("#other-words")).to_be_visible()
    page.keyboard.press("p")
    expect(page.locator("#page image")).to_have_count(1)
    expect(page.locator(".mr-head-of-mail")).to_contain_text("The papers")
    assert page.evaluate("fetch(document.querySelector('#picture').getAttribute('href')).then((a) => a.status)") == 200
    expect(page.locator(".mr-text, iframe, .mr-sheet .mr-warn")).to_have_count(0)
    page.keyboard.press("p")
    expect(page.locator(".mr-text")).to_contain_text("Lease 12")


def test_a_click_on_a_word_of_the_picture_puts_it_into_the_chosen_field(
    open_as: Callable[..., Page], mail: Item
) -> None:
    page = open_as("kim", Role.POST_ROOM)
    page.goto(f"/items/{mail.id}?drawn=1")
    expect(page.locator("#bench[data-words]")).to_have_count(1)
    field = page.locator("[data-field=sender_name]")
    field.focus()
    words = page.evaluate(f"fetch('/items/{mail.id}/pages/1/drawing').then((answer) => answer.json())")["words"]
    index = [word[0] for word in words].index("Dear")
    page.locator(".mr-word").nth(index).click()
    expect(field).to_have_value("Dear Sir, two of them")
    expect(page.locator("#said")).to_contain_text("“From” of")


def test_larger_and_page_after_work_from_the_picture(open_as: Callable[..., Page], mail: Item) -> None:
    page = open_as("kim", Role.POST_ROOM, javascript=False)
    page.goto(f"/items/{mail.id}?drawn=1")
    page.get_by_role("link", name="Larger").click()
    expect(page.locator("#page.mr-zoom-2 image")).to_have_count(1)
    page.get_by_role("link", name="Turn").click()
    expect(page.locator("#page[data-turned='90'] image")).to_have_count(1)


def test_the_page_says_what_the_picture_does_not_show(
    open_as: Callable[..., Page], deliver: Callable[..., Receipt], travel: Callable[..., Item]
) -> None:
    item = travel(deliver(DECEIVING, channel=Channel.EMAIL).item_id)
    page = open_as("kim", Role.POST_ROOM)
    page.goto(f"/items/{item.id}?drawn=1")
    warning = page.locator(".mr-sheet .mr-warn")
    expect(warning).to_contain_text("Its words say what the picture does not show.")
    expect(warning).to_contain_text("“refund”, “overdue”")


def test_where_it_cannot_be_drawn_the_page_says_why_above_its_words(
    open_as: Callable[..., Page], deliver: Callable[..., Receipt], travel: Callable[..., Item]
) -> None:
    item = travel(deliver(TOO_DEEP, channel=Channel.EMAIL).item_id)
    page = open_as("kim", Role.POST_ROOM)
    page.goto(f"/items/{item.id}?drawn=1")
    expect(page.locator(".mr-sheet .mr-warn")).to_contain_text("There is no picture of it")
    expect(page.locator(".mr-text")).to_contain_text("at the bottom of it")
    page.get_by_role("link", name="As it was formatted").click()
    expect(page.frame_locator("iframe.mr-formatted").locator("body")).to_contain_text("at the bottom of it")


def test_the_page_of_a_case_shows_it_as_it_was_formatted_below_its_words(
    open_as: Callable[..., Page], mail: Item
) -> None:
    page = open_as("kim", Role.POST_ROOM)
    page.goto(f"/cases/{mail.id}")
    expect(page.locator("pre.mr-letter").first).to_contain_text("Dear Sir, two of them:")
    page.get_by_text("As it was formatted").click()
    frame = page.frame_locator("iframe.mr-formatted")
    expect(frame.locator("h2")).to_have_text("The papers")
    assert page.locator("iframe.mr-formatted").get_attribute("sandbox") == ""
    answer = page.goto(f"/cases/{mail.id}/pages/1/formatted")
    assert answer is not None
    assert answer.headers["content-security-policy"].startswith("sandbox; default-src 'none'")


def test_the_page_of_a_case_leads_to_it_as_a_picture(open_as: Callable[..., Page], mail: Item) -> None:
    page = open_as("kim", Role.POST_ROOM)
    page.goto(f"/cases/{mail.id}")
    page.get_by_role("link", name="The message as a picture").click()
    sheet = page.locator("figure img")
    expect(sheet).to_have_count(1)
    answer = "fetch(document.querySelector('figure img').src).then((answer) => answer.headers.get('content-type'))"
    assert page.evaluate(answer) == "image/jpeg"
    page.get_by_role("link", name="The case", exact=True).click()
    expect(page.locator("pre.mr-letter").first).to_contain_text("Dear Sir, two of them:")


def test_the_page_of_a_case_offers_no_formatted_view_of_what_has_none(
    open_as: Callable[..., Page], deliver: Callable[..., Receipt], travel: Callable[..., Item]
) -> None:
    item = travel(deliver(b"From: a@b.example\r\n\r\nI do not know.\r\n", channel=Channel.EMAIL).item_id)
    page = open_as("kim", Role.POST_ROOM)
    page.goto(f"/cases/{item.id}")
    expect(page.locator("pre.mr-letter")).to_contain_text("I do not know.")
    expect(page.get_by_text("As it was formatted")).to_have_count(0)
    expect(page.get_by_text("The message as a picture")).to_have_count(0)
    answer = page.goto(f"/cases/{item.id}/pages/1/drawing")
    assert answer is not None
    assert answer.status == 404


def test_an_auditor_sees_it_as_a_picture_by_a_key_after_saying_what_for(
    open_as: Callable[..., Page], mail: Item, services: Services
) -> None:
    page = open_as("ada", Role.AUDITOR)
    page.goto(f"/audit/{mail.id}?drawn=1")
    expect(page.locator("h1")).to_contain_text("What do you open")
    page.keyboard.press("1")
    expect(page.locator(".mr-proof__text")).to_contain_text("Dear Sir, two of them:")
    page.keyboard.press("p")
    sheet = page.locator("img.mr-proof__picture")
    expect(sheet).to_have_count(1)
    assert sheet.evaluate("(image) => image.decode().then(() => image.naturalWidth > 0)")
    assert looks_of("ada", mail, services) == [{"purpose": "audit"}] * 2
    page.keyboard.press("p")
    expect(page.locator(".mr-proof__text")).to_contain_text("Lease 12")
    other = open_as("ida", Role.AUDITOR)
    other.goto(f"/audit/{mail.id}/pages/1/drawing/1")
    expect(other.locator("h1")).to_contain_text("What do you open")


def test_the_auditor_s_page_says_what_the_picture_does_not_show(
    open_as: Callable[..., Page], deliver: Callable[..., Receipt], travel: Callable[..., Item]
) -> None:
    item = travel(deliver(DECEIVING, channel=Channel.EMAIL).item_id)
    page = open_as("ada", Role.AUDITOR)
    page.goto(f"/audit/{item.id}")
    page.keyboard.press("1")
    expect(page.locator(".mr-proof__text")).to_contain_text("refund overdue")
    page.keyboard.press("p")
    expect(page.locator(".mr-proof__page .mr-warn")).to_contain_text("“refund”, “overdue”")
