"""On paper, in a reader's own few colours, without movement: the pages say the same."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest
from house import House
from playwright.sync_api import BrowserContext, Page, expect
from states import STATES
from windows import window

from mailroom.web.static_files import FOLDER

PRESSED = "a.govuk-button, button, summary"
MARKED = "getComputedStyle(document.querySelector('[role=option][aria-selected=true]')).outlineStyle"
COLOUR = "getComputedStyle(document.querySelector('.mr-legend--late'), '::before').backgroundColor"


@pytest.fixture
def show(desk: BrowserContext, house: House) -> Iterator[Callable[..., Page]]:
    """Shows a state by its name: `show("case", media="print")`."""
    with ExitStack() as stack:

        def go(name: str, **seen: str) -> Page:
            state = next(one for one in STATES if one.name == name)
            page, _ = stack.enter_context(window(desk, house, state))
            page.emulate_media(**seen)  # type: ignore[arg-type]
            state.reach(page, house)
            return page

        yield go


@pytest.mark.parametrize(
    ("name", "read"), [("case", ".mr-letter"), ("proof", ".mr-proof__text"), ("item", ".mr-frame")]
)
def test_paper_shows_what_was_read_and_nothing_to_press(name: str, read: str, show: Callable[..., Page]) -> None:
    page = show(name)
    assert page.locator(PRESSED).locator("visible=true").count() > 2
    page.emulate_media(media="print")
    expect(page.locator(read)).to_be_visible()
    assert page.locator(PRESSED).locator("visible=true").count() == 0
    cut = page.locator(read).evaluate(
        "e => e.scrollHeight > e.clientHeight + 1 && getComputedStyle(e).overflowY !== 'visible'"
    )
    assert cut is False


def test_in_forced_colours_what_is_chosen_has_a_line_and_a_legend_its_colour(show: Callable[..., Page]) -> None:
    assert show("item-other-type").evaluate(MARKED) == "none"
    assert show("item-other-type", forced_colors="active").evaluate(MARKED) == "solid"
    assert show("figures", forced_colors="active").evaluate(COLOUR) == show("figures").evaluate(COLOUR)


def test_nothing_moves_so_nobody_has_to_ask_for_less() -> None:
    css = (FOLDER / "made" / "mailroom.css").read_text(encoding="utf-8")
    assert [word for word in ("transition", "animation", "scroll-behavior:smooth") if word in css] == []
