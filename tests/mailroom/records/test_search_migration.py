"""A database of before, with items in it, is searched by words again once its index was made: on both databases."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from database_server import ADMIN, PostgreSql
from sqlalchemy import text

from mailroom.domain.access import Role, Viewer
from mailroom.domain.references import make_reference, number_in
from mailroom.records import schema
from mailroom.records.finding import find, lines_of
from mailroom.records.reindexing import Progress, go_on, progress
from mailroom.records.search.shelves import AUDIENCES, SHELVES, name_of
from mailroom.records.session import Records, sqlite_url
from mailroom.records.wanted import Wanted

CLERK = Viewer("kim", frozenset({Role.POST_ROOM}))
NAMED = Viewer("noor", frozenset({Role.POST_ROOM}), named_for_limited=True)
ITEMS = (
    ("a", make_reference("HD", 2025, 999_999), "'normal'", "the first words"),
    ("b", make_reference("HD", 2026, 1), "'normal'", "the second words"),
    ("c", make_reference("HD", 2026, 2), "'limited'", "the third words"),
    ("d", make_reference("HD", 2026, 3), "NULL", "the fourth words"),
    ("e", make_reference("HD", 2002, 7), "'normal'", "the fifth words"),
    ("f", make_reference("HD", 2020, 7), "'normal'", "the sixth words"),
)


@pytest.fixture(params=["sqlite", "postgresql"])
def older(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Records]:
    """A database as version 0020 left it, with items and their words."""
    if request.param == "sqlite":
        records = Records(sqlite_url(tmp_path / "older.sqlite"))
    else:
        server: PostgreSql = request.getfixturevalue("database_server")
        records = Records(server.url(server.create(), ADMIN))
    schema.upgrade(records, "0020")
    with records.connection() as connection:
        for item, reference, sensitivity, body in ITEMS:
            connection.execute(text(_ITEM.format(item=item, reference=reference, sensitivity=sensitivity)))
            connection.execute(text(f"INSERT INTO search_text (item_id, body) VALUES ('{item}', '{body}')"))  # noqa: S608
        connection.commit()
    yield records
    records.close()


def ids(records: Records, words: str, viewer: Viewer = CLERK) -> list[str]:
    with records.look() as session:
        found = find(session, Wanted(words), viewer)
        return [line["id"] for line in lines_of(session, found, found.keys)]


def test_items_of_before_are_searched_by_their_words_once_the_index_was_made(older: Records) -> None:
    schema.upgrade(older)
    assert progress(older) == Progress(0, 6)
    assert (ids(older, "words"), ids(older, make_reference("HD", 2026, 1))) == ([], ["b"])
    list(go_on(older, lambda _: None))
    assert progress(older) is None
    assert ids(older, "words") == ["b", "a", "f", "e"]
    assert ids(older, "words", NAMED) == ["d", "c", "b", "a", "f", "e"]
    assert ids(older, "third") == []


def test_an_index_by_the_narrower_numbers_is_made_anew_by_the_wider_ones(older: Records) -> None:
    schema.upgrade(older, "0023")
    list(go_on(older, lambda _: None))
    schema.upgrade(older)
    assert (progress(older), ids(older, "words")) == (Progress(0, 6), [])
    list(go_on(older, lambda _: None))
    assert ids(older, "words", NAMED) == ["d", "c", "b", "a", "f", "e"]
    with older.look() as session:
        numbers = dict(session.execute(text("SELECT id, number FROM item")).all())
    assert numbers == {item: number_in(reference) for item, reference, *_ in ITEMS}


def test_a_database_without_items_has_nothing_to_be_made(archive: Records) -> None:
    assert progress(archive) is None


_ITEM = """INSERT INTO item (id, reference, channel, file_name, received_at, receipt_assumed, taken_at, state, run,
child_deaths, service_deaths, attempts, changed_at, settled, sensitivity, precedence, due_at)
VALUES ('{item}', '{reference}', 'post', 'f', '2026-11-16 10:00:00.000000', false, '2026-11-16 10:00:00.000000',
'captured', 1, 0, 0, 0, '2026-11-16 10:00:00.000000', true, {sensitivity}, 1, '9999-12-31 00:00:00.000000')"""


def test_on_postgresql_vectors_lie_in_the_rows_of_the_index(older: Records) -> None:
    if older.embedded:
        pytest.skip("SQLite has no vectors")
    schema.upgrade(older)
    kept = "SELECT attstorage FROM pg_attribute WHERE attname = 'words' AND attrelid = to_regclass(:name)"
    with older.connection() as connection:
        names = [name_of(shelf, audience) for shelf in SHELVES for audience in AUDIENCES]
        assert {connection.scalar(text(kept), {"name": name}) for name in names} == {"m"}
