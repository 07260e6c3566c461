"""The post room's pages by HTTP: the queue, the bench, what is done on it, several at once; also without scripts."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from playwright.sync_api import Page, expect
from sample_letters import pdf_of
from sqlalchemy import select
from visitors import SignIn, Visitor

from mailroom.desk.correcting import correct
from mailroom.desk.item_page import open_item
from mailroom.desk.post_room import mark_sensitive, settle
from mailroom.desk.queues import waiting
from mailroom.desk.referring import refer
from mailroom.domain import ways
from mailroom.domain.access import Role, Viewer
from mailroom.domain.capture import Hints, Receipt
from mailroom.records.tables import CustodyEvent, Item
from mailroom.services import Services

NOOR = Viewer("noor", frozenset({Role.POST_ROOM}), named_for_limited=True)
JSON = {"Accept": "application/json"}
MARKUP = '<script>document.title="caught"</script><img src=x onerror=alert(1)>'


@pytest.fixture
def kim(signed_in: SignIn) -> Visitor:
    """A clerk who is not named for limited access."""
    return signed_in("kim", Role.POST_ROOM)


@pytest.fixture
def exceptions(
    deliver: Callable[..., Receipt], travel: Callable[..., Item], services: Services
) -> Callable[[int], list[Item]]:
    """Makes so many exceptions, in the order of the queue."""

    def make(number: int) -> list[Item]:
        came = services.now() - timedelta(hours=1)
        letters = [
            f"Dear Sir or Madam\n\nI enclose the papers, envelope {n} of them. {MARKUP}\n" for n in range(number)
        ]
        return [
            travel(deliver(letter.encode(), received_at=came + timedelta(minutes=n)).item_id)
            for n, letter in enumerate(letters)
        ]

    return make


@pytest.fixture
def paper(deliver: Callable[..., Receipt], travel: Callable[..., Item]) -> Item:
    """A letter of three pages that points two ways."""
    first = "Dear Council\n\nI should like a refund of my council tax, and a discount or exemption for the flat."
    batch = pdf_of(first, "Housing repairs\n\nMy boiler is broken.", "It has no heating.")
    return travel(deliver(batch, file_name="batch.pdf").item_id)


def test_a_mail_that_says_nothing_shows_whose_address_it_was_written_to(
    kim: Visitor, deliver: Callable[..., Receipt], travel: Callable[..., Item]
) -> None:
    way = ways.address("licensing@harrowdale.example")
    item = travel(deliver(b"Please ring me.", hints=Hints(team="licensing"), way=way).item_id)
    page = kim.get(f"/items/{item.id}").text
    assert "Written to licensing@harrowdale.example (hint: Licensing)" in page


def test_the_queue_shows_the_ledger_the_counts_and_what_waits(
    kim: Visitor, exceptions: Callable[[int], list[Item]]
) -> None:
    made = exceptions(2)
    page = kim.get("/post-room").text
    for item in made:
        assert f'href="/items/{item.id}"' in page
    counts = re.sub(r"<[^>]+>|\s+", " ", kim.get("/post-room/live").text)
    assert re.search(r"2\s+need a person\s+·\s+0\s+due today", counts)


def test_the_queue_says_what_was_given_to_whom_and_where_no_name_was_read(
    kim: Visitor, exceptions: Callable[[int], list[Item]], services: Services
) -> None:
    one, two, three = exceptions(3)
    refer(one.id, "Council tax or benefits?", NOOR, services, colleague="kim")
    refer(two.id, "Whose is this?", NOOR, services, colleague="lee")
    correct(two.id, "sender_postcode", "HD4 2QJ", NOOR, services)
    correct(three.id, "sender_name", "Rhys Evans", NOOR, services)
    rows = re.findall(r"<tr data-line.*?</tr>", kim.get("/post-room").text, re.DOTALL)
    lines = [" ".join(re.sub(r"<[^>]+>", " ", row).split()) for row in rows]
    assert "from noor, with a note" in lines[0]
    assert "given to lee" in lines[1]
    assert "not read HD4 2QJ" in lines[1]
    assert '<span class="mr-quiet">not read <bdi>HD4 2QJ</bdi></span>' in rows[1]
    assert "Rhys Evans" in lines[2]
    assert not any(words in lines[2] for words in ("not read", "given to", "with a note"))


def test_what_others_took_or_settled_is_marked_and_nothing_jumps_or_loses_the_focus(
    open_as: Callable[..., Page], exceptions: Callable[[int], list[Item]], services: Services
) -> None:
    free, taken, done = exceptions(3)
    page = open_as("kim", Role.POST_ROOM)
    link = page.get_by_role("link", name=done.reference)
    link.focus()
    place = link.bounding_box()
    open_item(taken.id, NOOR, services)
    settle(done.id, "foi", NOOR, services)
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    who = {item.id: page.locator(f'[data-line="{item.id}"] [data-who]') for item in (free, taken, done)}
    expect(who[done.id]).to_have_text("no longer here")
    expect(who[taken.id]).to_have_text("noor")
    expect(who[free.id]).to_have_text("-")
    expect(link).to_be_focused()
    assert link.bounding_box() == place
    assert page.evaluate("scrollY") == 0


def test_what_comes_in_while_the_queue_is_empty_shows_up_by_itself(
    open_as: Callable[..., Page], exceptions: Callable[[int], list[Item]]
) -> None:
    page = open_as("kim", Role.POST_ROOM)
    expect(page.locator("#lines")).to_contain_text("Nothing needs a person now")
    [item] = exceptions(1)
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    expect(page.get_by_role("link", name=item.reference)).to_be_visible()


def test_whoever_may_not_see_a_line_is_told_nothing_of_it(
    kim: Visitor, exceptions: Callable[[int], list[Item]], services: Services
) -> None:
    first, second = exceptions(2)
    mark_sensitive(second.id, NOOR, services, reason="a refuge")
    told = kim.get(f"/post-room/lines.json?item={first.id}&item={second.id}&item=nothing").json()
    assert told == {"lines": {first.id: {"taken_by": None, "yours": False}}}


def test_a_queue_with_nothing_in_it_says_so(kim: Visitor) -> None:
    assert "Nothing needs a person now" in kim.get("/post-room").text
    assert "Nothing is free for you now" in kim.get("/post-room/next").text


def test_the_next_item_is_opened_and_confirmed_and_the_one_after_it_comes(
    kim: Visitor, exceptions: Callable[[int], list[Item]], services: Services
) -> None:
    first, second = exceptions(2)
    opened = kim.get("/post-room/next")
    assert opened.url.path == f"/items/{first.id}"
    answer = kim.post(f"/items/{first.id}/settle", {"choice": "type:housing_repairs", "run": first.run})
    assert answer.url.path == f"/items/{second.id}"
    assert f"{first.reference} is settled" in answer.text
    assert f'action="/items/{first.id}/undo"' in answer.text
    undone = kim.post(f"/items/{first.id}/undo")
    assert undone.url.path == f"/items/{first.id}"
    assert len(waiting(NOOR, services)) == 2


def test_a_script_is_told_what_was_done_and_where_to_go(kim: Visitor, exceptions: Callable[[int], list[Item]]) -> None:
    [item] = exceptions(1)
    fields = {"field": ["sender_name"], "value": ["Rhys Evans"], "run": item.run}
    told = kim.post(f"/items/{item.id}/fields", fields, headers=JSON).json()
    assert (told["run"], told["next"]) == (item.run + 1, f"/items/{item.id}")
    told = kim.post(f"/items/{item.id}/settle", {"choice": "type:foi", "run": told["run"]}, headers=JSON).json()
    assert told["next"] == f"/post-room/next?undo={item.id}"


def test_a_save_that_comes_too_late_says_who_did_what(
    kim: Visitor, exceptions: Callable[[int], list[Item]], services: Services
) -> None:
    [item] = exceptions(1)
    kim.get(f"/items/{item.id}")
    settle(item.id, "housing_repairs", NOOR, services)
    answer = kim.post(f"/items/{item.id}/settle", {"choice": "type:foi", "run": item.run}, headers=JSON)
    assert answer.status_code == 409
    assert "noor settled it as" in answer.json()["sentence"]
    again = kim.post(f"/items/{item.id}/settle", {"choice": "type:housing_repairs", "run": item.run}, headers=JSON)
    assert (again.status_code, "already" in again.json()["sentence"]) == (200, True)


def test_another_team_is_chosen_with_the_suggested_type(kim: Visitor, paper: Item, services: Services) -> None:
    choice = {"choice": "type:council_tax_refund", "other": "team:benefits", "run": paper.run}
    kim.post(f"/items/{paper.id}/settle", choice)
    decided = open_item(paper.id, NOOR, services).decided
    assert decided is not None
    assert (decided.case_type, decided.team) == ("council_tax_refund", "benefits")


def test_the_bench_shows_the_page_with_what_it_rests_on_and_turns_and_enlarges_without_scripts(
    kim: Visitor, paper: Item, services: Services
) -> None:
    page = kim.get(f"/items/{paper.id}").text
    chosen = next(one.number for one in open_item(paper.id, NOOR, services).suggestions if one.reasons[0].place == 1)
    assert 'class="mr-lit"' in kim.get(f"/items/{paper.id}?chosen={chosen}").text
    assert f'href="/items/{paper.id}/pages/1/picture"' in page
    turned = kim.get(f"/items/{paper.id}?page=2&zoom=3&turned=90").text
    assert "rotate(90)" in turned
    assert "mr-zoom-3" in turned
    assert f'href="/items/{paper.id}/pages/2/picture"' in turned


def test_pictures_words_and_originals_are_served_and_nothing_of_them_is_kept_or_run(kim: Visitor, paper: Item) -> None:
    picture = kim.get(f"/items/{paper.id}/pages/1/picture")
    assert (picture.headers["content-type"], picture.content[:2]) == ("image/jpeg", b"\xff\xd8")
    words = kim.get(f"/items/{paper.id}/pages/2/words").json()
    assert "boiler" in [word[0] for word in words["words"]]
    original = kim.get(f"/items/{paper.id}/original")
    assert original.content[:5] == b"%PDF-"
    assert original.headers["content-disposition"].startswith("attachment")
    assert original.headers["content-security-policy"].startswith("sandbox")
    for answer in (picture, original):
        assert answer.headers["cache-control"] == "no-store"


@pytest.mark.parametrize(
    ("asked", "first", "last"), [("bytes=0-3", 0, 3), ("bytes=-5", -5, None), ("bytes=7-", 7, None)]
)
def test_a_part_of_an_original_is_that_part_of_what_came_and_each_is_on_record(
    kim: Visitor, paper: Item, services: Services, asked: str, first: int, last: int | None
) -> None:
    address = f"/items/{paper.id}/original"
    whole = kim.get(address).content
    answer = kim.get(address, headers={"Range": asked, "Accept-Encoding": "gzip"})
    expected = whole[first:] if last is None else whole[first : last + 1]
    assert (answer.status_code, answer.content) == (206, expected)
    assert answer.headers["content-length"] == str(len(expected))
    assert answer.headers["content-range"].endswith(f"/{len(whole)}")
    assert answer.headers["content-disposition"].startswith("attachment")
    assert answer.headers["content-security-policy"].startswith("sandbox")
    assert answer.headers["x-content-type-options"] == "nosniff"
    with services.records.look() as session:
        fetched = select(CustodyEvent).where(CustodyEvent.item_id == paper.id, CustodyEvent.kind == "original_fetched")
        assert len(session.scalars(fetched).all()) == 2


@pytest.mark.parametrize("asked", ["bytes=999999999-", "bytes=9-3", "pages=1-2", "bytes=", "bytes=" + "0-1," * 500])
def test_a_part_that_is_none_brings_nothing_down(kim: Visitor, paper: Item, services: Services, asked: str) -> None:
    answer = kim.get(f"/items/{paper.id}/original", headers={"Range": asked})
    assert answer.status_code in (200, 206, 400, 416)
    assert list(services.scratch.iterdir()) == []


@pytest.mark.parametrize(
    "name",
    ["a\r\nSet-Cookie: x=1.html", 'a"; filename="x.exe', "\u202efdp.exe", "../../etc/passwd", "llythyr \u0175.svg"],
)
def test_the_sender_s_name_for_a_file_is_in_no_header(
    kim: Visitor, deliver: Callable[..., Receipt], travel: Callable[..., Item], name: str
) -> None:
    item = travel(deliver(b"<svg onload=alert(1)></svg>", file_name=name).item_id)
    headers = kim.get(f"/items/{item.id}/original").headers
    assert headers["content-disposition"] == f'attachment; filename="{item.reference}.bin"'
    assert headers["content-type"] == "application/octet-stream"
    assert "set-cookie" not in headers


def test_ids_in_addresses_are_drawn_by_lot(deliver: Callable[..., Receipt]) -> None:
    ids = [deliver(f"letter {number}".encode()).item_id for number in range(20)]
    assert all(re.fullmatch("[0-9a-f]{32}", one) for one in ids)
    leading = {one[:8] for one in ids}
    assert len(leading) == len(ids), "no clock and no counter stands at the beginning"


def test_what_is_not_theirs_is_not_there_on_any_address(kim: Visitor, paper: Item, services: Services) -> None:
    mark_sensitive(paper.id, NOOR, services, reason="a refuge")
    for path in ("", "/original", "/pages/1/picture", "/pages/1/words"):
        assert kim.get(f"/items/{paper.id}{path}").status_code == 404
    for act in ("settle", "split", "refer", "give-back", "keep", "undo"):
        data = {"choice": "type:foi", "first": ["2"], "note": "?"}
        assert kim.post(f"/items/{paper.id}/{act}", data).status_code == 404
    assert paper.reference not in kim.get("/post-room").text


def test_markup_in_a_letter_is_shown_as_text(kim: Visitor, exceptions: Callable[[int], list[Item]]) -> None:
    [item] = exceptions(1)
    page = kim.get(f"/items/{item.id}").text
    assert "&lt;script&gt;document.title" in page
    assert "<script>document.title" not in page


def test_several_are_settled_together_and_each_has_a_line(
    kim: Visitor, exceptions: Callable[[int], list[Item]]
) -> None:
    made = exceptions(3)
    alike = kim.get(f"/post-room?cause={made[0].cause}&suggested={made[0].suggested or ''}").text
    chosen = re.findall(r'name="chosen" value="([^"]+)"', alike)
    assert len(chosen) == 3
    answer = kim.post("/post-room/settle", {"chosen": chosen, "case_type": "circular"}).text
    assert "3 of 3 are settled" in answer


def test_not_knowing_a_new_scan_limited_access_and_a_date_are_each_a_form(
    kim: Visitor, exceptions: Callable[[int], list[Item]], services: Services
) -> None:
    first, second, third, fourth = exceptions(4)
    assert "goes to whoever comes next" in kim.post(f"/items/{first.id}/refer", {"note": "Whose is it?"}).text
    assert "Whose is it?" in kim.get(f"/items/{first.id}").text
    assert "waits for a new scan" in kim.post(f"/items/{second.id}/rescan", {"reason": "cut off"}).text
    assert kim.post(f"/items/{third.id}/limit", {"reason": "  "}).status_code == 409
    assert "limited-access now" in kim.post(f"/items/{third.id}/limit", {"reason": "a refuge"}).text
    day = (services.now() - timedelta(days=3)).date().isoformat()
    assert "earlier date" in kim.post(f"/items/{fourth.id}/received", {"day": day, "reason": "date stamp"}).text


def test_splitting_is_a_form_too(kim: Visitor, paper: Item) -> None:
    split = kim.post(f"/items/{paper.id}/split", {"first": ["2"], "run": paper.run})
    assert f"{paper.reference} is split into 2 items" in split.text


def test_what_it_may_be_joined_to_is_offered_with_picture_and_first_words_and_joined_by_one_choice(
    kim: Visitor, paper: Item, exceptions: Callable[[int], list[Item]], services: Services
) -> None:
    first, second = exceptions(2)
    page = kim.get(f"/items/{paper.id}").text
    assert f'name="into" value="{second.id}"' in page
    assert "envelope 1 of them. &lt;script&gt;" in page
    offered = kim.get(f"/items/{second.id}").text
    assert f'value="{first.id}"' in offered
    assert f"/items/{first.id}/pages/1/picture" not in offered  # a text has none
    answer = kim.post(f"/items/{second.id}/join", {"into": first.id, "run": second.run})
    assert f"{second.reference} is joined to {first.reference}" in answer.text
    mark_sensitive(paper.id, NOOR, services, reason="a refuge")
    assert paper.id not in kim.get(f"/items/{first.id}").text


def test_a_page_of_text_without_end_comes_in_stretches(
    kim: Visitor, deliver: Callable[..., Receipt], travel: Callable[..., Item]
) -> None:
    item = travel(deliver(b"I enclose the papers.\n" * 3000).item_id)
    first = kim.get(f"/items/{item.id}")
    assert "The text goes on" in first.text
    assert len(first.text) < 100_000
    assert "From the beginning" in kim.get(f"/items/{item.id}?start=20000").text


def test_whoever_only_looks_at_figures_has_no_bench(signed_in: SignIn, paper: Item) -> None:
    max_ = signed_in("max", Role.MANAGER)
    for path in ("/post-room", "/post-room/next", f"/items/{paper.id}"):
        assert max_.get(path).status_code == 403
