"""Every state that a page can be in: what it is called, who sees it, in which world, and how to get there.

The tests of reach go through this table: axe, 400 %, the focus, headings and titles, the tree that a screen reader is
given, and the way without scripts. A page or state that is new gets a line here; a test says when a route has none.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

import pytest
from house import ADA, KIM, NOOR, SAM, House
from playwright.sync_api import Page
from sqlalchemy import text
from visitors import PASSWORD

from mailroom.desk.asking import ask_sender
from mailroom.desk.back_office import accept
from mailroom.desk.bulk import Chosen, new_act, settle_together
from mailroom.desk.correcting import correct
from mailroom.desk.legal_hold import place_hold
from mailroom.desk.post_room import settle
from mailroom.desk.taking import take_over
from mailroom.domain.capture import Channel
from mailroom.domain.errors import Cause
from mailroom.domain.quarantine import what_to_do
from mailroom.records.alarms import raise_alarm
from mailroom.records.items import make_exception
from mailroom.records.tables import Item

Step = Callable[[Page, House], Any]


@dataclass(frozen=True)
class State:
    """A state of a page.

    Attributes:
        name: of the state and of its snapshot.
        who: whose page it is; None where nobody is signed in.
        path: address to begin at; `{case}` stands for the id of the letter of that name in `house.py`.
        steps: what is done from there.
        world: `full`, `empty` of post, or `new`, before anybody has joined.
        language: of the reader.
        scripts: whether it is one that only scripts bring about.
    """

    name: str
    who: str | None
    path: str
    steps: tuple[Step, ...] = field(default=(), repr=False)
    world: str = "full"
    language: str = "en"
    scripts: bool = False

    def __str__(self) -> str:
        return self.name

    def reach(self, page: Page, house: House) -> None:
        """Go there."""
        page.goto(self.path.format(**house.items))
        for step in self.steps:
            step(page, house)
        page.wait_for_load_state()


def state(name: str, who: str | None, path: str, *steps: Step, **more: Any) -> State:  # noqa: ANN401  # fields of a state
    return State(name, who, path, steps, **more)


def fill(label: str, value: str) -> Step:
    return lambda page, _: page.get_by_label(label, exact=True).first.fill(value)


def press(button: str) -> Step:
    return lambda page, _: page.get_by_role("button", name=button).first.click()


def follow(link: str) -> Step:
    return lambda page, _: page.get_by_role("link", name=link).first.click()


def go(path: str) -> Step:
    return lambda page, _: page.goto(path)


def tick(label: str, *, on: bool = True) -> Step:
    return lambda page, _: page.get_by_label(label).first.set_checked(on)


def unfold(words: str) -> Step:
    return lambda page, _: page.locator("summary").filter(has_text=words).first.click()


def unfold_all(selector: str) -> Step:
    return lambda page, _: [one.locator("summary").click() for one in page.locator(selector).all()]


def key(*keys: str) -> Step:
    return lambda page, _: [page.keyboard.press(one) for one in keys]


def wait_for(selector: str) -> Step:
    return lambda page, _: page.locator(selector).first.wait_for(state="attached")


def load_again(page: Page, _: House) -> None:
    page.reload()


def sit_idle(page: Page, _: House) -> None:
    page.clock.install()
    page.reload()
    page.clock.fast_forward("26:00")


def later(**span: float) -> Step:
    return lambda _, house: house.clock.step(timedelta(**span))


def meanwhile(act: Callable[[House], object]) -> Step:
    return lambda _, house: act(house)


def sign_in(name: str, password: str = PASSWORD, code: str = "") -> tuple[Step, ...]:
    return fill("Name", name), fill("Password", password), fill("Code", code), press("Sign in")


def choose_file(name: str, content: bytes) -> Step:
    file: Any = {"name": name, "mimeType": "text/plain", "buffer": content}
    return lambda page, _: page.get_by_label("Files: choose them").set_input_files(file)


def allow(megabytes: int) -> Step:
    return lambda _, house: object.__setattr__(house.services.settings.limits, "megabytes", megabytes)


def take(house: House) -> None:
    take_over(house.items["unclear"], NOOR, house.services)


def alarm(house: House) -> None:
    with house.services.records.work() as session:
        raise_alarm(session, "release", "The folder release is full. Make room.", house.services.now())
        session.commit()


def check_its_sender(house: House) -> None:
    with house.services.records.work() as session:
        (document, *_) = session.get_one(Item, house.items["message"]).documents
        document.headers = {**document.headers, "authentication": {"dmarc": "fail", "spf": "pass", "dkim": "pass"}}
        session.commit()


def pass_it_on(house: House) -> None:
    with house.services.records.work() as session:
        item = session.get_one(Item, house.items["message"])
        item.receipt_assumed, item.proven_sender = True, "officer@harrowdale.example"
        item.documents[0].headers = {**item.documents[0].headers, "forwarded": {"first_arrival": None}}
        session.commit()


def come_from_somebody(house: House) -> None:
    """Let what is damaged have come by a form from somebody who can be asked for it again by a letter."""
    with house.services.records.work() as session:
        item = session.get_one(Item, house.items["damaged"])
        item.channel = Channel.EFORM
        session.commit()
    house.fill("damaged", sender_name="Ann Bell", sender_address="4 Quarry View", sender_postcode="HD7 4QT")


def ask_for_it(house: House) -> None:
    come_from_somebody(house)
    ask_sender(house.items["damaged"], NOOR, house.services)


def hold_back(house: House) -> None:
    with house.services.records.work() as session:
        item = session.get_one(Item, house.items["damaged"])
        item.originals[0].quarantined = "Eicar-Test-Signature"
        make_exception(
            item, Cause.QUARANTINED, what_to_do("Eicar-Test-Signature"), next_stage=None, now=house.services.now()
        )
        session.commit()


def put_under_hold(house: House) -> None:
    place_hold(house.items["papers"], ADA, house.services, reason="Claim 4711, asked for by Legal Services")


def settle_what_is_held_back(house: House) -> None:
    hold_back(house)
    settle(house.items["damaged"], "council_tax_single_person_discount", NOOR, house.services)
    house.carry(house.items["damaged"])


def lose_the_alarms(house: House) -> None:
    if not house.services.records.embedded:
        pytest.skip("a server that is away has no table left: tests/mailroom/web/test_records_away.py")
    with house.services.records.work() as session:
        session.execute(text("ALTER TABLE alarm RENAME TO lost"))
        session.commit()


def spoil_the_alarms(house: House) -> None:
    with house.services.records.work() as session:
        spoilt = "INSERT INTO alarm (subject, sentence, raised_at) VALUES ('spoilt', 'Who can read when?', 'infinity')"
        session.execute(text(spoilt))
        session.commit()


def damage(house: House) -> None:
    """Change the kept bytes of the letter `closed`; the next `put_back` does not mend them, so each state does it."""
    for original in (house.services.settings.data / "vault" / "originals").rglob("*"):
        if original.is_file() and b"paid twice" in original.read_bytes():
            original.chmod(0o600)
            original.write_bytes(original.read_bytes().replace(b"paid twice", b"paid thric"))


def mend(house: House) -> None:
    for original in (house.services.settings.data / "vault" / "originals").rglob("*"):
        if original.is_file() and b"paid thric" in original.read_bytes():
            original.write_bytes(original.read_bytes().replace(b"paid thric", b"paid twice"))


def settle_two_together(house: House) -> None:
    services, act = house.services, new_act()
    settle_together([Chosen(house.items[name]) for name in ALIKE], "foi", KIM, services, together=act)
    for name in ALIKE:
        house.carry(house.items[name])


def change_one_of_them(house: House) -> None:
    correct(house.items[ALIKE[0]], "phone", "01865 555123", NOOR, house.services)


def save_a_view(name: str = "Of the council") -> tuple[Step, ...]:
    return (unfold("Save this search as a view"), fill("Name of the view", name), press("Save"))


def too_late_to_undo() -> tuple[Step, ...]:
    return meanwhile(settle_two_together), load_again, later(minutes=11), press("Undo them together")


def lose_the_connection(page: Page, house: House) -> None:
    page.clock.set_fixed_time(house.services.now())
    page.reload()
    page.route("**/post-room/live", lambda route: route.abort())
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    page.locator("#stale:not([hidden])").wait_for()


ALL_LOADED = wait_for('#bench[data-ahead="ready"], body:not(.js-enabled) #bench')
"""The bench has the next item at hand, where scripts run, and has counted anew in the bar what waits."""

ALIKE = ("unclear", "referred")
REASON = "A child is at risk and nobody named is here"

SIGNING_IN = (
    state("sign-in", None, "/sign-in"),
    state("sign-in-nobody-yet", None, "/sign-in", world="new"),
    # A wrong name, password or code, and a pause after too many tries, are one answer by design.
    state("sign-in-refused", None, "/sign-in", *sign_in("bo", "wrong")),
    state("password-for-once", "dana", "/me"),
    state("signed-out", "max", "/me", press("Sign out")),
    state("sitting-ends", "max", "/me", sit_idle, wait_for("dialog[open]"), scripts=True),
    state("kept-asks", "bo", "/accounts/new", fill("Known as", "Zoë"), later(hours=14), press("Let them join")),
    state(
        "kept", "bo", "/accounts/new", fill("Known as", "Zoë"), later(hours=14), press("Let them join"), *sign_in("bo")
    ),
)
EVERYBODY_S = (
    state("me", "kim", "/me"),
    state("me-saved", "max", "/me", tick("Short lines"), press("Save")),
    state("password", "max", "/password"),
    state("password-refused", "max", "/password", fill("Old password", "wrong"), press("Change it")),
    state("second-factor", "max", "/me/second-factor"),
    state("second-factor-refused", "max", "/me/second-factor", press("Set it up")),
    state("emergency-refused", "kim", "/me", press("Let me see them")),
    state("emergency", "kim", "/me", fill("Why must you see limited-access items now?", REASON), press("Let me see")),
)
POST_ROOM = (
    state("post-room", "kim", "/post-room"),
    state("post-room-empty", "kim", "/post-room", world="empty"),
    state("post-room-alarm", "kim", "/post-room", meanwhile(alarm), load_again),
    state("post-room-alike", "kim", "/post-room", follow("not sure what it is: ")),
    state("post-room-settled-together", "kim", "/post-room", follow("not sure what it is: "), press("Settle them")),
    state("post-room-page-gone", "kim", "/post-room?page=9"),
    state("post-room-live", "kim", "/post-room/live"),
    state("post-room-keys", "kim", "/post-room", key("?"), wait_for("#keys[open]"), scripts=True),
    state("post-room-no-connection", "kim", "/post-room", lose_the_connection, scripts=True),
    state("post-room-find", "kim", "/post-room/find"),
    state("post-room-found", "kim", "/post-room/find?words=council"),
    state("post-room-found-among-all", "kim", "/post-room/find?words=council&everything=1"),
    state("post-room-found-nothing", "kim", "/post-room/find?words=zeppelin"),
    state("post-room-found-best-first", "kim", "/post-room/find?words=refund+discount&order=relevance"),
    state("post-room-find-refused", "kim", "/post-room/find?words=team:nowhere"),
    state("post-room-views", "kim", "/post-room/find?words=council", *save_a_view(), go("/post-room/find")),
    state("post-room-view-without-a-name", "kim", "/post-room/find?words=council", *save_a_view("")),
    state("post-room-settled-today", "kim", "/post-room/settled", meanwhile(settle_two_together), load_again),
    state("post-room-settled-nothing", "kim", "/post-room/settled"),
    state("post-room-settled-page-gone", "kim", "/post-room/settled?page=9"),
    state(
        "post-room-undone",
        "kim",
        "/post-room/settled",
        meanwhile(settle_two_together),
        meanwhile(change_one_of_them),
        load_again,
        press("Undo them together"),
    ),
    state("post-room-undone-refused", "kim", "/post-room/settled", *too_late_to_undo()),
    state("nothing-to-do", "kim", "/post-room/next", world="empty"),
    state("item", "kim", "/items/{papers}"),
    state("item-second-page", "kim", "/items/{papers}?page=2&zoom=3&turned=90"),
    state("item-text", "kim", "/items/{unclear}"),
    state("item-markup", "kim", "/items/{markup}"),
    state("item-long", "kim", "/items/{long}"),
    state("item-long-rest", "kim", "/items/{long}?start=20000"),
    state("item-message", "kim", "/items/{message}"),
    state("item-message-checked", "kim", "/items/{message}", meanwhile(check_its_sender), load_again),
    state("item-message-passed-on", "kim", "/items/{message}", meanwhile(pass_it_on), load_again),
    state("item-message-formatted", "kim", "/items/{message}?formatted=1"),
    state("item-message-drawn", "kim", "/items/{message}?drawn=1", wait_for("#page image")),
    state("item-without-pages", "kim", "/items/{damaged}"),
    state(
        "item-to-ask-for",
        "kim",
        "/items/{damaged}",
        meanwhile(come_from_somebody),
        load_again,
        unfold("Ask the sender"),
    ),
    state("item-asked-for", "kim", "/items/{damaged}", meanwhile(ask_for_it), load_again),
    state("item-quarantined", "kim", "/items/{damaged}", meanwhile(hold_back), load_again),
    state("item-referred", "kim", "/items/{referred}"),
    state("item-returned", "kim", "/items/{returned}"),
    state("item-taken", "kim", "/items/{unclear}", meanwhile(take), load_again),
    state("item-busy", "noor", "/items/{still}"),
    state("item-settled", "kim", "/items/{case}"),
    state("item-split", "noor", "/items/{batch}"),
    state("item-limited", "noor", "/items/{at_risk}"),
    state(
        "item-next",
        "kim",
        "/items/{papers}",
        press("Confirm and next"),
        wait_for("#undo"),
        ALL_LOADED,
    ),
    state("item-acts", "kim", "/items/{papers}", unfold_all(".mr-act")),
    state("item-received", "kim", "/items/{papers}/received?day=2026-11-17"),
    state("item-keys", "kim", "/items/{papers}", wait_for("#bench[data-words]"), key("?"), scripts=True),
    state("item-other-type", "kim", "/items/{papers}", wait_for("#other-words"), key("t", "p", "o", "s"), scripts=True),
    state("item-words-labelled", "kim", "/items/{papers}", wait_for("#bench[data-words]"), key("w"), scripts=True),
    state(
        "item-unchanged",
        "kim",
        "/items/{unclear}",
        press("Save what was read"),
        wait_for("#fault:not([hidden]), main > .govuk-body"),
    ),
    state(
        "item-stale",
        "kim",
        "/items/{unclear}",
        ALL_LOADED,
        meanwhile(lambda house: settle(house.items["unclear"], "foi", NOOR, house.services)),
        press("Confirm and next"),
        wait_for("#fault:not([hidden]), main > .govuk-body"),
    ),
    state("upload", "kim", "/upload"),
    state(
        "upload-taken", "kim", "/upload", choose_file("a.txt", b"Dear Sir"), press("Take them in"), wait_for("#taken a")
    ),
    state(
        "upload-refused",
        "kim",
        "/upload",
        choose_file("a.txt", b"Dear Sir"),
        allow(0),
        press("Take them in"),
        wait_for("#taken strong"),
        allow(200),
    ),
    state("letters", "kim", "/letters"),
    state("letters-empty", "kim", "/letters", world="empty"),
    state("letters-none-chosen", "kim", "/letters", tick("HD-26-000003-K", on=False), press("Print the chosen")),
    state("dates", "noor", "/dates"),
    state("dates-own", "kim", "/dates"),
    state("dates-empty", "kim", "/dates", world="empty"),
    state("dates-confirmed", "noor", "/dates", press("Confirm")),
)
TEAMS = (
    state("teams", "pat", "/teams"),
    state("team", "sam", "/teams/revenues"),
    state("team-empty", "sam", "/teams/revenues", world="empty"),
    state("team-mine", "sam", "/teams/revenues?show=mine"),
    state("team-late", "sam", "/teams/revenues?show=late"),
    state("team-brought-forward", "sam", "/teams/revenues?show=brought_forward"),
    state("team-going-out", "sam", "/teams/revenues?show=going_out"),
    state("team-keys", "sam", "/teams/revenues", key("?"), wait_for("#keys[open]"), scripts=True),
    state("case-keys", "sam", "/cases/{case}", key("?"), wait_for("#keys[open]"), scripts=True),
    state("case", "sam", "/cases/{case}"),
    state("case-accepted-now", "sam", "/cases/{case}", press("Accept")),
    state("case-noted", "sam", "/cases/{accepted}"),
    state("case-scanned", "sam", "/cases/{scan}"),
    state("case-long", "kim", "/cases/{long}"),
    state("case-text", "kim", "/cases/{long}/pages/1/text?start=20000"),
    state("case-message-drawn", "kim", "/cases/{message}/pages/1/drawing"),
    state("case-message-formatted", "kim", "/cases/{message}", unfold("As it was formatted")),
    state("case-quarantined", "sam", "/cases/{damaged}", meanwhile(settle_what_is_held_back), load_again),
    state("case-closed", "sam", "/cases/{closed}"),
    state("case-going-out", "sam", "/cases/{answered}"),
    state("case-note-refused", "sam", "/cases/{case}", unfold("Note"), press("Keep the note")),
    state(
        "case-forward-refused",
        "sam",
        "/cases/{case}",
        unfold("Bring forward"),
        fill("Comes back on", "2020-01-01"),
        lambda page, _: page.locator("#bring-forward button").click(),
    ),
    state("case-give-refused", "sam", "/cases/{case}", unfold("Give to"), press("Give it to them")),
    state("case-return-refused", "sam", "/cases/{case}", unfold("Return"), press("Return it")),
    state("case-close-refused", "sam", "/cases/{case}", unfold("Close"), press("Close the case")),
    state(
        "case-stale",
        "pat",
        "/cases/{case}",
        meanwhile(lambda house: accept(house.items["case"], SAM, house.services, officer="sam")),
        press("Accept"),
    ),
    state("reply-which", "sam", "/cases/{case}/reply"),
    state("reply", "sam", "/cases/{mail}/reply?template=answer"),
    state("reply-missing", "sam", "/cases/{mail}/reply?template=discount_granted", press("Send")),
    state("reply-holding", "sam", "/cases/{mail}/reply?template=more_time"),
    state("reply-no-address", "sam", "/cases/{unaddressed}/reply?template=answer"),
    state(
        "reply-address-refused",
        "sam",
        "/cases/{unaddressed}/reply?template=answer",
        fill("Address, line by line, without the postcode", ""),
        press("Put the address in"),
    ),
)
AUDIT = (
    state("audit", "ada", "/audit"),
    state("audit-found", "ada", "/audit?words=council+tax"),
    state("audit-nothing", "ada", "/audit?words=zeppelin"),
    state("audit-filtered", "ada", "/audit?team=revenues&first=2026-11-16"),
    state("audit-days-refused", "ada", "/audit?words=tax&first=2026-11-17&last=2026-11-16"),
    state("audit-keys", "ada", "/audit", key("?"), wait_for("#keys[open]"), scripts=True),
    state("purpose", "ada", "/audit/{case}"),
    state("proof", "ada", "/audit/{case}", press("Freedom of information")),
    state("proof-paper", "ada", "/audit/{papers}", press("Freedom of information")),
    state("proof-held", "ada", "/audit/{papers}", meanwhile(put_under_hold), press("Court order")),
    state(
        "proof-hold-refused",
        "ada",
        "/audit/{case}",
        press("Court order"),
        unfold("Put it under"),
        press("Put it under"),
    ),
    state("proof-drawn", "ada", "/audit/{message}", press("Court order"), follow("As a picture")),
    state("holds", "ada", "/audit/holds", meanwhile(put_under_hold), load_again),
    state("holds-none", "ada", "/audit/holds"),
    state("audit-view-without-a-name", "ada", "/audit?words=council&team=revenues", *save_a_view("")),
    state("audit-views", "ada", "/audit?words=council&team=revenues", *save_a_view(), go("/audit")),
    state("proof-unread", "ada", "/audit/{damaged}", press("Freedom of information")),
    state("proof-quarantined", "ada", "/audit/{damaged}", meanwhile(hold_back), press("Freedom of information")),
    state("proof-split", "ada", "/audit/{batch}", press("Freedom of information")),
    state(
        "proof-damaged",
        "ada",
        "/audit/{closed}",
        meanwhile(damage),
        press("Freedom of information"),
        meanwhile(mend),
    ),
    state(
        "case-for-an-auditor",
        "ada",
        "/audit/{case}",
        press("Freedom of information"),
        lambda page, house: page.goto(f"/cases/{house.items['case']}"),
    ),
)
FIGURES = (
    state("figures", "max", "/performance"),
    state("figures-empty", "max", "/performance", world="empty"),
    state("figures-named", "ada", "/performance"),
    state("figures-numbers", "max", "/performance", unfold("The same in numbers")),
    state("figures-refused", "max", "/performance?first=2026-11-16&last=2026-11-01"),
)
ADMINISTRATION = (
    state("accounts", "bo", "/accounts"),
    state("account", "bo", "/accounts/kim"),
    state("account-left", "bo", "/accounts/lou"),
    state("account-moved", "bo", "/accounts/max", tick("auditor"), press("Change what they do")),
    state("account-leaves", "bo", "/accounts/max", unfold("They leave"), press("Close their account")),
    state("account-last-administrator", "bo", "/accounts/bo", unfold("They leave"), press("Close their account")),
    state("account-new", "bo", "/accounts/new"),
    state("account-new-refused", "bo", "/accounts/new", fill("Name to sign in with", "A B"), press("Let them join")),
    state("account-password", "bo", "/accounts/max", unfold("cannot sign in"), press("Give a new password")),
    state("health", "bo", "/health"),
    state("health-alarms", "bo", "/health", meanwhile(alarm), load_again),
    state("settings", "bo", "/settings"),
)
FAULTS = (
    state("not-there", "sam", "/nowhere"),
    state("not-theirs", "sam", "/accounts"),
    state("missing", "kim", "/items/{papers}?page=none"),
    state("records-away", "max", "/performance", meanwhile(lose_the_alarms), load_again),
    state("our-fault", "max", "/performance", meanwhile(spoil_the_alarms), load_again),
)
IN_ENGLISH = (
    *SIGNING_IN,
    *EVERYBODY_S,
    *POST_ROOM,
    *TEAMS,
    *AUDIT,
    *FIGURES,
    *ADMINISTRATION,
    *FAULTS,
)
IN_WELSH = tuple(replace(one, name=f"{one.name}-cy", language="cy") for one in IN_ENGLISH if not one.steps)
"""What an address alone leads to, for whoever reads Welsh: longer words, the same frame."""

STATES = (*IN_ENGLISH, *IN_WELSH)
