"""The duty takes an index that is being made to its end, and counts the words of new texts; so does the command."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from sqlalchemy import select, text

from mailroom.cli.reindex import reindex
from mailroom.domain.access import Role, Viewer
from mailroom.domain.capture import Receipt
from mailroom.duties.search_index import keep_search_index
from mailroom.records.finding import find
from mailroom.records.reindexing import begin_anew, progress
from mailroom.records.tables import Item, SearchUncounted
from mailroom.records.wanted import Wanted
from mailroom.services import Services

CLERK = Viewer("kim", frozenset({Role.POST_ROOM}), named_for_limited=True)


@pytest.fixture
def sorted_letter(deliver: Callable[..., Receipt], travel: Callable[..., Item]) -> Item:
    """A letter that was sorted, so that it is found by its words."""
    return travel(deliver(b"Dear Sir\n\nMy lodger has moved out.\n").item_id)


def number_found(services: Services) -> int:
    with services.records.look() as session:
        return find(session, Wanted("lodger"), CLERK).number


def test_an_index_that_is_being_made_is_taken_to_its_end(sorted_letter: Item, services: Services) -> None:
    begin_anew(services.records)
    keep_search_index(services)
    assert progress(services.records) is None
    assert number_found(services) == 1
    with services.records.look() as session:
        assert session.scalars(select(SearchUncounted.number)).all() == []


def test_the_command_makes_the_index_anew_and_says_of_how_many(
    sorted_letter: Item, services: Services, capsys: pytest.CaptureFixture[str]
) -> None:
    reindex()
    assert "Every text is in the index, 1 in all." in capsys.readouterr().out
    assert number_found(services) == 1
    with services.records.look() as session:
        assert session.scalar(text("SELECT shelf FROM search_state")) == "b"
