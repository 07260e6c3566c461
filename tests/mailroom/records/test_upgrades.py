"""A database that any earlier version left behind, with data in it, is brought up to date on SQLite and PostgreSQL:
nothing is lost, the custody verifies, and the journey goes on.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, closing
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from database_server import ADMIN, PostgreSql
from facet_rows import facets_that_differ
from house import House
from older_versions import Rows, fill, rows_of, versions
from sample_letters import DISCOUNT

from mailroom.duties.sequence import sequence
from mailroom.duties.verify import verify
from mailroom.ports import Queue
from mailroom.records import schema
from mailroom.records.grants import grant_to
from mailroom.records.session import Records, sqlite_url
from mailroom.records.tables import Base, Item
from mailroom.services import Services

BOTH = ("sqlite", "postgresql")
OpenServices = Callable[[Records, Callable[[], datetime], Queue], AbstractContextManager[Services]]


@dataclass(frozen=True)
class Lived:
    """A mailroom of the newest version: its data directory, its rows, and its clock."""

    data: Path
    rows: Rows
    clock: Callable[[], datetime]


@pytest.fixture(scope="module")
def lived(
    new_database: Callable[[Path, str], AbstractContextManager[str]],
    open_services: OpenServices,
    make_clock: Callable[[], Callable[[], datetime]],
    make_queue: Callable[[], Queue],
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Lived]:
    data, clock = tmp_path_factory.mktemp("lived"), make_clock()
    with (
        pytest.MonkeyPatch.context() as environment,
        new_database(data, "sqlite") as url,
        closing(Records(url)) as records,
    ):
        environment.setenv("MAILROOM_DATA", str(data))
        with open_services(records, clock, make_queue()) as services:
            House(services, clock, tmp_path_factory.mktemp("worlds")).live_in()
            sequence(services)
            yield Lived(data, rows_of(records), clock)


@pytest.fixture(scope="module")
def templates(database_server: PostgreSql) -> dict[str, str]:
    """A PostgreSQL database at each version, empty, each made of the one before."""
    made: dict[str, str] = {}
    before = "template1"
    for version in versions():
        made[version] = before = database_server.create(before)
        with closing(Records(database_server.url(before, ADMIN))) as records:
            schema.upgrade(records, version)
    return made


@pytest.fixture
def at_version(
    database: str, request: pytest.FixtureRequest, tmp_path: Path, database_server: PostgreSql
) -> Iterator[Callable[[str], Records]]:
    """Makes an empty database at a version, opened as whoever owns it."""
    opened: list[Records] = []
    names: list[str] = []

    def make(version: str) -> Records:
        if database == "sqlite":
            opened.append(Records(sqlite_url(tmp_path / "older.sqlite")))
            schema.upgrade(opened[-1], version)
        else:
            names.append(database_server.create(request.getfixturevalue("templates")[version]))
            opened.append(Records(database_server.url(names[-1], ADMIN)))
        return opened[-1]

    yield make
    for records in opened:
        records.close()
    for name in names:
        database_server.drop(name)


@pytest.mark.parametrize("database", BOTH, indirect=True)
@pytest.mark.parametrize("version", versions())
def test_a_database_of_every_version_is_brought_up_to_date_with_all_that_is_in_it(
    version: str,
    at_version: Callable[[str], Records],
    lived: Lived,
    open_services: OpenServices,
    make_queue: Callable[[], Queue],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    older = at_version(version)
    before = fill(older, lived.rows)
    assert before["item"] > 20
    schema.upgrade(older)
    moved = before.pop("account_event", 0)
    for table in ("custody_event", "custody_detail", "custody_pending"):
        before[table] += moved
    after = {name: len(rows) for name, rows in rows_of(older).items()}
    assert {name: after[name] for name in before} == before
    assert facets_that_differ(older) == []
    monkeypatch.setenv("MAILROOM_DATA", str(shutil.copytree(lived.data, tmp_path / "data")))
    with open_services(older, lived.clock, make_queue()) as services:
        assert_whole(services, before["custody_event"])
        assert_it_goes_on(services, tmp_path)


def assert_whole(services: Services, events: int) -> None:
    sequence(services)
    found = verify(services)
    assert (found["faults"], found["events"], found["not_yet_numbered"]) == ([], events, 0)
    assert found["checked"] > 20


def assert_it_goes_on(services: Services, folder: Path) -> None:
    house = House(services, services.now, folder)  # type: ignore[arg-type]
    house.deliver("since the upgrade", DISCOUNT + b"\nsince the upgrade\n")
    with services.records.look() as look:
        item = look.get_one(Item, house.items["since the upgrade"])
        assert (item.team, item.next_stage) == ("revenues", None)


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
def test_on_postgresql_the_migrations_build_exactly_what_the_tables_say(at_version: Callable[[str], Records]) -> None:
    with closing(at_version(versions()[-1]).connection()) as connection:
        ours = {"include_object": lambda _, name, *__: not str(name).startswith("search_words_")}
        context = MigrationContext.configure(connection, opts={"compare_type": True, **ours})
        assert compare_metadata(context, Base.metadata) == []


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
def test_rights_are_given_to_every_table_of_the_newest_version(at_version: Callable[[str], Records]) -> None:
    with closing(at_version(versions()[-1]).connection()) as connection:
        grant_to(connection, "mailroom")
        connection.commit()
