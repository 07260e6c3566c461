"""Every state of every page (`states.py`), at a desk and at 400 %: axe finds nothing, nothing runs out of the window,
whatever can be pressed is large enough, the focus is always seen, one heading says what the page is, and the tree that
a screen reader is given is the one that is kept (WCAG 2.2 AA: 1.3.1, 1.4.10, 2.4.2, 2.4.7, 2.4.11, 2.5.8, 3.1.1).
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from house import House
from playwright.sync_api import BrowserContext, Page
from snapshots import FOLDER, compare, kept_titles, written
from states import IN_ENGLISH, STATES, State
from windows import window

AXE = (Path(__file__).parents[3] / "node_modules" / "axe-core" / "axe.min.js").read_text(encoding="utf-8")
RULES = {
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
    "resultTypes": ["violations"],  # of what is well, nothing need be told: that was half of what it took
}
SMALL = """() => [...document.querySelectorAll('a, button, input:not([type=hidden]), select, summary')]
  .filter(e => e.checkVisibility() && !e.closest('.govuk-skip-link, .govuk-visually-hidden, p, li, dd, td'))
  .map(e => ({e, box: (e.closest('.govuk-checkboxes__item, .govuk-radios__item') || e).getBoundingClientRect()}))
  .filter(({box}) => box.width > 0 && (box.width < 24 || box.height < 24))
  .map(({e, box}) => `${e.outerHTML.slice(0, 90)} ${Math.round(box.width)}x${Math.round(box.height)}`)"""
UNSEEN = """() => {
  const e = document.activeElement, s = getComputedStyle(e), b = e.getBoundingClientRect();
  const top = document.elementFromPoint(b.x + b.width / 2, b.y + Math.min(b.height / 2, 10));
  const marked = s.outlineStyle !== 'none' || s.boxShadow !== 'none';
  const ours = !top || e.contains(top) || top.contains(e) || top.closest('label');
  const seen = ours && b.bottom > 0 && b.top < innerHeight;
  return e === document.body || (marked && seen) ? null : e.outerHTML.slice(0, 120);
}"""
HEADINGS = "[...document.querySelectorAll('h1')].filter(e => e.checkVisibility()).map(e => e.textContent.trim())"
WIDE = """() => document.documentElement.scrollWidth <= innerWidth ? [] : [...document.querySelectorAll('body *')]
  .filter(e => e.getBoundingClientRect().right > innerWidth && !e.closest('.mr-scroll, .mr-frame, .mr-thumbs'))
  .map(e => e.outerHTML.slice(0, 90))"""
TABS = 30


@dataclass(frozen=True)
class Shown:
    """A state, the window that it is shown in, and the status of the answer."""

    state: State
    page: Page
    status: int


@pytest.fixture(scope="module", params=STATES, ids=str)
def shown(request: pytest.FixtureRequest, desk: BrowserContext, house: House) -> Iterator[Shown]:
    """One state after the other, each in a window of its own; a script's error fails it."""
    errors: list[str] = []
    with window(desk, house, request.param) as (page, statuses):
        page.on("pageerror", lambda error: errors.append(str(error)))
        request.param.reach(page, house)
        yield Shown(request.param, page, statuses[-1])
    assert errors == []


in_english = pytest.mark.parametrize("shown", IN_ENGLISH, ids=str, indirect=True, scope="module")
"""For what is the same in both languages."""


def faults(page: Page) -> list[str]:
    page.evaluate(AXE)
    found: Any = page.evaluate(f"axe.run({json.dumps(RULES)}).then(found => found.violations)")
    return [f"{one['id']}: {node['html'][:160]}" for one in found for node in one["nodes"]]


def test_the_tree_of_the_page_is_the_one_that_is_kept(shown: Shown, house: House) -> None:
    compare(shown.state.name, written(shown.page, shown.status, house))


def test_axe_finds_nothing(shown: Shown) -> None:
    assert faults(shown.page) == []


def test_one_heading_says_what_the_page_is_in_the_reader_s_language(shown: Shown) -> None:
    assert len(shown.page.evaluate(HEADINGS)) == 1
    assert shown.page.evaluate("document.documentElement.lang") == shown.state.language
    assert not shown.page.title().startswith(("-", "Mailroom", ":"))


@in_english
def test_the_focus_is_always_seen(shown: Shown) -> None:
    for _ in range(TABS):
        shown.page.keyboard.press("Tab")
        assert shown.page.evaluate(UNSEEN) is None


def test_at_400_percent_nothing_runs_out_of_the_window_and_all_can_be_pressed(shown: Shown) -> None:
    shown.page.set_viewport_size({"width": 320, "height": 256})
    assert shown.page.evaluate(WIDE) == []
    assert shown.page.evaluate(SMALL) == []


def test_a_title_belongs_to_one_page_alone() -> None:
    pages: dict[str, set[str]] = {}
    for address, title in kept_titles():
        pages.setdefault(title, set()).add(address)
    assert {title: found for title, found in pages.items() if len(found) > 1} == {}


def test_no_tree_is_left_over() -> None:
    assert {file.stem for file in FOLDER.iterdir()} == {one.name for one in STATES}
