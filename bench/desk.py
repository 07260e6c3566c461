"""`make bench-desk`: the keys and seconds that a day's tasks take, and how quickly the pages come with 100 000 items.

Fills a mailroom with made-up items, a tenth of them waiting for a person (`many_items.py`), lets the real service read
the letters of `exceptions.toml`, which come first in the queue, and works at the desks in a real browser (`clerk.py`).
Keys and clicks are those that the pages saw. Seconds are the model's of `keystrokes.py`; how long the machine lets a
person wait is measured, and told apart. Making it all ready takes some minutes.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from itertools import groupby
from operator import itemgetter
from statistics import mean, quantiles

from playwright.sync_api import Browser, Page, sync_playwright

from bench.clerk import Clerk
from bench.exceptions import letters
from bench.figures import Figure, publish
from bench.keystrokes import Effort, Hands
from bench.pages import first_visit, pages
from bench.staffed import PASSWORD, Place, staffed

_CHROMIUM = "/usr/bin/chromium"
_QUIET = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run", "--disable-sync"]
_MIXED = 40
_GOALS = {
    "confirm": 1,
    "another suggestion": 2,
    "another of all types": 6,
    "a field from the image": 3,
    "a field by a click": 1,
    "split": 2,
    "accept": 1,
    "return": 3,
    "close": 4,
}
"""Keys that an act may take."""

_WORST = 12
"""Keys that an exception may take at the worst: no single act of it may take more."""


def main() -> int:
    """Make ready, measure, print the table and write `bench/desk.json`."""
    with staffed(letters()) as place, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=_CHROMIUM, args=_QUIET)
        hands = Hands()
        clerk = Clerk(_sign_in(browser, place, "kim", hands), hands, place.titles)
        figures = list(_post_room(clerk, place))
        settled = place.settled()
        officer = _sign_in(browser, place, "sam", hands)
        figures += _acts([*clerk.acts, *_back_office(officer, hands, settled)])
        figures += _auditor(_sign_in(browser, place, "ada", hands), hands, place.reference_of(settled[0]))
        figures += [_next_shown(hands), first_visit(browser, place), *pages(place, place.waiting(), settled[0])]
        browser.close()
    publish("desk", figures)
    return 0


def _sign_in(browser: Browser, place: Place, name: str, hands: Hands) -> Page:
    """Return a window in which this person is signed in."""
    context = browser.new_context(base_url=place.address, viewport={"width": 1280, "height": 900})
    hands.watch(context)
    page = context.new_page()
    page.goto("/sign-in")
    page.get_by_label("Name", exact=True).fill(name)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url(lambda address: "/sign-in" not in address)
    return page


def _post_room(clerk: Clerk, place: Place) -> Iterator[Figure]:
    """Let the clerk deal with the letters, and tell what the mix took."""
    clerk.start()
    clerk.take_from_image("sender_postcode", place.letters[clerk.reference()].fields["sender_postcode"])
    efforts: list[Effort] = []
    while len(efforts) < _MIXED and clerk.has_paper():
        letter = place.letters.get(clerk.reference())
        if letter:
            efforts.append(clerk.deal_with(letter))
        else:
            clerk.put_away()  # part of a letter that was split, and has come back meanwhile
    keys, seconds = [one.keys + one.clicks for one in efforts], [one.seconds for one in efforts]
    how = f"{len(efforts)} exceptions, a click counted as a key"
    yield _most("mixed set, mean", mean(keys), "keys", 4, how)
    yield _most("mixed set, mean", mean(seconds), "s", 6, "by the model")
    yield _most("mixed set, worst", max(keys), "keys", _WORST, how)
    yield _most("mixed set, worst", max(seconds), "s", 15, "by the model")


def _back_office(page: Page, hands: Hands, settled: list[str]) -> Iterator[tuple[str, Effort]]:
    """Accept, return and close what the clerk has settled for Revenues."""
    for item, (name, keys) in zip(settled, [("accept", "a"), ("return", "r4\n"), ("close", "c1\n")] * 2, strict=False):
        page.goto(f"/cases/{item}")
        hands.begin()
        hands.choose()
        for number, key in enumerate(keys):
            last = number == len(keys) - 1
            if last:
                effort = hands.effort(page)
                with page.expect_navigation():
                    page.keyboard.press("Enter" if key == "\n" else key)
                yield name, effort + Effort(keys=1)
            else:
                page.keyboard.press(key)


def _acts(acts: list[tuple[str, Effort]]) -> Iterator[Figure]:
    """Tell of every kind of act the most keys that one took."""
    for name, group in groupby(sorted(acts, key=itemgetter(0)), key=itemgetter(0)):
        efforts = [effort for _, effort in group]
        most = max(effort.keys + effort.clicks for effort in efforts)
        how = f"{len(efforts)} of them, mean {mean(one.keys for one in efforts):.1f} keys, "
        how += f"{mean(one.seconds for one in efforts):.1f} s by the model"
        yield _most(name, most, "keys", _GOALS.get(name, _WORST), how)


def _auditor(page: Page, hands: Hands, reference: str) -> Iterator[Figure]:
    """From a reference to the verified original."""
    typed = reference.replace("-", "")
    hands.begin()
    hands.choose()
    page.keyboard.press("1")
    page.keyboard.type(typed)
    effort = hands.effort(page) + Effort(keys=1)
    page.keyboard.press("Enter")
    page.get_by_text("Checked just now: unchanged.").wait_for()
    yield _most("to the verified original", effort.keys - len(typed), "keys", 2, f"beside the {len(typed)} of {typed}")
    yield _most("to the verified original", effort.seconds, "s", 5, "by the model, with typing the reference")


def _next_shown(hands: Hands) -> Figure:
    waited = quantiles(hands.waits, n=20)[-1]
    return _most("next item shown", waited, "ms p95", 300, f"key to picture, {len(hands.waits)} times, 10 000 waiting")


def _most(name: str, value: float, unit: str, goal: float, how: str) -> Figure:
    return Figure(name, round(value, 2), unit, goal, value <= goal, how)


if __name__ == "__main__":
    sys.exit(main())
