"""A search as an auditor has it: pages, a number that says when it stopped counting, and only for those who look."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from mailroom.desk import searching
from mailroom.desk.acting import Refused
from mailroom.desk.correcting import correct
from mailroom.desk.searching import find_items, is_reference, one_meant, search
from mailroom.domain.access import Role, Viewer
from mailroom.domain.capture import Receipt
from mailroom.records.tables import Item
from mailroom.records.wanted import Order, Wanted
from mailroom.records.word_counts import count_new_texts
from mailroom.services import Services

POST_ROOM = Viewer("kim", frozenset({Role.POST_ROOM}))


def test_a_line_says_what_it_is_whose_and_from_whom(settled: Item, auditor: Viewer, services: Services) -> None:
    (hit,) = search(Wanted("lodger"), auditor, services).lines
    told = (hit.reference, hit.what, hit.team, hit.sender)
    assert told == (settled.reference, "Council tax: single person discount", "Revenues", "Jane Pemberton")


def test_what_is_still_on_its_way_has_a_line_without_a_case(
    deliver: Callable[..., Receipt], auditor: Viewer, services: Services
) -> None:
    reference = deliver(b"Dear Sir").reference
    (hit,) = search(Wanted(reference), auditor, services).lines
    assert (hit.reference, hit.what, hit.team, hit.sender) == (reference, None, None, None)


def test_pages_follow_one_another_and_the_number_says_when_it_stopped(
    deliver: Callable[..., Receipt], auditor: Viewer, services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    references = [deliver(b"Dear Sir").reference for _ in range(5)]
    monkeypatch.setattr(searching, "A_PAGE", 2)
    pages = [search(Wanted(), auditor, services, page) for page in (1, 2, 3, 9)]
    assert [[hit.reference for hit in page.lines] for page in pages[:3]] == [
        references[:2:-1],
        references[2:0:-1],
        references[:1],
    ]
    assert (pages[3].page, pages[3].pages, pages[3].number_in_words) == (3, 3, "5")
    monkeypatch.setattr("mailroom.records.finding.COUNTED_TO", 3)
    monkeypatch.setattr(searching, "COUNTED_TO", 3)
    stopped = search(Wanted(), auditor, services)
    assert (stopped.count, stopped.more, stopped.number_in_words) == (3, True, "more than 3")


def test_whoever_has_figures_only_searches_nothing(settled: Item, services: Services) -> None:
    with pytest.raises(Refused, match="post room"):
        search(Wanted(settled.reference), Viewer("mo", frozenset({Role.MANAGER})), services)


def test_a_whole_reference_is_told_from_a_part_of_one(settled: Item) -> None:
    assert is_reference(f" {settled.reference.lower()} ")
    assert not is_reference(settled.reference[:-1])


def test_one_item_is_meant_by_a_reference_that_only_one_has(
    settled: Item, deliver: Callable[..., Receipt], travel: Callable[..., Item], auditor: Viewer, services: Services
) -> None:
    assert one_meant(settled.reference.lower(), auditor, services) == settled.id
    assert one_meant("lodger", auditor, services) is None
    other = travel(deliver(b"Dear Sir").item_id)
    correct(other.id, "old_reference", settled.reference, POST_ROOM, services)
    assert one_meant(settled.reference, auditor, services) is None


def test_a_line_shows_the_place_that_matches_as_plain_text(settled: Item, auditor: Viewer, services: Services) -> None:
    (hit,) = search(Wanted("lodger"), auditor, services).lines
    assert [piece.text.lower() for piece in hit.place if piece.lit] == ["lodger"]
    assert search(Wanted(settled.reference), auditor, services).lines[0].place == ()


def test_a_misspelt_word_says_what_was_found_instead(
    deliver: Callable[..., Receipt], travel: Callable[..., Item], auditor: Viewer, services: Services
) -> None:
    for number in range(2):
        travel(deliver(f"Dear Sir\n\nPlease send me the refuse contracts, number {number}.\n".encode()).item_id)
    count_new_texts(services.records, lambda _: None)
    named = replace(auditor, named_for_limited=True)
    hits = search(Wanted("contracks"), named, services)
    assert (hits.count, hits.instead) == (2, ["contracts"])
    assert search(Wanted("contracts"), named, services).instead == ()


def test_an_order_among_the_newest_says_so(
    deliver: Callable[..., Receipt], auditor: Viewer, services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    for _ in range(3):
        deliver(b"Dear Sir")
    assert search(Wanted(), auditor, services).cut_to is None
    monkeypatch.setattr("mailroom.records.finding.COUNTED_TO", 2)
    monkeypatch.setattr(searching, "COUNTED_TO", 2)
    assert search(Wanted(), auditor, services, order=Order.CLOCK).cut_to == 2


def test_what_is_found_on_the_command_line_takes_the_same_line(
    settled: Item, auditor: Viewer, services: Services
) -> None:
    (found,) = find_items("lodger team:revenues", auditor, services)
    assert found["reference"] == settled.reference
    assert find_items("lodger team:housing", auditor, services) == []
    assert find_items(" ", auditor, services) == []
