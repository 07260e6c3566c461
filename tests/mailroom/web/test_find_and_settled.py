"""What a clerk does beside the queue: finds an item, looks at what they settled today, and takes it back."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from playwright.sync_api import Page, expect
from visitors import SignIn, Visitor

from mailroom.desk.correcting import correct
from mailroom.desk.post_room import mark_sensitive, settle
from mailroom.domain.access import Role, Viewer
from mailroom.domain.capture import Channel, Receipt
from mailroom.records.tables import Item
from mailroom.services import Services

NOOR = Viewer("noor", frozenset({Role.POST_ROOM}), named_for_limited=True)
KIM = Viewer("kim", frozenset({Role.POST_ROOM}))
Step = Callable[[timedelta], None]
Make = Callable[[int], list[Item]]


@pytest.fixture
def kim(signed_in: SignIn) -> Visitor:
    return signed_in("kim", Role.POST_ROOM)


@pytest.fixture
def letters(deliver: Callable[..., Receipt], travel: Callable[..., Item]) -> Make:
    """Makes so many exceptions that are alike."""
    return lambda number: [
        travel(deliver(f"Dear Sir\n\nI enclose the papers, envelope {n} of them.\n".encode()).item_id)
        for n in range(number)
    ]


def lines(page: str) -> list[str]:
    rows = re.findall(r"<tr data-row>.*?</tr>", page, re.DOTALL)
    return [" ".join(re.sub(r"<[^>]+>", " ", row).split()) for row in rows]


def test_a_whole_reference_opens_the_item_and_words_sender_and_postcode_list_it(
    kim: Visitor, letters: Make, services: Services
) -> None:
    first, second = letters(2)
    correct(first.id, "sender_postcode", "HD4 2QJ", NOOR, services)
    correct(first.id, "sender_name", "Rhys Evans", NOOR, services)
    assert kim.get(f"/post-room/find?words={first.reference}").url.path == f"/items/{first.id}"
    for words in ("hd42qj", "rhys evans", "envelope 0"):
        (line,) = lines(kim.get("/post-room/find", params={"words": words}).text)
        assert line.startswith(first.reference)
        assert "you have it" in line
    assert lines(kim.get("/post-room/find?words=envelope+1").text)[0].endswith("waits for a person")
    assert len(lines(kim.get("/post-room/find?words=envelope").text)) == 2
    assert second.reference in kim.get("/post-room/find?words=envelope").text


def test_a_reference_that_an_item_of_another_mailroom_had_too_lists_both(
    kim: Visitor, letters: Make, services: Services
) -> None:
    first, second = letters(2)
    correct(second.id, "old_reference", first.reference, NOOR, services)
    page = kim.get(f"/post-room/find?words={first.reference}")
    assert page.url.path == "/post-room/find"
    assert {line.split()[0] for line in lines(page.text)} == {first.reference, second.reference}


def test_a_view_without_a_name_is_asked_for_one_where_it_is_typed(kim: Visitor, letters: Make) -> None:
    (item,) = letters(1)
    answer = kim.post("/post-room/find/views", {"name": " ", "words": "envelope", "team": "post_room"})
    assert answer.status_code == 409
    assert re.search(r'id="view-name-error".*?Give the view a name\.', answer.text, re.DOTALL)
    assert 'href="#view-name"' in answer.text
    assert '<option value="post_room" selected>' in answer.text
    assert lines(answer.text)[0].startswith(item.reference)
    wrong = kim.post("/post-room/find/views", {"name": "Mine", "words": "team:nowhere"})
    assert (wrong.status_code, "There is no team" in wrong.text) == (409, True)


def test_an_address_that_the_channel_proves_finds_what_came_from_it(
    kim: Visitor, deliver: Callable[..., Receipt], travel: Callable[..., Item]
) -> None:
    mail = travel(deliver(b"Dear Sir", channel=Channel.SMS, proven_sender="ann@example.org").item_id)
    assert lines(kim.get("/post-room/find?words=Ann@example.org").text)[0].startswith(mail.reference)


def test_what_went_through_before_today_is_found_among_everything_only(
    kim: Visitor, letters: Make, services: Services, travel: Callable[..., Item], step: Step
) -> None:
    old, waits = letters(2)
    settle(old.id, "foi", NOOR, services)
    travel(old.id)
    assert len(lines(kim.get("/post-room/find?words=envelope").text)) == 2
    step(timedelta(days=1))
    kim.client.post("/sign-in", data={"name": "kim", "password": "three brown foxes"})
    assert [line.split()[0] for line in lines(kim.get("/post-room/find?words=envelope").text)] == [waits.reference]
    everything = kim.get("/post-room/find?words=envelope&everything=1").text
    assert {line.split()[0] for line in lines(everything)} == {old.reference, waits.reference}


def test_what_is_not_theirs_to_see_is_not_found_by_anything(kim: Visitor, letters: Make, services: Services) -> None:
    (item,) = letters(1)
    mark_sensitive(item.id, NOOR, services, reason="a refuge")
    for words in (item.reference, "envelope", "envelope&everything=1"):
        answer = kim.get(f"/post-room/find?words={words}")
        assert answer.url.path == "/post-room/find"
        assert "Nothing that you may see matches" in answer.text
        assert item.id not in answer.text


def test_one_key_leads_to_the_field_and_the_first_hit_is_opened_by_enter(
    open_as: Callable[..., Page], letters: Make
) -> None:
    first, _ = letters(2)
    page = open_as("kim", Role.POST_ROOM)
    page.keyboard.press("/")
    expect(page.get_by_role("searchbox")).to_be_focused()
    page.keyboard.type("envelope 0 ?/s")  # what is typed there does nothing else
    expect(page.get_by_role("searchbox")).to_have_value("envelope 0 ?/s")
    page.get_by_role("searchbox").fill("envelope 0")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    expect(page.get_by_role("link", name=first.reference)).to_be_focused()
    with page.expect_navigation():
        page.keyboard.press("Enter")
    expect(page.locator("#reference")).to_have_text(first.reference)


def test_what_was_settled_is_listed_and_undone_by_one_key(
    open_as: Callable[..., Page], letters: Make, services: Services, travel: Callable[..., Item]
) -> None:
    first, second = letters(2)
    for item in (first, second):
        settle(item.id, "foi", KIM, services)
        travel(item.id)
    page = open_as("kim", Role.POST_ROOM)
    with page.expect_navigation():
        page.keyboard.press("s")
    expect(page.locator("tr[data-row]")).to_have_count(2)
    expect(page.locator("tr[data-row]").first).to_contain_text("Freedom of information request")
    page.keyboard.press("j")
    with page.expect_navigation():
        page.keyboard.press("u")
    expect(page.locator("#reference")).to_have_text(first.reference)
    expect(page.get_by_role("alert").first).to_contain_text("needs a person again")


def test_a_bulk_act_is_undone_as_one_and_says_what_stays(
    kim: Visitor, letters: Make, services: Services, travel: Callable[..., Item]
) -> None:
    made = letters(3)
    chosen = [f"{item.id}:{item.run}" for item in made]
    settled = kim.post("/post-room/settle", {"chosen": chosen, "case_type": "circular"}).text
    together = re.search(r'name="together" value="([0-9a-f]+)"', settled)
    assert together is not None
    for item in made:
        travel(item.id)
    correct(made[0].id, "phone", "01865 555123", NOOR, services)
    assert f'value="{together[1]}"' in kim.get("/post-room/settled").text
    undone = " ".join(
        re.sub(r"<[^>]+>", " ", kim.post("/post-room/settled/undo", {"together": together[1]}).text).split()
    )
    assert "2 of 3 are undone" in undone
    assert f"{made[0].reference} no {made[0].reference} has changed since you decided on it." in undone
    assert kim.post("/post-room/settled/undo", {"together": "nothing"}).status_code == 409


def test_the_bar_says_how_many_wait_as_far_as_they_are_theirs_to_see(
    kim: Visitor, letters: Make, services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    def bar() -> str:
        nav = re.search(r'<nav aria-label="Desks".*?</nav>', kim.get("/me").text, re.DOTALL)
        return " ".join(re.sub(r"<[^>]+>", " ", nav[0]).split()) if nav else ""

    assert bar() == "Post room Teams"
    first, *_ = letters(3)
    assert bar() == "Post room 3 3 wait Teams"
    mark_sensitive(first.id, NOOR, services, reason="a refuge")
    assert bar() == "Post room 2 2 wait Teams"
    monkeypatch.setattr("mailroom.desk.waiting_counts.post_room_queue.count_up_to", lambda *_: 100)
    assert bar() == "Post room 99+ more than 99 wait Teams"


def test_the_bar_counts_an_officer_s_own_teams_and_nobody_s_for_whoever_has_figures(
    signed_in: SignIn, letters: Make, services: Services, travel: Callable[..., Item]
) -> None:
    first, second = letters(2)
    settle(first.id, "housing_repairs", NOOR, services, team="housing")
    settle(second.id, "foi", NOOR, services)
    for item in (first, second):
        travel(item.id)
    sam = signed_in("sam", Role.BACK_OFFICE, teams=("housing", "benefits"))
    assert ">1 waits<" in sam.get("/me").text
    assert "mr-count" not in signed_in("max", Role.MANAGER).get("/me").text


def test_the_number_in_the_bar_follows_what_the_clerk_settles(open_as: Callable[..., Page], letters: Make) -> None:
    letters(2)
    page = open_as("kim", Role.POST_ROOM)
    count = page.locator("#desks .mr-count")
    expect(count).to_have_text("2")
    page.keyboard.press("Enter")
    page.wait_for_selector("#bench[data-ahead=ready]", state="attached")
    page.keyboard.press("n")
    page.keyboard.press("1")
    expect(count).to_have_text("1")


def test_a_queue_that_cannot_be_asked_says_from_when_it_is(open_as: Callable[..., Page], letters: Make) -> None:
    letters(1)
    page = open_as("kim", Role.POST_ROOM)
    page.context.set_offline(True)
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    expect(page.locator("#stale")).to_contain_text("It stands here as it was at")
    page.context.set_offline(False)
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    expect(page.locator("#stale")).to_be_hidden()
