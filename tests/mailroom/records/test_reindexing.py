"""The index is made anew beside the old one in short steps, by whoever goes on, while all is found and written."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from itertools import islice
from threading import Barrier

import pytest
from database_server import ADMIN, PostgreSql
from sqlalchemy import select, text

from mailroom.domain.access import Role, Viewer
from mailroom.domain.decision import Sensitivity
from mailroom.domain.query import terms_of
from mailroom.records import reindexing
from mailroom.records.finding import find
from mailroom.records.reindexing import Progress, begin_anew, go_on, progress
from mailroom.records.search import index_of, index_text, withdraw_text
from mailroom.records.search.asked import Asked
from mailroom.records.search.shelves import AUDIENCES, BEYOND_ALL, Shelves, name_of, shelves_now
from mailroom.records.session import Records
from mailroom.records.tables import Item, SearchWord, Shelf
from mailroom.records.wanted import Wanted

CLERK = Viewer("kim", frozenset({Role.POST_ROOM}))
Put = Callable[..., str]


@pytest.fixture(autouse=True)
def one_text_a_step(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reindexing, "_A_STEP", 1)


def found(archive: Records, words: str) -> int:
    with archive.look() as session:
        return find(session, Wanted(words), CLERK).number


def now(archive: Records) -> Shelves:
    with archive.look() as session:
        return shelves_now(session)


def run(archive: Records, steps: int | None = None) -> list[Progress]:
    return list(islice(go_on(archive, lambda _: None), steps))


def on_shelf(archive: Records, shelf: str, words: str) -> list[int]:
    with archive.look() as session:
        return list(index_of(session).newest(session, Asked(shelf, AUDIENCES, terms_of(words)), 9))  # type: ignore[arg-type]


def test_everything_is_found_before_while_and_after_the_index_is_made_anew(archive: Records, put: Put) -> None:
    for _ in range(3):
        put("the words")
    put("the words", sensitivity=Sensitivity.LIMITED)
    begin_anew(archive)
    assert found(archive, "words") == 3
    assert run(archive, 2) == [Progress(1, 4), Progress(2, 4)]
    assert found(archive, "words") == 3
    assert run(archive) == [Progress(3, 4), Progress(4, 4)]
    assert (found(archive, "words"), progress(archive)) == (3, None)
    assert (now(archive).searched, now(archive).filling) == ("b", None)
    assert on_shelf(archive, "a", "words") == []
    begin_anew(archive)
    run(archive)
    assert (now(archive).searched, found(archive, "words")) == ("a", 3)


def test_what_changes_meanwhile_is_right_on_the_new_shelf(archive: Records, put: Put) -> None:
    items = [put(f"the words, alone {number}") for number in ("zero", "one", "two", "three")]
    begin_anew(archive)
    run(archive, 2)
    with archive.work() as session:
        for item, body in ((items[0], "first"), (items[3], "last")):
            index_text(session, session.get_one(Item, item), body)
        withdraw_text(session, session.get_one(Item, items[1]))
        session.get_one(Item, items[2]).sensitivity = Sensitivity.LIMITED
        session.commit()
    put("late words")
    run(archive)
    numbers = {words: len(on_shelf(archive, "b", words)) for words in ("words", "first", "last", "late", "alone")}
    assert numbers == {"words": 2, "first": 1, "last": 1, "late": 1, "alone": 1}
    assert found(archive, "alone") == 0


def test_a_shelf_that_is_searched_while_it_is_filled_says_that_it_is_not_complete(archive: Records, put: Put) -> None:
    put("the old words")
    newest = put("the words")
    with archive.work() as session:
        index_of(session).clear(session, "a")
        session.execute(text(f"UPDATE search_state SET filling = 'a', reached = {BEYOND_ALL}"))  # noqa: S608
        session.commit()
    put("more words")
    with archive.look() as session:
        hits = find(session, Wanted("words"), CLERK)
        assert (hits.number, hits.complete) == (0, False)
    run(archive, 2)
    with archive.work() as session:
        index_text(session, session.get_one(Item, newest), "new words")
        session.commit()
    assert found(archive, "words") == 2
    run(archive)
    with archive.look() as session:
        hits = find(session, Wanted("words"), CLERK)
        assert (hits.number, hits.complete) == (3, True)


def test_a_file_is_left_alone_as_long_as_each_step_took(archive: Records, put: Put) -> None:
    for _ in range(3):
        put()
    begin_anew(archive)
    pauses: list[float] = []
    assert len(list(go_on(archive, pauses.append))) == 3
    assert len(pauses) >= 3 if archive.embedded else not pauses
    assert all(0 < pause < 5 for pause in pauses)


def test_it_breaks_off_when_its_time_is_over_and_is_gone_on_with(archive: Records, put: Put) -> None:
    for _ in range(3):
        put()
    begin_anew(archive)
    assert list(go_on(archive, lambda _: None, seconds=0)) == []
    run(archive, 1)
    begin_anew(archive)
    assert progress(archive) == Progress(1, 3)


def test_long_texts_make_short_steps(archive: Records, put: Put, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reindexing, "_A_STEP", 10)
    monkeypatch.setattr(reindexing, "_LETTERS_A_STEP", 100)
    for _ in range(3):
        put("word " * 30)
    begin_anew(archive)
    assert run(archive) == [Progress(1, 3), Progress(2, 3), Progress(3, 3)]


def test_the_vocabulary_is_counted_anew_without_what_is_limited(archive: Records, put: Put) -> None:
    put("public words")
    put("secret words", sensitivity=Sensitivity.LIMITED)
    begin_anew(archive)
    run(archive)
    with archive.look() as session:
        words = dict(session.execute(select(SearchWord.word, SearchWord.texts).where(SearchWord.shelf == "b")).all())
    assert words == {"public": 1, "words": 1}


def test_postgresql_makes_the_index_of_a_shelf_after_its_owner_has_filled_it(
    archive: Records, put: Put, database_server: PostgreSql
) -> None:
    if archive.embedded:
        pytest.skip("FTS5 has one way of filling")
    put("the words")
    with closing(Records(database_server.url(archive.url.rpartition("/")[2], ADMIN))) as owner:
        begin_anew(owner)
        assert indexes(archive, "b") == 0
        run(owner)
    assert (indexes(archive, "b"), indexes(archive, "a")) == (2, 2)
    assert (now(archive).searched, found(archive, "words")) == ("b", 1)


def test_two_that_finish_at_once_make_one_index(
    archive: Records, put: Put, database_server: PostgreSql, monkeypatch: pytest.MonkeyPatch
) -> None:
    if archive.embedded:
        pytest.skip("FTS5 has one way of filling")
    put("the words")
    finish, both = reindexing._finish, Barrier(2, timeout=60)

    def finish_at_once(records: Records, shelf: Shelf) -> None:
        both.wait()
        finish(records, shelf)

    monkeypatch.setattr(reindexing, "_finish", finish_at_once)
    with closing(Records(database_server.url(archive.url.rpartition("/")[2], ADMIN))) as owner:
        for _ in range(5):
            begin_anew(owner)
            with ThreadPoolExecutor(2) as pool:
                list(pool.map(lambda _: run(owner), range(2)))
            assert (indexes(archive, now(archive).searched), found(archive, "words")) == (2, 1)


def test_the_service_which_owns_no_table_fills_a_shelf_with_its_index_in_place(archive: Records, put: Put) -> None:
    if archive.embedded:
        pytest.skip("SQLite knows no owners")
    put("the words")
    begin_anew(archive)
    assert indexes(archive, "b") == 2
    run(archive)
    assert (now(archive).searched, found(archive, "words")) == ("b", 1)


def indexes(archive: Records, shelf: str) -> int:
    names = [f"{name_of(shelf, audience)}_words" for audience in AUDIENCES]  # type: ignore[arg-type]
    query = text("SELECT count(*) FROM pg_indexes WHERE indexname = ANY(:names)")
    with archive.look() as session:
        return session.scalar(query, {"names": names}) or 0


def test_one_that_stood_still_while_others_began_anew_and_finished_takes_nothing_away(
    archive: Records, put: Put
) -> None:
    for _ in range(3):
        put("the words")
    begin_anew(archive)
    stalled = go_on(archive, lambda _: None)
    next(stalled)
    run(archive)
    begin_anew(archive)
    run(archive)
    assert (now(archive).searched, found(archive, "words")) == ("a", 3)
    list(stalled)
    assert (now(archive).searched, found(archive, "words")) == ("a", 3)
