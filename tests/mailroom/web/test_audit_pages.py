"""The auditor's pages: nothing before the purpose, the proof of what came, the untouched bytes, all by keys."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import select
from visitors import SignIn, Visitor

from mailroom.domain.access import Role
from mailroom.domain.capture import Channel, Receipt
from mailroom.domain.purpose import SITTING
from mailroom.duties.heads import heads_signed
from mailroom.evidence.verify_evidence import verify
from mailroom.records.tables import CustodyEvent, Item
from mailroom.services import Services

REFUND = b"Council tax refund\n\nPlease refund the council tax that I have paid twice.\n\nJane Pemberton"
AT_RISK = b"Safeguarding concern\n\nThe child next door is at risk of harm. His stepfather hits him.\n\nAnn Osgood"
MARKUP = (
    b"From: a@b.example\r\nSubject: x\r\nContent-Type: text/html\r\n\r\n"
    b"<p>My bin</p><script>alert(1)</script><img src=x>"
)
GoOn = Callable[..., Item]


@pytest.fixture
def letter(deliver: Callable[..., Receipt], travel: GoOn) -> Item:
    """A letter that its team has."""
    return travel(deliver(REFUND, file_name="refund.txt").item_id)


@pytest.fixture
def ada(signed_in: SignIn) -> Visitor:
    """An auditor, not named for limited access."""
    return signed_in("ada", Role.AUDITOR)


@pytest.fixture
def events(services: Services) -> Callable[[str], list[str]]:
    """Returns the kinds of an item's custody events, in order."""

    def kinds(item_id: str) -> list[str]:
        with services.records.look() as session:
            query = select(CustodyEvent.kind).where(CustodyEvent.item_id == item_id).order_by(CustodyEvent.position)
            return list(session.scalars(query))

    return kinds


def say(visitor: Visitor, item: Item, purpose: str = "foi") -> Any:  # noqa: ANN401  # the client's own answer
    return visitor.post(f"/audit/{item.id}/purpose", {"purpose": purpose})


def test_nothing_of_an_item_is_shown_before_the_purpose(ada: Visitor, letter: Item, events: Callable[..., Any]) -> None:
    before = events(letter.id)
    asked = ada.get(f"/audit/{letter.id}").text
    assert f"What do you open {letter.reference} for?" in asked
    assert "paid twice" not in asked
    ways = [f"/audit/{letter.id}/pages/1/picture", f"/cases/{letter.id}"]
    for answer in (*map(ada.get, ways), ada.post(f"/audit/{letter.id}/original")):
        assert answer.url.path == f"/audit/{letter.id}"
        assert b"paid twice" not in answer.content
    assert events(letter.id) == before
    proof = say(ada, letter).text
    assert "paid twice" in proof
    assert events(letter.id)[len(before) :] == ["purpose_stated", "viewed"]


def test_the_proof_says_what_came_that_it_is_unchanged_and_who_saw_it(ada: Visitor, letter: Item) -> None:
    proof = say(ada, letter).text
    digest = hashlib.sha256(REFUND).hexdigest()
    for told in (letter.reference, digest, "Checked just now: unchanged.", "seen by 1 person", "It came in by post."):
        assert told in proof
    assert "Freedom of information request" in proof


def test_a_reference_and_a_purpose_lead_straight_to_the_proof(ada: Visitor, letter: Item) -> None:
    answer = ada.post("/audit", {"purpose": "court", "words": f" {letter.reference.lower()}"})
    assert answer.url.path == f"/audit/{letter.id}"
    assert "Checked just now: unchanged." in answer.text


def test_a_reference_without_a_purpose_asks_for_it(ada: Visitor, letter: Item) -> None:
    assert "What do you open" in ada.post("/audit", {"words": letter.reference}).text


def test_after_the_sitting_the_purpose_is_asked_anew(
    ada: Visitor, letter: Item, step: Callable[[timedelta], None], services: Services
) -> None:
    say(ada, letter)
    for _ in range(2):
        step(timedelta(minutes=20))
        ada.get("/me")
    assert timedelta(minutes=40) > SITTING
    assert "What do you open" in ada.get(f"/audit/{letter.id}").text


