"""A clerk's day by keys alone, in a real browser: twenty exceptions of many kinds, and what became of each."""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence
from datetime import timedelta

import pytest
from PIL import Image, ImageDraw, ImageFont
from playwright.sync_api import Page, expect
from sample_letters import pdf_of
from sqlalchemy import select
from sqlalchemy.orm import Session

from mailroom.desk.item_view import cause_in_words
from mailroom.desk.returning import return_item
from mailroom.domain.access import Role, Viewer
from mailroom.domain.capture import Receipt
from mailroom.domain.items import ItemState
from mailroom.duties.reconcile import reconcile
from mailroom.duties.verify import verify
from mailroom.records.documents import decision_in_force
from mailroom.records.tables import Item
from mailroom.records.taking import referrals_of
from mailroom.services import Services

SAM = Viewer("sam", frozenset({Role.BACK_OFFICE}), frozenset({"revenues"}))
MOST_ON_AVERAGE, MOST_FOR_ONE = 4, 12
"""Keys for an item over the mix, and for any single one."""

FONT = "/usr/share/fonts/truetype/liberation/LiberationSans-Regular.ttf"
BY_NAME = "Peter Fenwick\n17 Mill Lane\nHarrowdale\nHD4 2QJ\n\n12 November 2026\n\n"
TWO_WISHES = "Dear Council\n\nI should like a refund of my council tax, and a discount or exemption for the flat."
PESTS = "Dear Sirs\n\nThe neighbours keep me awake, and their rubbish attracts rats."
RENT = "Dear Sirs\n\nMy hours at work have changed and my rent has gone up. Do I still pay the same council tax?"
VOTE = "Dear Sirs\n\nPlease send me the form so that I can vote from home."
PAPERS = "Dear Sir or Madam\n\nI enclose the papers that we talked about last week on the telephone."
NEWS = (
    "Spring newsletter\n\nDear reader, see our new range of office chairs. Special offer until May. Unsubscribe here."
)
SCHOOL = "Dear Sirs\n\nMy daughter wants to change to the other place in January. Whom do I ask?"
HIDING = "Dear Sirs\n\nMy husband must not learn where I live now. Please write to my sister."
THANKS = "Dear all\n\nThank you for everything."
TWICE_PAID = "Council tax refund\n\nPlease refund the council tax that I have paid twice.\n\nJane Pemberton"
PAGE_TWO = "and that is why I write to you.\n\nYours faithfully\n\nPeter Fenwick"


def scan(text: str, ink: int = 0, turned: int = 0) -> bytes:
    """A sheet as a scanner sends it, faint where little ink is on it, upside down where the paper lay so."""
    sheet = Image.new("L", (1654, 2339), 255)
    ImageDraw.Draw(sheet).multiline_text((150, 200), text, ink, ImageFont.truetype(FONT, 44), spacing=18)
    file = io.BytesIO()
    sheet.rotate(turned).save(file, "PNG", dpi=(200, 200))
    return file.getvalue()


Keys = Sequence[str]
DAY: list[tuple[str, bytes, Keys, str]] = [
    ("the first suggestion is right", pdf_of(TWO_WISHES), ["Enter"], "council_tax_refund for revenues"),
    ("the second one is", pdf_of(TWO_WISHES), ["2", "Enter"], "council_tax_exemption for revenues"),
    ("another type by words of it", pdf_of(VOTE), [*"tpost", "Enter"], "postal_vote for elections"),
    (
        "its postcode was read wrongly",
        pdf_of(BY_NAME + TWO_WISHES),
        [*"fwa", "Enter"],
        "council_tax_refund for revenues",
    ),
    ("it lay upside down", scan(TWO_WISHES, turned=180), ["Enter"], "council_tax_refund for revenues"),
    ("the scan is too faint", scan(PAPERS, ink=235), ["q", "Enter"], "waits for a new scan"),
    ("two letters in one", pdf_of(TWO_WISHES, PESTS), ["ArrowRight", "s", "Enter"], "split into 2"),
    ("a circular", pdf_of(NEWS), ["n", "2"], "circular for post_room"),
    ("for another body", pdf_of(SCHOOL), ["o", "4"], "not_ours_schools for post_room"),
    ("somebody is at risk", pdf_of(HIDING), ["l", "Enter"], "limited-access, for those named"),
    ("returned by a team", pdf_of(TWICE_PAID), [*"ttenan", "Enter"], "housing_tenancy for housing"),
    ("a slip, undone", pdf_of(TWO_WISHES), ["2", "Enter", "u", "Enter"], "council_tax_refund for revenues"),
    ("its second sheet", pdf_of(PAGE_TWO), ["j", "Enter"], "joined to the one before"),
    ("pests", pdf_of(PESTS), ["Enter"], "pest_control for environmental_health"),
    ("the second again", pdf_of(PESTS), ["2", "Enter"], "noise for environmental_health"),
    ("to another team", pdf_of(RENT), [*"tbene", "Enter"], "council_tax_bill for benefits"),
    ("a change of benefit", pdf_of(RENT), ["2", "Enter"], "housing_benefit_change for benefits"),
    ("nobody can tell", pdf_of(PAPERS), ["x", "?", "Tab", "Tab", "Enter"], "given to whoever knows"),
    ("a word of thanks", pdf_of(THANKS), ["Enter"], "compliment for customer_relations"),
    ("junk", pdf_of(NEWS), ["n", "1"], "junk for post_room"),
]
"""What lies there, as it came, the keys that settle it, and what the records must say in the evening."""


