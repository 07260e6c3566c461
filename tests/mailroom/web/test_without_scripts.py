"""With scripts off every state is reached and every act is done, by links and forms alone; and the table of states has
every page and every act in it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal
from urllib.parse import urlsplit

import pyotp
import pytest
from fastapi.routing import APIRoute
from house import House
from places import ROUTES
from playwright.sync_api import Browser, BrowserContext, Page, expect
from starlette.routing import Match
from states import (
    IN_ENGLISH,
    REASON,
    State,
    Step,
    ask_for_it,
    choose_file,
    come_from_somebody,
    fill,
    follow,
    go,
    load_again,
    meanwhile,
    press,
    save_a_view,
    state,
    take,
    tick,
    unfold,
)
from visitors import PASSWORD
from windows import window

from mailroom.desk.emergency import break_glass
from mailroom.desk.signing_in import person_of

DEAD = """() => [...document.querySelectorAll('a, button, input:not([type=hidden]), select, textarea')]
  .filter(e => e.checkVisibility())
  .filter(e => e.matches('a') ? !e.getAttribute('href') : !e.form || (e.matches('button') && e.type === 'button'))
  .map(e => e.outerHTML.slice(0, 120))"""
ONLY_SCRIPTS_DO = {
    "/stay",
    "/items/{item}/keep",
    "/items/{item}/pages/{place}/words",
    "/items/{item}/pages/{place}/drawing",
    "/post-room/lines.json",
}
"""Signs that somebody is there, which without scripts is what they do; the words under a pointer; and lines that say by
themselves who has them."""

NO_PAGES = {"/theme.css", "/healthz", "/metrics"}
BY_THE_PROVIDER = {"/sign-in/provider", "/sign-in/provider/return", "/sign-in/kept"}
"""Where `test_provider.py` goes, without scripts as well."""


@dataclass(frozen=True)
class Act:
    """Something done on a page.

    Attributes:
        state: how to do it.
        says: what the page then says.
    """

    state: State
    says: str

    def __str__(self) -> str:
        return self.state.name


def act(name: str, who: str | None, path: str, *steps: Step, says: str) -> Act:
    return Act(state(name, who, path, *steps), says)


def choose(label: str, value: str) -> Step:
    return lambda page, _: page.get_by_label(label).first.select_option(value)


def download(name: str, role: Literal["button", "link"] = "button") -> Step:
    def go(page: Page, _: House) -> None:
        with page.expect_download() as begun:
            page.get_by_role(role, name=name).first.click()
        assert begun.value.path().stat().st_size > 0

    return go


def type_code(page: Page, house: House) -> None:
    secret = page.locator("[name=secret]").input_value()
    page.get_by_label("Six digits").fill(pyotp.TOTP(secret).at(house.services.now()))


def need_help(house: House) -> None:
    token = house.tokens["full"]["kim"]
    person = person_of(token, house.services)
    assert person is not None
    break_glass(token, REASON, person, house.services)


NEW = "four green newts"
ACTS = (
    act("choose Welsh", None, "/sign-in", press("Cymraeg"), says="Mewngofnodi"),
    act("keep preferences", "kim", "/me", tick("Short lines"), press("Save"), says="Your preferences are saved."),
    act(
        "change the password",
        "max",
        "/password",
        *(fill(label, text) for label, text in (("Old password", PASSWORD), ("New password", NEW))),
        fill("New password again", NEW),
        press("Change it"),
        says="Your password is changed.",
    ),
    act(
        "set a second factor up",
        "max",
        "/me/second-factor",
        type_code,
        fill("Your password", PASSWORD),
        press("Set it up"),
        says="asked for the code",
    ),
    act("confirm", "kim", "/items/{papers}", press("Confirm and next"), says="HD-26-000012-F is settled"),
    act(
        "another type",
        "kim",
        "/items/{papers}",
        choose("t Another type or team", "type:foi"),
        press("Confirm and next"),
        says="HD-26-000012-F is settled",
    ),
    act("undo", "kim", "/items/{papers}", press("Confirm and next"), press("u Undo"), says="HD-26-000012-F"),
    act("no reply", "kim", "/items/{papers}", unfold("No reply needed"), press("1 "), says="is settled"),
    act("not ours", "kim", "/items/{papers}", unfold("Not ours"), press("1 "), says="is settled"),
    act(
        "refer",
        "kim",
        "/items/{papers}",
        unfold("I don't know"),
        fill("What could you not tell?", "Whose is it?"),
        press("Give it to them"),
        says="goes to whoever comes next",
    ),
    act("split", "kim", "/items/{papers}?page=2", unfold("Split"), press("Split it"), says="is split into 2 items"),
    act(
        "join",
        "kim",
        "/items/{markup}",
        unfold("Join it"),
        fill("Reference of the one it belongs to", "HD-26-000013-P"),
        press("Join them"),
        says="HD-26-000013-P",
    ),
    act(
        "add to a case",
        "kim",
        "/items/{papers}",
        unfold("Add it to a case"),
        fill("Reference of the case", "HD-26-000003-K"),
        press("Add it"),
        says="is a message in HD-26-000003-K now",
    ),
    act("limit", "kim", "/items/{papers}", unfold("Limited"), press("Only those named"), says="limited-access now"),
    act(
        "correct the date",
        "kim",
        "/items/{papers}",
        unfold("Date received"),
        fill("Received on", "2026-11-17"),
        press("See what it changes"),
        fill("How you know", "date stamp"),
        press("Correct the date"),
        says="earlier date",
    ),
    act("ask for a scan", "kim", "/items/{papers}", unfold("Ask for a new"), press("Ask for it"), says="new scan"),
    act(
        "ask the sender",
        "kim",
        "/items/{damaged}",
        meanwhile(come_from_somebody),
        load_again,
        unfold("Ask the sender"),
        press("Ask for it"),
        says="Its clock runs on",
    ),
    act(
        "take a question back",
        "kim",
        "/items/{damaged}",
        meanwhile(ask_for_it),
        load_again,
        press("Take the question back"),
        says="is taken back",
    ),
    act(
        "no letter",
        "kim",
        "/letters",
        follow("HD-26-000003-K"),
        press("No letter is needed"),
        says="The message of HD-26-000003-K is taken back.",
    ),
    act("try again", "kim", "/items/{damaged}", unfold("Try it again"), press("Try it again"), says="HD-26-000016-B"),
    act("give back", "kim", "/items/{papers}", unfold("Give it back"), press("Give it back"), says="HD-26-000012-F"),
    act(
        "take over",
        "kim",
        "/items/{unclear}",
        meanwhile(take),
        load_again,
        press("Take it over"),
        says="HD-26-000013-P",
    ),
    act(
        "put a field in",
        "kim",
        "/items/{papers}",
        fill("From", "P. Fenwick"),
        press("Save what was read"),
        says="corrected",
    ),
    act("save the original", "kim", "/items/{papers}", download("Original", "link"), says="HD-26-000012-F"),
    act("figures as a file", "max", "/performance", download("Download as CSV", "link"), says="Figures"),
    act("late as a file", "max", "/performance", download("Download what is late", "link"), says="Figures"),
    act("teams as a file", "max", "/performance", download("Download the teams", "link"), says="Figures"),
    act("settle alike", "kim", "/post-room", follow("not sure what it is: "), press("Settle them"), says="settled"),
    act(
        "find",
        "kim",
        "/post-room",
        fill("Find: reference, sender, postcode or words", "HD-26-000012-F"),
        press("Find"),
        says="HD-26-000012-F",
    ),
    act(
        "undo what was settled together",
        "kim",
        "/post-room",
        follow("not sure what it is: "),
        press("Settle them"),
        press("Undo them together"),
        says="are undone",
    ),
    act(
        "undo what was settled today",
        "kim",
        "/items/{papers}",
        press("Confirm and next"),
        go("/post-room/settled"),
        press("Undo HD-26-000012-F"),
        says="HD-26-000012-F",
    ),
    act(
        "save a view",
        "kim",
        "/post-room/find?words=council",
        *save_a_view(),
        says="The view “Of the council” is saved.",
    ),
    act(
        "remove a view",
        "kim",
        "/post-room/find?words=council",
        *save_a_view(),
        go("/post-room/find"),
        press("Remove Of the council"),
        says="The view “Of the council” is removed.",
    ),
    act(
        "upload",
        "kim",
        "/upload",
        choose_file("a.txt", b"Dear Sir"),
        press("Take them in"),
        says="a.txt: HD-26-",
    ),
    act(
        "print",
        "kim",
        "/letters",
        tick("HD-26-000003-K"),
        press("Print the chosen"),
        download("Open the PDF of 1 letter"),
        says="1 letter was printed.",
    ),
    act("confirm a date", "noor", "/dates", press("Confirm"), says="later date of receipt"),
    act(
        "emergency",
        "kim",
        "/me",
        fill("Why must you see limited-access items now?", REASON),
        press("Let me see"),
        says="You may see",
    ),
    act("accept", "sam", "/teams/revenues", press("Accept"), says="sam has it"),
    act("note", "sam", "/cases/{case}", unfold("Note"), fill("Note", "Rang."), press("Keep the note"), says="Rang."),
    act(
        "bring forward",
        "sam",
        "/cases/{case}",
        unfold("Bring forward"),
        fill("Comes back on", "2026-11-20"),
        fill("What you wait for", "the lease"),
        lambda page, _: page.locator("#bring-forward button").click(),
        says="comes back on Friday 20 November 2026",
    ),
    act("give", "sam", "/cases/{case}", unfold("Give to"), fill("Officer", "pat"), press("Give it to"), says="pat"),
    act(
        "return",
        "sam",
        "/cases/{case}",
        unfold("Return"),
        tick("It holds several letters"),
        press("Return it"),
        says="has returned",
    ),
    act(
        "close",
        "sam",
        "/cases/{case}",
        unfold("Close"),
        fill("Or in other words", "rang back"),
        press("Close the case"),
        says="is closed",
    ),
    act(
        "reply",
        "sam",
        "/cases/{mail}/reply?template=answer",
        fill("The answer", "Yes."),
        press("Send"),
        says="HD-26-000011-Y",
    ),
    act("take back", "sam", "/cases/{answered}", press("Take it back"), says="HD-26-000007-W"),
    act(
        "put an address in",
        "sam",
        "/cases/{unaddressed}/reply?template=answer",
        fill("Address, line by line, without the postcode", "4 Quarry View\nHarrowdale"),
        press("Put the address in"),
        says="The address is put in.",
    ),
    act(
        "find by reference and download",
        "ada",
        "/audit",
        tick("Audit"),
        fill("Reference, name, postcode, e-mail address, number or words", "HD-26-000005-T"),
        press("Find"),
        download("Download the original"),
        says="Checked just now: unchanged.",
    ),
    act(
        "download the evidence",
        "ada",
        "/audit/{case}",
        press("Complaint"),
        download("Download the evidence"),
        says="opened for: Complaint",
    ),
    act(
        "download the evidence of a case",
        "ada",
        "/audit/{case}",
        press("Complaint"),
        lambda page, house: page.goto(f"/cases/{house.items['case']}"),
        download("Download the evidence of the case"),
        says="What happened",
    ),
    act("see emergencies", "ada", "/audit", follow("Emergency access"), says="Who saw limited-access items"),
    act(
        "put under legal hold",
        "ada",
        "/audit/{case}",
        press("Complaint"),
        unfold("Put it under legal hold"),
        fill("Why", "Claim 4711"),
        press("Put it under legal hold"),
        says="is under legal hold",
    ),
    act(
        "save a search of the auditor's",
        "ada",
        "/audit?words=council",
        *save_a_view(),
        says="The view “Of the council” is saved.",
    ),
    act(
        "remove a search of the auditor's",
        "ada",
        "/audit?words=council",
        *save_a_view(),
        go("/audit"),
        press("Remove"),
        says="The view “Of the council” is removed.",
    ),
    act("say what for", "ada", "/audit/{case}", press("Complaint"), says="opened for: Complaint"),
    act(
        "join us",
        "bo",
        "/accounts/new",
        fill("Name to sign in with", "zoe"),
        fill("Known as", "Zoe"),
        tick("manager"),
        press("Let them join"),
        says="zoe signs in once",
    ),
    act("move", "bo", "/accounts/max", tick("auditor"), press("Change what they do"), says="has other work now"),
    act("leave", "bo", "/accounts/max", unfold("They leave"), press("Close their account"), says="max has left"),
    act(
        "reset", "bo", "/accounts/max", unfold("cannot sign in"), press("Give a new password"), says="max signs in once"
    ),
    act(
        "look into an emergency",
        "bo",
        "/health",
        meanwhile(need_help),
        load_again,
        press("I have asked why"),
        says="you are on record for it",
    ),
    act("sign out", "max", "/me", press("Sign out"), says="You are signed out."),
)


@dataclass
class Walk:
    """What was asked for on the way: routes by method."""

    asked: set[tuple[str, str]]

    def listen(self, context: BrowserContext) -> None:
        """Note all that the windows ask for; a link that saves a file tells of it as a download alone."""
        context.on("request", lambda request: self._note(request.method, request.url))
        context.on("page", lambda page: page.on("download", lambda file: self._note("GET", file.url)))

    def _note(self, method: str, url: str) -> None:
        scope = {"type": "http", "method": method, "path": urlsplit(url).path, "root_path": "", "headers": []}
        found = next((route for route in ROUTES if route.matches(scope)[0] is Match.FULL), None)
        if found:
            self.asked.add((method, found.path))


@pytest.fixture(scope="module")
def walk() -> Walk:
    return Walk(set())


@pytest.fixture(scope="module")
def browser_without_scripts(chromium: Browser, house: House, walk: Walk) -> Iterator[BrowserContext]:
    context = chromium.new_context(base_url=house.services.settings.web.address, java_script_enabled=False)
    walk.listen(context)
    yield context
    context.close()


@pytest.mark.parametrize("one", [one for one in IN_ENGLISH if not one.scripts], ids=str)
def test_a_state_is_reached_and_nothing_on_it_is_dead(
    one: State, browser_without_scripts: BrowserContext, house: House
) -> None:
    with window(browser_without_scripts, house, one) as (page, _):
        one.reach(page, house)
        assert page.get_by_role("heading", level=1).count() == 1
        assert page.evaluate(DEAD) == []


@pytest.mark.parametrize("one", ACTS, ids=str)
def test_an_act_is_done_by_a_form(one: Act, browser_without_scripts: BrowserContext, house: House) -> None:
    with window(browser_without_scripts, house, one.state) as (page, _):
        one.state.reach(page, house)
        expect(page.locator("main")).to_contain_text(one.says)


def test_no_page_and_no_act_is_left_out(walk: Walk) -> None:
    if len(walk.asked) < len(ROUTES) // 2:
        pytest.skip("Only together with the tests before it.")
    ways = {(method, route.path) for route in ROUTES if isinstance(route, APIRoute) for method in route.methods}
    missing = {path for method, path in ways - walk.asked if method != "HEAD"}
    missing -= NO_PAGES | BY_THE_PROVIDER | ONLY_SCRIPTS_DO
    assert missing == set()