def test_the_bytes_are_those_received_as_a_file_that_no_browser_opens(
    ada: Visitor, letter: Item, events: Callable[..., Any]
) -> None:
    say(ada, letter)
    answer = ada.post(f"/audit/{letter.id}/original", {"digest": hashlib.sha256(REFUND).hexdigest()})
    assert answer.content == REFUND
    assert answer.headers["content-type"] == "application/octet-stream"
    assert answer.headers["content-disposition"].startswith(f'attachment; filename="{letter.reference}-')
    assert answer.headers["content-disposition"].endswith('.txt"')
    assert "sandbox" in answer.headers["content-security-policy"]
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert events(letter.id)[-1] == "original_fetched"


def test_the_evidence_is_one_file_that_its_verifier_proves_and_stands_on_record(
    ada: Visitor, letter: Item, events: Callable[..., Any], services: Services, tmp_path: Path
) -> None:
    say(ada, letter, "court")
    answer = ada.post(f"/audit/{letter.id}/evidence")
    assert answer.headers["content-type"] == "application/zip"
    assert answer.headers["content-disposition"] == f'attachment; filename="evidence-{letter.reference}.zip"'
    bundle = tmp_path / "evidence.zip"
    bundle.write_bytes(answer.content)
    report = verify(bundle, heads_signed(services)["key"])
    assert (report.faults, [item["reference"] for item in report.items]) == ([], [letter.reference])
    assert events(letter.id)[-1] == "evidence_made"
    whole = ada.post(f"/audit/{letter.id}/evidence", {"whole_case": "yes"})
    assert whole.headers["content-disposition"].endswith('-case.zip"')
    assert "Download the evidence of the case" in ada.get(f"/cases/{letter.id}").text


def test_there_is_no_evidence_before_the_purpose(ada: Visitor, letter: Item, events: Callable[..., Any]) -> None:
    before = events(letter.id)
    answer = ada.post(f"/audit/{letter.id}/evidence")
    assert answer.url.path == f"/audit/{letter.id}"
    assert "What do you open" in answer.text
    assert events(letter.id) == before


@pytest.mark.parametrize(
    "name", ['a"; x=".exe', "../../etc/passwd", "a.html\r\nX: y", "x.p/df", "no ending", "\u202efdp.exe"]
)
def test_the_sender_s_name_for_a_file_does_no_harm(
    name: str, ada: Visitor, deliver: Callable[..., Receipt], travel: GoOn
) -> None:
    item = travel(deliver(REFUND, file_name=name).item_id)
    say(ada, item)
    told = ada.post(f"/audit/{item.id}/original").headers["content-disposition"]
    inside = told.removeprefix('attachment; filename="').removesuffix('"')
    assert inside.replace("-", "").replace(".", "").isalnum()
    assert inside.startswith(item.reference)


def test_an_original_that_was_changed_is_said_so_and_not_given_out(
    ada: Visitor, letter: Item, services: Services
) -> None:
    kept = (
        services.settings.data
        / "vault"
        / f"originals/{hashlib.sha256(REFUND).hexdigest()[:2]}"
        / (hashlib.sha256(REFUND).hexdigest())
    )
    kept.chmod(0o600)
    kept.write_bytes(REFUND + b"!")
    proof = say(ada, letter).text
    assert "NOT what was received." in proof
    assert ada.post(f"/audit/{letter.id}/original").status_code == 500


@pytest.mark.parametrize("way", ["", "/pages/1/picture"])
def test_what_is_not_theirs_is_not_there(way: str, ada: Visitor, deliver: Callable[..., Receipt], travel: GoOn) -> None:
    item = travel(deliver(AT_RISK).item_id)
    for name in (item.id, item.reference):
        assert ada.get(f"/audit/{name}{way}").status_code == 404
        assert ada.post(f"/audit/{name}/original").status_code == 404
        assert ada.post(f"/audit/{name}/evidence").status_code == 404
        assert ada.post(f"/audit/{name}/purpose", {"purpose": "foi"}).status_code == 404
    assert item.reference not in ada.get("/audit?words=stepfather").text
    assert item.id not in ada.post("/audit", {"purpose": "foi", "words": item.reference}).text


