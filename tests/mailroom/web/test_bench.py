"""The bench by keys alone, in a real browser: how many keys each task takes, and what they do not do."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from playwright.sync_api import Page, Route, expect
from sample_letters import pdf_of
from sqlalchemy import update
from test_accessibility import SMALL, UNSEEN, faults

from mailroom.desk.correcting import correct
from mailroom.desk.item_page import ItemPage, open_item
from mailroom.desk.post_room import mark_sensitive, settle
from mailroom.desk.proof import state_purpose
from mailroom.desk.taking import next_for, take_over
from mailroom.domain.access import Role, Viewer
from mailroom.domain.capture import Receipt
from mailroom.records.looks import people_who_had_it
from mailroom.records.parts import parts_of
from mailroom.records.tables import Account, Item
from mailroom.services import Services

WATCHER = Viewer("ada", frozenset({Role.AUDITOR}), named_for_limited=True)
FIRST = (
    "Peter Fenwick\n17 Mill Lane\nHarrowdale\nHD4 2QJ\n\n12 November 2026\n\nDear Council\n\n"
    "I should like a refund of my council tax, and a discount or exemption for the flat.\n\nYours faithfully\n\nPeter"
)


@pytest.fixture
def bench(
    deliver: Callable[..., Receipt], travel: Callable[..., Item], services: Services, open_as: Callable[..., Page]
) -> tuple[Page, list[Item]]:
    """Three exceptions of two pages each, the first of them on the bench, with the next one loaded."""
    came = services.now() - timedelta(hours=1)
    letters = [pdf_of(FIRST, f"Enclosure {number}") for number in range(3)]
    items = [
        travel(deliver(letter, file_name="letter.pdf", received_at=came + timedelta(minutes=number)).item_id)
        for number, letter in enumerate(letters)
    ]
    page = open_as("kim", Role.POST_ROOM)
    page.keyboard.press("Enter")
    ready(page, items[0])
    return page, items


def ready(page: Page, item: Item, *, last: bool = False) -> None:
    expect(page.locator("#reference")).to_have_text(item.reference)
    wanted = "#bench[data-words]" if last else "#bench[data-ahead=ready][data-words]"
    page.wait_for_selector(wanted, state="attached")


def press(page: Page, *keys: str) -> None:
    for key in keys:
        page.keyboard.press(key)


def seen(item: Item, services: Services) -> ItemPage:
    state_purpose(item.id, "audit", WATCHER, services)
    return open_item(item.id, WATCHER, services)


def decided(item: Item, services: Services) -> tuple[str, str]:
    found = seen(item, services).decided
    assert found is not None
    return found.case_type, found.team


def test_one_key_confirms_and_brings_the_next_which_is_loaded_already(
    bench: tuple[Page, list[Item]], services: Services
) -> None:
    page, items = bench
    first = seen(items[0], services).suggestions[0]
    press(page, "Enter")
    ready(page, items[1])
    assert decided(items[0], services) == (first.case_type, first.team)
    assert page.url.endswith(f"/items/{items[1].id}?undo={items[0].id}")
    assert page.locator("#picture").get_attribute("href").startswith("blob:")  # type: ignore[union-attr]
    press(page, "Enter")
    ready(page, items[2], last=True)


def looked(item: Item, services: Services) -> list[str]:
    with services.records.look() as session:
        return [actor for actor, _, _ in people_who_had_it(session, item.id)]


def test_what_is_loaded_ahead_is_taken_and_is_looked_at_only_when_it_is_shown(
    bench: tuple[Page, list[Item]], services: Services
) -> None:
    page, items = bench
    lee = Viewer("lee", frozenset({Role.POST_ROOM}))
    assert next_for(lee, services).item == items[2].id
    assert looked(items[1], services) == []
    press(page, "Enter")
    ready(page, items[1], last=True)
    assert looked(items[1], services) == ["kim"]


@pytest.mark.parametrize("trouble", ["limited", "taken over", "changed"])
def test_what_is_loaded_ahead_and_is_not_what_comes_next_is_not_shown(
    bench: tuple[Page, list[Item]], services: Services, trouble: str
) -> None:
    page, items = bench
    lee = Viewer("lee", frozenset({Role.POST_ROOM}), named_for_limited=True)

    def interfere(route: Route) -> None:
        if trouble == "limited":
            mark_sensitive(items[1].id, lee, services, reason="somebody at risk")
        elif trouble == "taken over":
            take_over(items[1].id, lee, services)
        else:
            correct(items[1].id, "phone", "01865 555123", lee, services)
        return route.continue_()

    expect(page.locator("#bench[data-ahead=ready]")).to_be_attached()
    page.route("**/settle", interfere)
    press(page, "Enter")
    expect(page.locator("#said")).to_contain_text(f"{items[0].reference} is settled")
    if trouble == "changed":
        expect(page.locator("#reference")).to_have_text(items[1].reference)
        expect(page.locator('[data-field="phone"]')).to_have_value("+441865555123")
    else:
        expect(page.locator("#reference")).to_have_text(items[2].reference)
        assert "kim" not in looked(items[1], services)


def test_two_keys_choose_another_suggestion_and_light_its_reasons(
    bench: tuple[Page, list[Item]], services: Services
) -> None:
    page, items = bench
    second = seen(items[0], services).suggestions[1]
    press(page, "2")
    expect(page.locator("#lit rect")).to_have_count(
        sum(len(reason.boxes) for reason in second.reasons if reason.place == 1)
    )
    press(page, "Enter")
    ready(page, items[1])
    assert decided(items[0], services)[0] == second.case_type


def test_six_keys_at_most_find_another_type(bench: tuple[Page, list[Item]], services: Services) -> None:
    page, items = bench
    press(page, "t", "p", "o", "s", "t", "Enter")
    ready(page, items[1])
    assert decided(items[0], services)[0] == "postal_vote"


def test_an_everyday_word_finds_the_types_that_people_mean_by_it(bench: tuple[Page, list[Item]]) -> None:
    page, _ = bench
    press(page, "t", *"rubbish")
    expect(page.locator("#other-options")).to_contain_text("Bins: missed collection")
    press(page, *" not em")
    expect(page.locator("#other-options li")).to_have_count(1)


def test_words_that_name_no_type_settle_nothing(bench: tuple[Page, list[Item]], services: Services) -> None:
    page, items = bench
    press(page, "t", *"qxqx", "Enter")
    expect(page.locator("#fault")).to_contain_text("what you typed names no type")
    press(page, *"q")
    page.get_by_role("button", name="Confirm and next").click()
    expect(page.locator("#fault")).to_contain_text("what you typed names no type")
    expect(page.locator("#other-words")).to_be_focused()
    stands = seen(items[0], services).decided
    assert stands is not None
    assert not stands.settled
    press(page, "Escape", "Enter")
    ready(page, items[1])


def test_two_keys_split_at_the_page_that_is_shown(bench: tuple[Page, list[Item]], services: Services) -> None:
    page, items = bench
    press(page, "ArrowRight")
    expect(page.locator("#place")).to_have_text("2")
    press(page, "s", "Enter")
    ready(page, items[1])
    assert seen(items[0], services).state == "split"
    with services.records.look() as session:
        parts = [reference for reference, _ in parts_of(session, items[0].id)]
    links = page.locator("#said a")
    assert links.all_inner_texts() == parts
    assert [link.get_attribute("href") for link in links.all()] == [f"/items/{part}" for part in parts]
    expect(page.locator("#said")).to_contain_text("They open when they are read; join them again")


def test_two_keys_or_one_click_put_a_word_into_a_chosen_field(bench: tuple[Page, list[Item]]) -> None:
    page, _ = bench
    page.locator("#field-sender_postcode").fill("")
    press(page, "Enter")
    expect(page.locator("#said")).to_contain_text("“Postcode” of")
    page.locator(".mr-word").nth(6).click(force=True)
    expect(page.locator("#field-sender_postcode")).to_have_value("HD4 2QJ")
    page.locator("#field-letter_date").focus()
    press(page, "Escape", "w")
    expect(page.locator(".mr-label")).to_have_text(["a"])
    press(page, "a")
    expect(page.locator("#field-letter_date")).to_have_value("12 November 2026")
    expect(page.locator(".mr-label")).to_have_count(0)
    page.locator("#field-letter_date").fill("18/11/2026")
    press(page, "Enter")
    expect(page.locator("#field-letter_date")).to_have_value("18 November 2026")
    expect(page.locator("#said")).to_contain_text("“Date of letter” of")
    page.reload()
    expect(page.locator("#field-letter_date")).to_have_value("18 November 2026")


def test_the_label_key_pressed_again_labels_every_word(bench: tuple[Page, list[Item]]) -> None:
    page, _ = bench
    page.locator("#field-sender_postcode").focus()
    press(page, "Escape", "w", "w")
    assert page.locator(".mr-label").count() > 20
    press(page, "a", "d")
    expect(page.locator("#field-sender_postcode")).to_have_value("17")


def test_no_letter_does_anything_while_somebody_types(bench: tuple[Page, list[Item]]) -> None:
    page, items = bench
    page.locator("#field-sender_name").focus()
    page.keyboard.type("2 l s n o x q u d j t ?")
    expect(page.locator("details[open]")).to_have_count(0)
    expect(page.locator("dialog[open]")).to_have_count(0)
    expect(page.locator("#reference")).to_have_text(items[0].reference)
    assert page.locator("[name=choice]:checked").get_attribute("data-number") == "1"


def test_letters_and_digits_can_be_switched_off_and_enter_still_confirms(
    bench: tuple[Page, list[Item]], services: Services
) -> None:
    page, items = bench
    with services.records.work() as session:
        session.execute(update(Account).values(preferences={"single_keys": False}))
        session.commit()
    page.reload()
    ready(page, items[0])
    press(page, "2", "n", "x", "?")
    expect(page.locator("details[open], dialog[open]")).to_have_count(0)
    assert page.locator("[name=choice]:checked").get_attribute("data-number") == "1"
    press(page, "Enter")
    ready(page, items[1])


def test_not_knowing_no_reply_and_undo_by_keys(bench: tuple[Page, list[Item]], services: Services) -> None:
    page, items = bench
    press(page, "x")
    page.keyboard.type("I cannot tell")
    press(page, "Tab", "Tab", "Enter")
    ready(page, items[1])
    assert [note.note for note in seen(items[0], services).notes] == ["I cannot tell"]
    press(page, "n", "1")
    ready(page, items[2], last=True)
    assert seen(items[1], services).state != "exception"
    press(page, "u")
    expect(page.locator("#reference")).to_have_text(items[1].reference)
    assert seen(items[1], services).state == "exception"


def test_a_save_that_comes_too_late_says_what_changed_and_keeps_the_page(
    bench: tuple[Page, list[Item]], services: Services
) -> None:
    page, items = bench
    settle(items[0].id, "foi", Viewer("lee", frozenset({Role.POST_ROOM})), services)
    press(page, "Enter")
    expect(page.locator("#fault")).to_contain_text("lee settled it as")
    expect(page.locator("#reference")).to_have_text(items[0].reference)


def test_a_lost_connection_loses_nothing(bench: tuple[Page, list[Item]]) -> None:
    page, items = bench
    page.locator("#field-sender_name").fill("Rhys Evans")
    page.context.set_offline(True)
    press(page, "Enter", "Enter")
    expect(page.locator("#fault")).to_contain_text("no connection")
    expect(page.locator("#field-sender_name")).to_have_value("Rhys Evans")
    page.context.set_offline(False)
    press(page, "Enter")
    ready(page, items[1])


def test_all_keys_are_listed_and_the_page_turns_and_enlarges(bench: tuple[Page, list[Item]]) -> None:
    page, _ = bench
    press(page, "?")
    expect(page.locator("#keys")).to_be_visible()
    press(page, "Escape", "+", "]")
    expect(page.locator("#page")).to_have_class("mr-bench__page mr-zoom-2")
    expect(page.locator("#turn")).to_have_attribute(
        "transform", "translate(" + page.locator("#page").get_attribute("data-height") + " 0) rotate(90)"
    )  # type: ignore[operator]


def test_what_a_key_opens_and_what_is_wrong_in_it_are_in_view_on_a_small_screen(
    bench: tuple[Page, list[Item]],
) -> None:
    page, items = bench
    page.set_viewport_size({"width": 1366, "height": 768})
    for key, panel in (("n", "settle"), ("o", "not-ours")):
        page.evaluate("window.scrollTo(0, 0)")
        press(page, key)
        expect(page.locator(f"#act-{panel} .mr-pick").last).to_be_in_viewport(ratio=1)
        press(page, "Escape")
    page.evaluate("window.scrollTo(0, 0)")
    press(page, "s", "Enter")
    fault = page.locator("#act-split [role=alert]")
    expect(fault).to_contain_text("Name a page after the first")
    expect(fault).to_be_in_viewport(ratio=1)
    expect(page.locator("#fault")).to_be_hidden()
    expect(page.locator("#reference")).to_have_text(items[0].reference)


def test_without_scripts_the_bench_is_worked_by_forms(
    bench: tuple[Page, list[Item]], open_as: Callable[..., Page], services: Services
) -> None:
    _, items = bench
    page = open_as("lee", Role.POST_ROOM, javascript=False)
    page.goto(f"/items/{items[2].id}")
    page.locator("#choice-1").focus()
    press(page, "Enter")
    page.wait_for_url(lambda address: items[2].id not in address.partition("?")[0])
    assert seen(items[2], services).state != "exception"


def test_the_bench_is_clean_for_axe_fits_at_400_percent_and_shows_its_focus(bench: tuple[Page, list[Item]]) -> None:
    page, _ = bench
    assert faults(page) == []
    press(page, "n")
    assert faults(page) == []
    press(page, "Escape")
    for _ in range(45):
        press(page, "Tab")
        assert page.evaluate(UNSEEN) is None
    page.set_viewport_size({"width": 320, "height": 256})
    assert page.evaluate("document.documentElement.scrollWidth") <= 320
    assert page.evaluate(SMALL) == []
