"""The trees of the pages as a screen reader is given them, kept in `snapshots/` and compared line by line.

`MAILROOM_SNAPSHOTS=renew` writes them anew; what changed is then read in the difference, like any other change.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from difflib import unified_diff
from pathlib import Path

import pytest
from house import House
from playwright.sync_api import Page

FOLDER = Path(__file__).parent / "snapshots"
RENEW = os.environ.get("MAILROOM_SNAPSHOTS") == "renew"
_VARIES = (
    (re.compile(r"\b[0-9a-f]{64}\b"), "{digest}"),
    (re.compile(r"\b[0-9a-f]{32}\b"), "{id}"),
    (re.compile(r"(- code: ).+"), r"\1{once}"),
    (re.compile(r"\b\d+ MB\b"), "{megabytes} MB"),
    (re.compile(r"The (log of custody refuses|role mailroom can add to the log)\b[^.]+\."), "{guard of the log}"),
)
"""What is another on each run, machine or database, and what stands for it."""


def written(page: Page, status: int, house: House) -> str:
    """Return the answer's status, the page's address, its title and its tree as they are kept."""
    head = f"# {status} {page.url}\n# {page.title()}\n"
    return made_constant(head + page.locator("body").aria_snapshot(), house) + "\n"


def made_constant(text: str, house: House) -> str:
    """Return the text with whatever differs from run to run replaced by what it is."""
    settings = house.services.settings
    for name, item in house.items.items():
        text = text.replace(item, f"{{{name}}}")
    text = text.replace(settings.web.address, "").replace(str(settings.web.port), "{port}")
    text = text.replace(str(settings.data), "{data}").replace(str(Path(__file__).parents[3]), "{repository}")
    for pattern, stands_for in _VARIES:
        text = pattern.sub(stands_for, text)
    return text


def compare(name: str, tree: str) -> None:
    """Fail with the difference where the tree is not the one that is kept."""
    file = FOLDER / f"{name}.yml"
    if RENEW:
        file.write_text(tree, encoding="utf-8")
    kept = file.read_text(encoding="utf-8") if file.exists() else ""
    difference = "\n".join(unified_diff(kept.splitlines(), tree.splitlines(), "kept", "now", lineterm=""))
    if difference:
        pytest.fail(
            f"The tree of {name} has changed (CONTRIBUTING.md says how to renew it):\n{difference}", pytrace=False
        )


def kept_titles() -> Iterator[tuple[str, str]]:
    """Return address and title of each page that was found, the address without what is asked of the page."""
    for file in sorted(FOLDER.iterdir()):
        found, title = file.read_text(encoding="utf-8").splitlines()[:2]
        if found.startswith("# 200 "):
            yield found.removeprefix("# 200 ").partition("?")[0], title.removeprefix("# ")