@pytest.mark.parametrize("role", [Role.POST_ROOM, Role.BACK_OFFICE, Role.MANAGER, Role.ADMINISTRATOR])
def test_proving_is_for_auditors(role: Role, signed_in: SignIn, letter: Item) -> None:
    other = signed_in("kim", role, teams=("revenues",))
    for path in ("/audit", f"/audit/{letter.id}", f"/audit/{letter.id}/pages/1/picture"):
        assert other.get(path).status_code == 403
    assert other.post(f"/audit/{letter.id}/original").status_code == 403
    assert other.post(f"/audit/{letter.id}/evidence").status_code == 403
    assert "Download the evidence" not in other.get(f"/cases/{letter.id}").text
    assert other.post(f"/audit/{letter.id}/purpose", {"purpose": "foi"}).status_code == 403


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("words=Pemberton", True),
        ("team=revenues&channel=post", True),
        ("first=2026-11-16&last=2026-11-16", True),
        ("case_type=council_tax_refund&state=captured", True),
        ("team=housing", False),
        ("channel=fax", False),
        ("last=2026-11-15", False),
        ("words=Pembertown", False),
    ],
)
def test_a_search_finds_by_what_is_known(query: str, found: bool, ada: Visitor, letter: Item) -> None:
    page = ada.get(f"/audit?{query}").text
    assert (letter.reference in page) is found
    assert ("1 item" if found else "Nothing that you may see matches") in page


@pytest.mark.parametrize("query", ["first=yesterday", "first=2026-11-17&last=2026-11-16"])
def test_days_that_are_none_are_said_so_and_what_was_typed_stays(query: str, ada: Visitor) -> None:
    answer = ada.get(f"/audit?words=bins&{query}")
    assert answer.status_code == 409
    assert 'value="bins"' in answer.text


def test_markup_of_a_message_is_shown_as_text(ada: Visitor, deliver: Callable[..., Receipt], travel: GoOn) -> None:
    item = travel(deliver(MARKUP, channel=Channel.EMAIL, file_name="<b>m</b>.eml").item_id)
    proof = say(ada, item).text
    assert "<script>alert" not in proof
    assert "<img src=x>" not in proof
    assert "<b>m</b>" not in proof


def test_from_a_reference_to_the_verified_original_in_two_keys(open_as: Callable[..., Page], letter: Item) -> None:
    page = open_as("ada", Role.AUDITOR)
    page.wait_for_url("**/audit")
    page.keyboard.press("3")  # the first key
    page.keyboard.type(letter.reference)
    page.keyboard.press("Enter")  # the second, and here is the original, verified
    page.wait_for_url(f"**/audit/{letter.id}")
    expect(page.get_by_text("Checked just now: unchanged.")).to_be_visible()
    with page.expect_download() as download:
        page.keyboard.press("d")
    assert download.value.path().read_bytes() == REFUND


def test_the_same_without_scripts(open_as: Callable[..., Page], letter: Item) -> None:
    page = open_as("ada", Role.AUDITOR, javascript=False)
    page.get_by_label("Reference, name, postcode").focus()
    page.keyboard.type(letter.reference)
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Subject access request").press("Enter")
    page.wait_for_url(f"**/audit/{letter.id}")
    assert page.get_by_text("Checked just now: unchanged.").is_visible()


def test_single_keys_can_be_switched_off(open_as: Callable[..., Page], letter: Item) -> None:
    page = open_as("ada", Role.AUDITOR)
    page.wait_for_url("**/audit")
    page.goto("/me")
    page.get_by_label("Single keys").uncheck()
    page.get_by_role("button", name="Save").click()
    page.goto(f"/audit/{letter.id}")
    page.keyboard.press("1")
    assert page.get_by_role("heading", level=1).inner_text().startswith("What do you open")
