"""PostgreSQL is asked part after part: what is found, and in which order, is the same however many parts there are."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from sqlalchemy import Engine, event, func, select

from mailroom.domain.access import Role, Viewer
from mailroom.domain.items import ItemState
from mailroom.domain.query import terms_of
from mailroom.records.narrowing import condition_for
from mailroom.records.search import index_of, on_postgresql
from mailroom.records.search.asked import Asked
from mailroom.records.session import Records
from mailroom.records.tables import Item
from mailroom.records.wanted import Wanted

AUDITOR = Viewer("ada", frozenset({Role.AUDITOR}))
ITEMS = 24
Put = Callable[..., str]


@pytest.fixture
def parted(archive: Records, put: Put, monkeypatch: pytest.MonkeyPatch) -> Records:
    """Items in a dozen parts: one in four is an exception, one in eight has a word of its own."""
    monkeypatch.setattr(on_postgresql, "PART", 2)
    for number in range(ITEMS):
        state = ItemState.EXCEPTION if number % 4 == 0 else ItemState.CAPTURED
        put("the common words" if number % 8 else "the seldom words", state=state)
    return archive


@contextmanager
def questions() -> Iterator[list[str]]:
    """Writes down what the index of words is asked."""
    asked: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        if "@@" in statement:
            asked.append(statement)

    event.listen(Engine, "before_cursor_execute", note)
    yield asked
    event.remove(Engine, "before_cursor_execute", note)


def newest(records: Records, wanted: Wanted, most: int) -> tuple[list[int], int]:
    """The places of what is found among all that was put, newest first, and how many questions that took."""
    with records.look() as session, questions() as asked:
        condition = condition_for(session, wanted, AUDITOR)
        question = Asked("a", ["open"], terms_of(wanted.words), condition=condition)
        found = index_of(session).newest(session, question, most)
        first = session.scalar(select(func.min(Item.number))) or 0
    return [number - first for number in found], len(asked)


@pytest.mark.parametrize("most", [1, 3, 10, 99])
def test_the_newest_come_first_and_no_more_than_are_asked_for(parted: Records, most: int) -> None:
    every = range(ITEMS)[::-1]
    assert newest(parted, Wanted("words"), most)[0] == list(every)[:most]
    assert newest(parted, Wanted("seldom"), most)[0] == [n for n in every if n % 8 == 0][:most]
    exceptions = Wanted("words", state=ItemState.EXCEPTION)
    assert newest(parted, exceptions, most)[0] == [n for n in every if n % 4 == 0][:most]


def test_a_common_word_asks_few_parts_and_a_rare_one_few_questions(parted: Records) -> None:
    if parted.embedded:
        pytest.skip("a file is asked once")
    assert newest(parted, Wanted("words"), 1)[1] == 1
    assert newest(parted, Wanted("seldom"), 99)[1] == 2
    assert newest(parted, Wanted('"seldom words"'), 99)[1] == 3
