"""Words lie in the index of those who may see their item, from the very commit that says who these are."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

import pytest
from sqlalchemy import text

from mailroom.domain.access import Role, Viewer
from mailroom.domain.decision import Sensitivity
from mailroom.domain.query import terms_of
from mailroom.records.finding import find
from mailroom.records.ledger import Days
from mailroom.records.search import index_of, index_text, withdraw_text
from mailroom.records.search.asked import Asked
from mailroom.records.search.days import span_of
from mailroom.records.search.shelves import AUDIENCES, Audience, Shelves, name_of
from mailroom.records.session import Records
from mailroom.records.tables import Item
from mailroom.records.wanted import Wanted

CLERK = Viewer("kim", frozenset({Role.POST_ROOM}))
Put = Callable[..., str]


def lies_in(archive: Records, words: str) -> set[Audience]:
    """In which indexes a text with these words lies, whoever may see it."""
    with archive.look() as session:
        asked = {audience: Asked("a", [audience], terms_of(words)) for audience in AUDIENCES}
        return {audience for audience in AUDIENCES if index_of(session).newest(session, asked[audience], 9)}


def held_to_be_whole(archive: Records) -> None:
    """On SQLite each index is compared with the texts, word by word."""
    with archive.connection() as connection:
        if connection.dialect.name == "sqlite":
            for audience in AUDIENCES:
                name = name_of("a", audience)
                connection.execute(text(f"INSERT INTO {name}({name}, rank) VALUES ('integrity-check', 1)"))  # noqa: S608


def test_raising_the_sensitivity_moves_the_words_in_the_same_commit(
    archive: Records, put: Put, change: Callable[..., None]
) -> None:
    item = put("a child at risk")
    assert lies_in(archive, "child") == {"open"}
    change(item, sensitivity=Sensitivity.LIMITED)
    assert lies_in(archive, "child") == {"limited"}
    change(item, sensitivity=None)
    assert lies_in(archive, "child") == {"limited"}
    change(item, sensitivity=Sensitivity.NORMAL)
    assert lies_in(archive, "child") == {"open"}
    held_to_be_whole(archive)


def test_what_was_rolled_back_moves_nothing(archive: Records, put: Put) -> None:
    item = put("a child at risk")
    with archive.work() as session:
        session.get_one(Item, item).sensitivity = Sensitivity.LIMITED
        session.flush()
    assert lies_in(archive, "child") == {"open"}


def test_words_put_in_anew_replace_the_old_ones(archive: Records, put: Put) -> None:
    item = put("the old words")
    with archive.work() as session:
        index_text(session, session.get_one(Item, item), "the new\x00 words")
        session.commit()
    assert (lies_in(archive, "old"), lies_in(archive, '"new words"')) == (set(), {"open"})
    held_to_be_whole(archive)


def test_words_and_sensitivity_changed_at_once_leave_no_ghost(archive: Records, put: Put) -> None:
    item = put("the old words", sensitivity=None)
    with archive.work() as session:
        found = session.get_one(Item, item)
        found.sensitivity = Sensitivity.NORMAL
        index_text(session, found, "the new words")
        session.commit()
    assert (lies_in(archive, "old"), lies_in(archive, "new")) == (set(), {"open"})
    held_to_be_whole(archive)


def test_words_that_were_withdrawn_are_found_no_more(archive: Records, put: Put) -> None:
    item, other = put("the words"), put("the words")
    with archive.work() as session:
        withdraw_text(session, session.get_one(Item, item))
        withdraw_text(session, session.get_one(Item, item))
        session.commit()
    with archive.look() as session:
        assert find(session, Wanted("words"), CLERK).keys == [session.get_one(Item, other).number]
    held_to_be_whole(archive)


def test_a_day_is_a_span_of_numbers_that_follows_corrections(
    archive: Records, put: Put, change: Callable[..., None]
) -> None:
    item = put("words")
    with archive.look() as session:
        found = session.get_one(Item, item)
        number, received_at = found.number or 0, found.received_at
        assert span_of(session, Days(date(2026, 11, 1), date(2026, 11, 10))) is None
        lowest, highest = span_of(session, Days(received_at.date(), received_at.date())) or (0, 0)
        assert 0 < lowest <= number <= highest < number + 2000
    change(item, received_at=received_at - timedelta(days=10))
    friday = Days(date(2026, 11, 6), date(2026, 11, 6))
    with archive.look() as session:
        assert span_of(session, friday) == (lowest, highest)
        assert find(session, Wanted("words", friday), CLERK).keys == [number]
        assert find(session, Wanted("words", Days(received_at.date(), None)), CLERK).keys == []


@pytest.mark.parametrize(
    ("state", "below", "from_there_on"),
    [
        (Shelves("a"), ("a",), ("a",)),
        (Shelves("a", "b", 50), ("a",), ("a", "b")),
        (Shelves("a", "a", 50), (), ("a",)),
        (Shelves("b", "a", 50), ("b",), ("a", "b")),
    ],
)
def test_a_text_lies_on_the_searched_shelf_and_on_one_that_was_filled_so_far(
    state: Shelves, below: tuple[str, ...], from_there_on: tuple[str, ...]
) -> None:
    assert (state.holding(49), state.holding(50)) == (below, from_there_on)
