"""The hot queries go by an index on both databases: nobody reads through all items, or sorts all that match.

Asked of some thousand made-up items: with a handful a database reads whatever there is.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Select, insert, select
from sqlalchemy.orm import Session

from mailroom.domain.access import Role, Viewer
from mailroom.domain.capture import Channel
from mailroom.domain.items import ItemState
from mailroom.domain.query import terms_of
from mailroom.domain.references import make_reference, number_in
from mailroom.records.ledger import Days
from mailroom.records.matching import filters_of, has_marks, meant_alone
from mailroom.records.narrowing import condition_for
from mailroom.records.reindexing import begin_anew, go_on
from mailroom.records.search import index_of, on_postgresql
from mailroom.records.search.asked import Asked
from mailroom.records.search.shelves import shelves_now
from mailroom.records.session import Records
from mailroom.records.tables import Case, Item, SearchText, table_of
from mailroom.records.visibility import visible_to
from mailroom.records.wanted import Wanted

ITEMS = 3000
NOW = datetime(2026, 11, 16, 12, tzinfo=UTC)
AUDITOR = Viewer("ada", frozenset({Role.AUDITOR}))
OFFICER = Viewer("sam", frozenset({Role.BACK_OFFICE}), frozenset({"revenues"}))


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def large(
    request: pytest.FixtureRequest,
    new_database: Callable[[Path, str], AbstractContextManager[str]],
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Records]:
    """An archive of some thousand items, whose index was made."""
    with (
        pytest.MonkeyPatch.context() as patch,
        new_database(tmp_path_factory.mktemp("large"), request.param) as url,
        closing(Records(url)) as records,
    ):
        patch.setattr(on_postgresql, "PART", ITEMS // 10)
        _fill(records)
        if not records.embedded:  # which learns by itself what it holds, a little later
            request.getfixturevalue("database_server").tell("ANALYZE", database=url.rpartition("/")[2])
        yield records


def _fill(records: Records) -> None:
    with records.connection() as connection:
        connection.execute(insert(table_of(Case)), [_case(number) for number in range(1, ITEMS + 1)])
        connection.execute(insert(table_of(Item)), [_item(number) for number in range(1, ITEMS + 1)])
        connection.execute(insert(table_of(SearchText)), [_text(number) for number in range(1, ITEMS + 1)])
        connection.commit()
    begin_anew(records)
    list(go_on(records, lambda _: None))


def _case(number: int) -> dict[str, Any]:
    row = {"id": f"c{number}", "reference": f"c{number}", "opened_for": f"{number:032x}", "case_type": "foi"}
    return {**row, "team": "housing" if number % 30 == 0 else "revenues", "owner": "sam", "opened_at": NOW}


def _item(number: int) -> dict[str, Any]:
    at = NOW + timedelta(minutes=number)
    row = {"id": f"{number:032x}", "reference": make_reference("HD", 2026, number), "channel": Channel.POST}
    row |= {"file_name": "f", "received_at": at, "receipt_assumed": False, "taken_at": at, "state": "captured"}
    counts = {"run": 1, "child_deaths": 0, "service_deaths": 0, "attempts": 0, "changed_at": at}
    row |= {"sensitivity": "normal", "settled": True, "team": "revenues", "desk": "revenues", "case_id": f"c{number}"}
    return {**row, **counts}


def _text(number: int) -> dict[str, Any]:
    body = f"the common words of a letter {'seldom' if number % 100 == 0 else ''} only{number} "
    body += " ".join(f"w{number * place % 3000}" for place in range(40))
    return {
        "number": number_in(make_reference("HD", 2026, number)),
        "item_id": f"{number:032x}",
        "limited": False,
        "body": body,
    }


QUESTIONS = {
    "a word of every text": Wanted("common"),
    "a word of few texts": Wanted("seldom"),
    "a word of one text": Wanted("only77"),
    "two words": Wanted("common seldom"),
    "a phrase": Wanted('"common words"'),
    "a beginning": Wanted("seldo*"),
    "a channel and a word": Wanted("common", channel=Channel.POST),
    "a team, a state and a word": Wanted("common", team="revenues", state=ItemState.CAPTURED),
    "days and a word": Wanted("common", days=Days(NOW.date(), NOW.date() + timedelta(days=1))),
}


@pytest.mark.parametrize("viewer", [AUDITOR, OFFICER], ids=["auditor", "officer"])
@pytest.mark.parametrize("wanted", QUESTIONS.values(), ids=list(QUESTIONS))
def test_words_are_found_by_their_index_and_items_by_their_number(
    large: Records, wanted: Wanted, viewer: Viewer
) -> None:
    with large.look() as session:
        shelf = shelves_now(session).searched
        asked = Asked(shelf, ["open"], terms_of(wanted.words), condition=condition_for(session, wanted, viewer))
        plan = index_of(session).plan(session, asked, 1001)
    told = "\n".join(plan)
    if large.url.startswith("sqlite"):
        assert f"SCAN search_words_{shelf}_open VIRTUAL TABLE INDEX" in told
        assert "TEMP B-TREE" not in told
        assert "SCAN item" not in told
        assert asked.condition is None or "SEARCH search_facet USING INTEGER PRIMARY KEY" in told
        assert "SEARCH item" not in told
    else:
        assert f"Bitmap Index Scan on search_words_{shelf}_open_words" in told
        assert "Seq Scan on search_words" not in told
        assert f"{shelf}_open_pkey" not in told


def test_the_few_of_a_team_are_begun_with_and_not_the_many_of_a_state(large: Records) -> None:
    if not large.url.startswith("sqlite"):
        pytest.skip("a server plans by what it has counted")
    wanted = Wanted(team="housing", state=ItemState.CAPTURED, channel=Channel.POST)
    with large.look() as session:
        told = _plan_of(session, select(Item.id).where(*filters_of(session, wanted)).order_by(Item.received_at.desc()))
    assert "item_by_case" in told
    assert "item_by_state" not in told
    assert "item_by_channel" not in told


def test_the_few_letters_of_a_sender_are_begun_with(large: Records) -> None:
    if not large.url.startswith("sqlite"):
        pytest.skip("a server plans by what it has counted")
    wanted = Wanted("common", name="Mary O'Bell", state=ItemState.CAPTURED)
    with large.look() as session:
        condition = condition_for(session, wanted, AUDITOR)
        asked = Asked(shelves_now(session).searched, ["open"], terms_of(wanted.words), condition=condition)
        told = "\n".join(index_of(session).plan(session, asked, 1001))
    assert "LIST SUBQUERY" in told
    assert "index_field" in told


def _plan_of(session: Session, query: Select[Any]) -> str:
    told = query.compile(session.get_bind(), compile_kwargs={"render_postcompile": True})
    embedded = session.get_bind().dialect.name == "sqlite"
    values = tuple(told.params[name] for name in told.positiontup or ()) if embedded else told.params
    words = "EXPLAIN QUERY PLAN" if embedded else "EXPLAIN"
    rows = session.connection().exec_driver_sql(f"{words} {told}", values)
    return "\n".join(str(row[-1]) for row in rows)


def test_a_reference_a_name_and_a_postcode_are_looked_up_in_an_index(large: Records) -> None:
    reference = meant_alone(make_reference("HD", 2026, 77))
    slipped = meant_alone("HD-26-000077-Q")
    assert reference is not None
    assert slipped is not None
    queries = [select(Item.id).where(condition, visible_to(AUDITOR)) for condition in (reference, slipped)]
    marks = [ids for words in ("Mary O'Bell", "HD2 3AB", "a@b.example") for ids in has_marks(words)]
    with large.look() as session:
        for query in (*queries, *marks, *(select(Item.number).where(Item.id.in_(ids)) for ids in marks)):
            plan = _plan_of(session, query)
            assert "SCAN item" not in plan, plan
            assert "Seq Scan on item" not in plan, plan
