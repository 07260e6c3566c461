"""Somebody signed in by HTTP, as the tests of the pages pass them about; and the keys of somebody in a browser."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from playwright.sync_api import Locator, Page
from starlette.testclient import TestClient

PASSWORD = "three brown foxes"

SignIn = Callable[..., "Visitor"]
_MOST_TABS = 80


class Visitor:
    """Somebody signed in by HTTP; `post` sends the sitting's secret along, as a form of ours does."""

    def __init__(self, client: TestClient, csrf: str) -> None:
        self.client, self.csrf = client, csrf

    def get(self, path: str, **options: Any) -> Any:  # noqa: ANN401  # the client's own answer
        return self.client.get(path, **options)

    def post(self, path: str, data: dict[str, Any] | None = None, **options: Any) -> Any:  # noqa: ANN401
        return self.client.post(path, data={"csrf": self.csrf, **(data or {})}, **options)


def keys_to(page: Page, target: Locator) -> int:
    """Walk by Tab to an element; returns how many keys that took."""
    for number in range(1, _MOST_TABS + 1):
        page.keyboard.press("Tab")
        if target.evaluate("element => element === document.activeElement"):
            return number
    raise AssertionError(f"the keys never get to {target}")
