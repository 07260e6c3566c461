"""How long the pages take and what they weigh, asked for one after another by somebody of the desk they belong to.

Before: `staffed.py` serves 100 000 items. After: for each page the time from asking to the last byte, p95; beside it
the CPU time that the service spent, for the clock of a shared machine also counts what others do.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from statistics import mean, quantiles

import httpx
from playwright.sync_api import Browser, Response

from bench.figures import Figure
from bench.service import cpu_of_tree
from bench.staffed import PASSWORD, Place

_TIMES = 40
_GOAL = 100
_GOAL_BYTES = 200_000
_PAGES = {
    "post room": ("kim", "/post-room"),
    "what is alike": ("kim", "/post-room?cause=unsure"),
    "an item": ("kim", "/items/{item}"),
    "find by a name": ("kim", "/post-room/find?words=Pemberton+3"),
    "find by a word of many letters": ("kim", "/post-room/find?words=w0"),
    "settled today": ("kim", "/post-room/settled"),
    "letters to print": ("kim", "/letters"),
    "team's queue": ("sam", "/teams/revenues"),
    "a case": ("sam", "/cases/{case}"),
    "a reply": ("sam", "/cases/{case}/reply"),
    "search by a name": ("ada", "/audit?words=Pemberton+3"),
    "search by a word of many letters": ("ada", "/audit?words=w0"),
    "search by month, team and channel": (
        "ada",
        "/audit?first=2026-10-01&last=2026-10-31&team=revenues&channel=email",
    ),
    "four weeks of figures": ("max", "/performance"),
}


def pages(place: Place, item: str, case: str) -> Iterator[Figure]:
    """Measure each page; `item` and `case` are ids of an exception and of a settled item of Revenues."""
    clients = {name: _signed_in(place, name) for name in {name for name, _ in _PAGES.values()}}
    for title, (name, path) in _PAGES.items():
        seconds, cpu = _asked(clients[name], path.format(item=item, case=case), place.pid)
        value = round(quantiles(seconds, n=20)[-1] * 1000)
        how = f"{_TIMES} times; mean {mean(seconds) * 1000:.0f}, CPU {cpu * 1000:.0f} a page"
        yield Figure(f"page: {title}", value, "ms p95", _GOAL, value < _GOAL, how)


def first_visit(browser: Browser, place: Place) -> Figure:
    """Weigh what comes over the wire when somebody signs in for the first time, without the images."""
    page = browser.new_context(base_url=place.address).new_page()
    answers: list[Response] = []

    def note(answer: Response) -> None:
        answers.append(answer)

    page.on("response", note)
    page.goto("/sign-in")
    page.get_by_label("Name", exact=True).fill("kim")
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url("**/post-room")
    page.goto("/post-room/next")
    page.wait_for_load_state("networkidle")
    weights = [_weight(answer) for answer in answers if answer.request.resource_type != "image"]
    how = f"signing in, the queue and an item: {len(weights)} answers"
    return Figure("first visit without images", sum(weights), "bytes", _GOAL_BYTES, sum(weights) < _GOAL_BYTES, how)


def _weight(answer: Response) -> int:
    sizes = answer.request.sizes()
    return sizes["responseBodySize"] + sizes["responseHeadersSize"]


def _signed_in(place: Place, name: str) -> httpx.Client:
    client = httpx.Client(base_url=place.address, follow_redirects=True)
    client.post("/sign-in", data={"name": name, "password": PASSWORD})
    return client


def _asked(client: httpx.Client, path: str, pid: int) -> tuple[list[float], float]:
    """Return the seconds of each answer and the CPU seconds an answer cost."""
    client.get(path).raise_for_status()  # the first one fills the caches
    before = cpu_of_tree(pid)
    seconds = [_seconds_of(client, path) for _ in range(_TIMES)]
    return seconds, (cpu_of_tree(pid) - before) / _TIMES


def _seconds_of(client: httpx.Client, path: str) -> float:
    started = time.perf_counter()
    client.get(path)
    return time.perf_counter() - started
