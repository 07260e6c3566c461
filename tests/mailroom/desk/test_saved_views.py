"""A search under a name: one's own or a team's; what it finds is what whoever opens it may see."""

from __future__ import annotations

import pytest

from mailroom.desk import saved_views as desk
from mailroom.desk.acting import Refused
from mailroom.desk.post_room import mark_sensitive
from mailroom.desk.saved_views import forget_view, save_view, saved_views, shared_with
from mailroom.domain.access import Role, Viewer
from mailroom.records.tables import Item
from mailroom.records.wanted import Order
from mailroom.services import Services

KIM = Viewer("kim", frozenset({Role.POST_ROOM}))
NOOR = Viewer("noor", frozenset({Role.POST_ROOM}), named_for_limited=True)
SAM = Viewer("sam", frozenset({Role.BACK_OFFICE}), frozenset({"revenues"}))


def names(viewer: Viewer, services: Services) -> list[str]:
    return [view.name for view in saved_views(viewer, services)]


def test_a_view_is_ones_own_until_it_is_shared_with_a_team(services: Services) -> None:
    save_view("Zebras", "zebra", KIM, services)
    save_view("  Late   bins ", "bins", KIM, services, order=Order.CLOCK, everything=True, team="post_room")
    assert names(KIM, services) == ["Late bins", "Zebras"]
    (shared,) = saved_views(NOOR, services)
    told = (shared.name, shared.words, shared.order, shared.everything, shared.team, shared.theirs)
    assert told == ("Late bins", "bins", Order.CLOCK, True, "Post room", False)
    assert names(SAM, services) == []


def test_a_view_finds_what_is_theirs_to_see_who_open_it(settled: Item, services: Services) -> None:
    save_view("Lodgers", "lodger", NOOR, services, everything=True, team="post_room")
    assert [view.number for viewer in (KIM, NOOR) for view in saved_views(viewer, services)] == ["1", "1"]
    mark_sensitive(settled.id, NOOR, services, reason="a refuge")
    assert [view.number for viewer in (KIM, NOOR) for view in saved_views(viewer, services)] == ["0", "1"]


def test_the_same_name_is_saved_once_for_each_person(services: Services) -> None:
    for words in ("one", "two"):
        save_view("Mine", words, KIM, services, team="post_room")
    save_view("Mine", "three", NOOR, services)
    assert [view.words for view in saved_views(KIM, services)] == ["two"]
    assert sorted(view.words for view in saved_views(NOOR, services)) == ["three", "two"]


def test_only_who_saved_it_removes_it(services: Services) -> None:
    save_view("Mine", "one", KIM, services, team="post_room")
    (view,) = saved_views(KIM, services)
    with pytest.raises(Refused, match="not yours to remove"):
        forget_view(view.id, NOOR, services)
    assert forget_view(view.id, KIM, services) == "The view “Mine” is removed."
    with pytest.raises(Refused, match="gone already"):
        forget_view(view.id, KIM, services)


@pytest.mark.parametrize(
    ("name", "words", "team", "sentence"),
    [
        (" ", "bins", "", "Give the view a name"),
        ("Bins", " ", "", "Search for something first"),
        ("Bins", "bins", "revenues", "a team of yours only"),
        ("Bins", "team:nowhere", "", "There is no team"),
    ],
)
def test_what_is_no_view_is_refused(name: str, words: str, team: str, sentence: str, services: Services) -> None:
    with pytest.raises(Refused, match=sentence):
        save_view(name, words, KIM, services, team=team)


def test_there_is_a_number_of_views_beyond_which_nobody_finds_theirs(
    services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(desk, "MOST", 2)
    for name in ("one", "two"):
        save_view(name, "bins", KIM, services)
    with pytest.raises(Refused, match="Remove one before"):
        save_view("three", "bins", KIM, services)


def test_views_are_shared_with_the_teams_one_works_in(services: Services) -> None:
    assert list(shared_with(SAM, services)) == ["revenues"]
    assert list(shared_with(KIM, services)) == ["post_room"]
    with pytest.raises(Refused):
        saved_views(Viewer("mo", frozenset({Role.MANAGER})), services)
