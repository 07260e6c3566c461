"""Every page that has an address of its own, at a desk and at 400 %: axe finds nothing, nothing runs out of the window,
whatever can be pressed is large enough, and the focus is always seen (WCAG 2.2 AA: 1.4.10, 2.4.7, 2.4.11, 2.5.8)."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from fastapi.routing import APIRoute
from places import ROUTES, has_door, parameters_of, roles_of, task_of
from playwright.sync_api import Page

from mailroom.domain.access import Role

AXE = (Path(__file__).parents[3] / "node_modules" / "axe-core" / "axe.min.js").read_text(encoding="utf-8")
RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}
NO_PAGES = {"/", "/theme.css", "/healthz", "/metrics"}
PLAIN = [
    route
    for route in ROUTES
    if "GET" in route.methods
    and not parameters_of(route)
    and route.path not in NO_PAGES
    and "provider" not in route.path
    and not route.path.endswith((".csv", ".json", "/next"))
]
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


def faults(page: Page) -> list[str]:
    page.evaluate(AXE)
    found: Any = page.evaluate(f"axe.run({json.dumps(RULES)})")
    return [f"{one['id']}: {node['html'][:160]}" for one in found["violations"] for node in one["nodes"]]


def somebody_for(route: APIRoute) -> tuple[Role, ...]:
    return (min(roles_of(task_of(route))),)


@pytest.fixture
def visit(open_as: Callable[..., Page], open_page: Callable[..., Page]) -> Callable[..., Page]:
    def go(route: APIRoute, **options: Any) -> Page:  # noqa: ANN401  # the library's own
        if not has_door(route):
            return open_page(route.path, **options)
        page = open_as("alex", *somebody_for(route), teams=("revenues",), **options)
        page.goto(route.path)
        return page

    return go


@pytest.mark.parametrize("route", PLAIN, ids=lambda route: route.path)
def test_axe_finds_nothing(visit: Callable[..., Page], route: APIRoute) -> None:
    assert faults(visit(route)) == []


@pytest.mark.parametrize("route", PLAIN, ids=lambda route: route.path)
def test_at_400_percent_nothing_runs_out_of_the_window(visit: Callable[..., Page], route: APIRoute) -> None:
    page = visit(route, viewport={"width": 320, "height": 256})
    assert page.evaluate("document.documentElement.scrollWidth") <= 320
    assert page.evaluate(SMALL) == []


@pytest.mark.parametrize("route", PLAIN, ids=lambda route: route.path)
def test_the_focus_is_always_seen(visit: Callable[..., Page], route: APIRoute) -> None:
    page = visit(route)
    for _ in range(25):
        page.keyboard.press("Tab")
        assert page.evaluate(UNSEEN) is None


@pytest.mark.parametrize("path", ["/nowhere", "/accounts/nobody"])
def test_axe_finds_nothing_on_the_pages_for_what_goes_wrong(open_as: Callable[..., Page], path: str) -> None:
    page = open_as("alex", Role.ADMINISTRATOR)
    page.goto(path)
    assert faults(page) == []
    assert page.get_by_role("heading", level=1).inner_text() == "This page is not there"