@pytest.fixture
def waiting(deliver: Callable[..., Receipt], travel: Callable[..., Item], services: Services) -> list[Item]:
    """The twenty in the order of the queue; one of them Revenues had and sent back."""
    came = services.now() - timedelta(hours=1)
    items = []
    for number, (_, content, _, _) in enumerate(DAY):
        name = "letter.png" if content.startswith(b"\x89PNG") else "letter.pdf"
        receipt = deliver(content, file_name=name, received_at=came + timedelta(minutes=number))
        item = travel(receipt.item_id)
        if item.state is ItemState.CAPTURED:
            return_item(item.id, "another_team", SAM, services)
        items.append(travel(receipt.item_id))
    assert {item.state for item in items} == {ItemState.EXCEPTION}
    return items


def press(page: Page, keys: Keys) -> None:
    """As a hand does it that knows its keys, and waits only for what it must see: a page that comes, words to label."""
    for key in keys:
        if key == "w":
            page.wait_for_selector("#bench[data-words]", state="attached")
        page.keyboard.press(key)
        expect(page.locator("[aria-busy]")).to_have_count(0)


def outcome_of(item_id: str, travel: Callable[..., Item], services: Services) -> str:
    """What the records say became of an item once the machine has followed, in the words of the table."""
    travel(item_id)
    with services.records.look() as session:
        return in_words(session, session.get_one(Item, item_id))


def in_words(session: Session, item: Item) -> str:
    if item.state is ItemState.SPLIT:
        return f"split into {len(session.scalars(select(Item.id).where(Item.parent_id == item.id)).all())}"
    if item.state is ItemState.JOINED:
        return "joined to the one before"
    if item.sensitivity == "limited":
        return "limited-access, for those named"
    if item.state is ItemState.EXCEPTION:
        given = [note.account for note in referrals_of(session, item.id)] == ["kim"]
        return "given to whoever knows" if given else str(cause_in_words(item.cause))
    decision = decision_in_force(item)
    assert decision is not None
    assert (decision.decided_by, decision.actor, decision.settled) == ("person", "kim", True)
    return f"{decision.case_type} for {decision.team}"


def test_a_clerk_settles_twenty_mixed_exceptions_by_keys_alone(
    waiting: list[Item], open_as: Callable[..., Page], travel: Callable[..., Item], services: Services
) -> None:
    page = open_as("kim", Role.POST_ROOM)
    expect(page.locator(".mr-counts")).to_contain_text("20 need a person")
    page.keyboard.press("Enter")
    expect(page.locator("#other-words")).to_be_visible()
    for (_, _, keys, _), item in zip(DAY, waiting, strict=True):
        expect(page.locator("#reference")).to_have_text(item.reference)
        press(page, keys)
    expect(page.get_by_role("heading", level=1)).to_have_text("Nothing is free for you now")
    became = {what: outcome_of(item.id, travel, services) for (what, *_), item in zip(DAY, waiting, strict=True)}
    assert became == {what: expected for what, _, _, expected in DAY}
    found = reconcile(services)
    line = found["channels"]["post"]
    assert (found["difference"], found["missing"], verify(services)["faults"]) == (0, [], [])
    assert (line["received"], line["waiting"], line["exceptions"]) == (20, 2, 3)  # two parts came of one, two are one


def test_the_keys_of_the_day_stay_within_what_was_promised() -> None:
    counts = [len(keys) for _, _, keys, _ in DAY]
    assert len(DAY) == 20
    assert sum(counts) / len(counts) <= MOST_ON_AVERAGE
    assert max(counts) <= MOST_FOR_ONE
