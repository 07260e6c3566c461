"""What each role may find, count or open of a limited-access letter, at every stage of its journey."""

import json
from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from pathlib import Path

import pytest

from mailroom.desk.acting import Refused
from mailroom.desk.audit import NotThere, fetch_original, show_item
from mailroom.desk.performance import status
from mailroom.desk.searching import find_items
from mailroom.desk.team_queue import whole_queue
from mailroom.domain.access import Role, Viewer
from mailroom.domain.capture import Hints, Receipt
from mailroom.domain.decision import Sensitivity
from mailroom.journey import JOURNEY
from mailroom.records.facets import NONE, facets_of
from mailroom.records.finding import find
from mailroom.records.ledger import Days
from mailroom.records.tables import Item
from mailroom.records.wanted import Wanted
from mailroom.services import Services

LETTER = b"""Dear Sir or Madam

Safeguarding concern

I am worried about the child next door. He is six and has bruises on his arms and I think that his stepfather hits him.
Please tell children's services: he is at risk of harm. My postcode is HD7 4QT.

Yours faithfully

Ann Osgood
"""
DOUBTFUL = b"Dear Sir or Madam\n\nI enclose the papers that we talked about. I am worried for Tomos.\n\nAnn Osgood\n"

TEAMS = frozenset({"safeguarding", "housing", "revenues"})
QUERIES = ("stepfather", "Tomos", "Ann Osgood", "HD7 4QT", "worried")

UNNAMED = {
    "clerk": Viewer("kim", frozenset({Role.POST_ROOM})),
    "auditor": Viewer("ada", frozenset({Role.AUDITOR})),
    "officer of the very team": Viewer("sam", frozenset({Role.BACK_OFFICE}), TEAMS),
    "manager": Viewer("mo", frozenset({Role.MANAGER}), TEAMS, named_for_limited=True),
    "administrator": Viewer("al", frozenset({Role.ADMINISTRATOR}), TEAMS, named_for_limited=True),
    "all roles, not named": Viewer("xi", frozenset(Role), TEAMS),
}
NAMED_CLERK = Viewer("noor", frozenset({Role.POST_ROOM}), named_for_limited=True)
NAMED_OFFICER = Viewer("ros", frozenset({Role.BACK_OFFICE}), frozenset({"safeguarding"}), named_for_limited=True)

STOPS = (*JOURNEY[1:], None)


@pytest.fixture
def letter_to(pdf_of: Callable[..., bytes]) -> Callable[[str | None], bytes]:
    """The letter as it comes to this stage: what is typed passes `read` by."""
    return lambda stop: pdf_of(LETTER.decode()) if stop == "read" else LETTER


def opened_by(viewer: Viewer, item: Item, services: Services, folder: Path) -> set[str]:
    """Return the ways by which the viewer gets at the item."""
    ways = {"find" for query in (item.reference, *QUERIES) if find_items(query, viewer, services)}
    with services.records.look() as session:
        founds = [find(session, Wanted(query), viewer) for query in (item.reference, *QUERIES)]
        ways |= {"count" for found in founds if found.number or facets_of(session, found, viewer) != NONE}
    for name in (item.reference, item.id):
        with suppress(NotThere):
            show_item(name, viewer, "a test", services)
            ways.add("show")
        with suppress(NotThere):
            fetch_original(name, folder / "original", viewer, "a test", services)
            ways.add("original")
    for team in TEAMS:
        with suppress(Refused):
            ways |= {"queue" for line in whole_queue(team, viewer, services) if line["reference"] == item.reference}
    told = json.dumps(status(viewer, services, Days()))
    ways |= {"status" for name in (item.reference, item.id) if name in told}
    return ways


@pytest.mark.parametrize("stop", STOPS, ids=str)
@pytest.mark.parametrize("who", UNNAMED)
def test_whoever_is_not_named_gets_at_it_in_no_way_at_any_stage(
    who: str,
    stop: str | None,
    letter_to: Callable[[str | None], bytes],
    deliver: Callable[..., Receipt],
    travel: Callable[..., Item],
    services: Services,
    tmp_path: Path,
) -> None:
    item = travel(deliver(letter_to(stop)).item_id, until=stop)
    assert item.next_stage == stop
    assert opened_by(UNNAMED[who], item, services, tmp_path) == set()


