"""On every page that has single keys the list behind `?` shows those that are bound; they can be switched off."""

from __future__ import annotations

from typing import Any

import pytest
from house import House
from playwright.sync_api import Browser, BrowserContext, Page, expect
from states import IN_ENGLISH, State
from windows import window

from mailroom.web.keys import ANY_LETTER, Keys

WITH_KEYS = (
    "post-room",
    "post-room-found",
    "post-room-settled-today",
    "item",
    "item-acts",
    "item-message",
    "team",
    "case",
    "case-going-out",
    "reply-which",
    "audit",
    "purpose",
    "proof",
)
STATES = {one.name: one for one in IN_ENGLISH}
MARKED = """() => [...document.querySelectorAll('[data-key], [data-pick], [data-row-key]')]
  .map(e => e.dataset.key ?? e.dataset.pick ?? e.dataset.rowKey)"""
LISTED = """() => [...document.querySelectorAll('#keys [data-keys]')]
  .map(e => ({keys: e.dataset.keys.split(' '), act: e.dataset.act ?? '', hidden: e.hidden, does: e.innerText}))"""
in_each = pytest.mark.parametrize("one", [STATES[name] for name in WITH_KEYS], ids=str)


def listed(page: Page) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = page.evaluate(LISTED)
    return found


@in_each
def test_what_is_listed_is_what_is_bound(one: State, desk: BrowserContext, house: House) -> None:
    with window(desk, house, one) as (page, _):
        one.reach(page, house)
        page.keyboard.press("?")
        expect(page.locator("#keys")).to_be_visible()
        shown = listed(page)
        assert not any(line["hidden"] for line in shown)
        assert {key for line in shown if not line["act"] for key in line["keys"]} == set(page.evaluate(MARKED))
        assert len({line["does"] for line in shown}) == len(shown) > 1
        page.keyboard.press("Escape")
        expect(page.locator("#keys")).to_be_hidden()


@in_each
def test_without_scripts_the_link_leads_to_the_list(one: State, chromium: Browser, house: House) -> None:
    context = chromium.new_context(base_url=house.services.settings.web.address, java_script_enabled=False)
    with window(context, house, one) as (page, _):
        one.reach(page, house)
        expect(page.locator("#keys")).to_be_hidden()
        page.get_by_role("link", name="Keys").last.click()
        expect(page.locator("#keys dl")).to_be_in_viewport()
        page.locator("#keys").get_by_role("link", name="Close").click()
        expect(page.locator("#keys")).to_be_hidden()
    context.close()


@pytest.mark.parametrize("name", ["post-room", "item", "team", "audit"])
def test_keys_that_print_something_can_be_switched_off_and_are_then_not_listed(
    name: str, desk: BrowserContext, house: House
) -> None:
    one = STATES[name]
    with window(desk, house, one) as (page, _):
        page.goto("/me")
        page.get_by_label("Single keys").uncheck()
        page.get_by_role("button", name="Save").click()
        page.get_by_role("alert").wait_for()
        one.reach(page, house)
        address = page.url
        for key in "?/sjtnue1":
            page.keyboard.press(key)
        assert page.locator("dialog[open], details.mr-act[open]").count() == 0
        assert page.url == address
        page.get_by_role("link", name="Keys").last.click()
        expect(page.locator("#keys")).to_contain_text("are switched off")
        assert all(len(key) > 1 and key != "a-z" for line in listed(page) for key in line["keys"])


def test_keys_are_shown_as_people_read_them_and_those_that_print_can_be_left_out() -> None:
    keys = Keys()
    for number in range(1, 5):
        assert keys.on(number, "choose") == f'data-key="{number}"'
    keys.on("a", "choose")
    keys.act("down", "j ArrowDown", "next line")
    keys.act("type", ANY_LETTER, "into the field")
    keys.native("Enter", "open it")
    shown = [(line.shown, line.does) for line in keys.listed(single=True)]
    assert shown == [("1-4 a", "choose"), ("j ↓", "next line"), ("a-z", "into the field"), ("Enter", "open it")]
    assert [line.shown for line in keys.listed(single=False)] == ["↓", "Enter"]
    assert keys.on('"><b>', "x") == 'data-key="&#34;&gt;&lt;b&gt;"'
