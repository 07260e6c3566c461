"""A window of the browser in which somebody of the house is signed in already."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from house import House
from playwright.sync_api import BrowserContext, Page
from states import State

_PATIENCE = 30_000
"""Milliseconds until a step that finds nothing to press fails."""


@contextmanager
def window(context: BrowserContext, house: House, state: State) -> Iterator[tuple[Page, list[int]]]:
    """Open a window for a state in its world, with its person and language; list the status of each of its pages."""
    house.put_back(state.world)
    address = house.services.settings.web.address
    held = {"language": state.language}
    if state.who:
        held["mailroom"] = house.tokens[state.world][state.who]
    context.clear_cookies()
    context.add_cookies([{"name": name, "value": value, "url": address} for name, value in held.items()])
    page = context.new_page()
    page.set_default_timeout(_PATIENCE)
    statuses: list[int] = []
    page.on("response", lambda answer: answer.request.is_navigation_request() and statuses.append(answer.status))
    yield page, statuses
    page.close()