@pytest.mark.parametrize("stop", STOPS, ids=str)
def test_a_named_clerk_can_open_it_at_every_stage(
    stop: str | None,
    letter_to: Callable[[str | None], bytes],
    deliver: Callable[..., Receipt],
    travel: Callable[..., Item],
    services: Services,
    tmp_path: Path,
) -> None:
    item = travel(deliver(letter_to(stop)).item_id, until=stop)
    assert {"find", "count", "show", "original"} <= opened_by(NAMED_CLERK, item, services, tmp_path)


@pytest.mark.parametrize("stop", STOPS, ids=str)
@pytest.mark.parametrize("who", UNNAMED)
def test_one_that_is_late_is_in_nobody_s_list_of_late_ones_but_a_named_clerk_s(
    who: str,
    stop: str | None,
    deliver: Callable[..., Receipt],
    travel: Callable[..., Item],
    services: Services,
    tmp_path: Path,
) -> None:
    long_ago = services.now() - timedelta(days=10)
    item = travel(deliver(LETTER, received_at=long_ago).item_id, until=stop)
    assert opened_by(UNNAMED[who], item, services, tmp_path) == set()
    assert status(UNNAMED[who], services, Days())["not_shown"]["late"] == 1
    assert "status" in opened_by(NAMED_CLERK, item, services, tmp_path)


def test_its_words_are_searched_by_nobody_before_its_sensitivity_is_known(
    deliver: Callable[..., Receipt], travel: Callable[..., Item], services: Services
) -> None:
    travel(deliver(LETTER).item_id, until="classify")
    assert find_items("stepfather", NAMED_CLERK, services) == []


def test_a_copy_of_it_does_not_name_it_to_others(
    deliver: Callable[..., Receipt], travel: Callable[..., Item], services: Services
) -> None:
    first = travel(deliver(LETTER).item_id)
    second = travel(deliver(LETTER).item_id)
    with services.records.work() as session:
        session.get_one(Item, second.id).sensitivity = Sensitivity.NORMAL
        session.commit()
    assert first.reference not in json.dumps(show_item(second.id, UNNAMED["clerk"], "a test", services))
    assert show_item(second.id, NAMED_CLERK, "a test", services)["repeat_of"] == first.reference


@pytest.mark.parametrize("stop", STOPS[:2], ids=str)
def test_a_named_officer_sees_nothing_of_it_until_it_is_settled(
    stop: str | None,
    letter_to: Callable[[str | None], bytes],
    deliver: Callable[..., Receipt],
    travel: Callable[..., Item],
    services: Services,
    tmp_path: Path,
) -> None:
    item = travel(deliver(letter_to(stop)).item_id, until=stop)
    assert opened_by(NAMED_OFFICER, item, services, tmp_path) == set()


def test_a_named_officer_of_its_team_has_it_in_the_queue_once_it_is_handed_over(
    deliver: Callable[..., Receipt], travel: Callable[..., Item], services: Services, tmp_path: Path
) -> None:
    item = travel(deliver(LETTER).item_id)
    ways = {"find", "count", "show", "original", "queue"}
    assert opened_by(NAMED_OFFICER, item, services, tmp_path) == ways


@pytest.mark.parametrize("who", UNNAMED)
def test_a_doubtful_letter_from_a_limited_folder_is_kept_from_whoever_is_not_named(
    who: str, deliver: Callable[..., Receipt], travel: Callable[..., Item], services: Services, tmp_path: Path
) -> None:
    item = travel(deliver(DOUBTFUL, hints=Hints(case_type="safeguarding_child")).item_id)
    assert item.sensitivity == "limited"
    assert opened_by(UNNAMED[who], item, services, tmp_path) == set()


@pytest.mark.parametrize("who", UNNAMED)
def test_a_file_from_a_limited_folder_that_nobody_can_read_is_kept_from_them_too(
    who: str, deliver: Callable[..., Receipt], travel: Callable[..., Item], services: Services, tmp_path: Path
) -> None:
    item = travel(deliver(b"\x00\x01\x02 no format", hints=Hints(case_type="safeguarding_child")).item_id)
    assert (item.state, item.sensitivity) == ("exception", "limited")
    assert opened_by(UNNAMED[who], item, services, tmp_path) == set()
