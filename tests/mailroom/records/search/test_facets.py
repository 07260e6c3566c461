"""What the hits of a search are narrowed down by is what items and cases say, from the very commit that says it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from facet_rows import facets_that_differ
from sqlalchemy import select, text

from mailroom.domain.access import Role, Viewer
from mailroom.domain.capture import Channel
from mailroom.domain.items import ItemState
from mailroom.records.finding import find
from mailroom.records.session import Records
from mailroom.records.tables import Case, Item, SearchFacet
from mailroom.records.wanted import Wanted

CLERK = Viewer("kim", frozenset({Role.POST_ROOM}))
OFFICER = Viewer("sam", frozenset({Role.BACK_OFFICE}), frozenset({"revenues"}))
Put = Callable[..., str]
Change = Callable[..., None]


def found(archive: Records, viewer: Viewer = CLERK, **wanted: object) -> int:
    with archive.look() as session:
        return find(session, Wanted("words", **wanted), viewer).number  # type: ignore[arg-type]


def test_each_change_of_an_item_is_searched_by_at_once(archive: Records, put: Put, change: Change) -> None:
    item = put(team="revenues", channel=Channel.POST)
    with archive.look() as session:
        later = session.get_one(Item, item).received_at + timedelta(days=9)
    for changed in (
        {"state": ItemState.EXCEPTION},
        {"channel": Channel.FAX},
        {"received_at": later},
        {"settled": False, "team": None},
        {"case_id": None},
    ):
        change(item, **changed)
        assert facets_that_differ(archive) == []
    assert (found(archive, state=ItemState.EXCEPTION, channel=Channel.FAX), found(archive, team="revenues")) == (1, 0)


def test_all_items_of_a_case_follow_it(archive: Records, put: Put, change: Change) -> None:
    first, second, other = put(team="revenues"), put(team="revenues"), put(team="revenues")
    with archive.work() as session:
        case = session.scalars(select(Case).where(Case.opened_for == first)).one()
        session.get_one(Item, second).case_id = case.id
        session.flush()
        case.team, case.case_type = "housing", "repair"
        session.commit()
    assert facets_that_differ(archive) == []
    assert (found(archive, team="housing", case_type="repair"), found(archive, team="revenues")) == (2, 1)
    change(other, case_id=case.id)
    assert found(archive, team="housing") == 3


def test_an_officer_finds_what_is_their_work_from_the_moment_it_is(archive: Records, put: Put, change: Change) -> None:
    item = put(team="revenues", settled=False)
    assert found(archive, OFFICER) == 0
    change(item, settled=True, team="revenues")
    assert found(archive, OFFICER) == 1
    change(item, team="housing")
    assert found(archive, OFFICER) == 0


def test_what_was_rolled_back_changes_nothing(archive: Records, put: Put) -> None:
    item = put(team="revenues")
    with archive.work() as session:
        session.get_one(Item, item).state = ItemState.EXCEPTION
        session.flush()
        assert session.scalars(select(SearchFacet.state)).one() == ItemState.EXCEPTION
    assert (found(archive, state=ItemState.EXCEPTION), facets_that_differ(archive)) == (0, [])


@pytest.mark.parametrize("statement", ["UPDATE item SET state = 'refused'", "UPDATE case_file SET team = 'housing'"])
def test_they_follow_whoever_changes_a_row(archive: Records, put: Put, statement: str) -> None:
    put(team="revenues")
    with archive.connection() as connection:
        connection.execute(text(statement))
        connection.commit()
    assert facets_that_differ(archive) == []
    assert found(archive, state=ItemState.CAPTURED, team="revenues") == 0
