"""The migrations build what `tables.py` says, once, and a newer database is left alone."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import text

from mailroom.domain.errors import Misconfigured
from mailroom.records import schema
from mailroom.records.session import Records, sqlite_url
from mailroom.records.tables import Base

_OF_THE_SEARCH_INDEX = "search_index"


def never(_url: str) -> None:
    raise AssertionError("the engine's tables are not made for a database that is up to date")


def _ours(_object: object, name: str | None, kind: str, _reflected: bool, _compared: object) -> bool:
    return not (kind == "table" and name is not None and name.startswith(_OF_THE_SEARCH_INDEX))


def test_the_migrations_build_exactly_what_the_tables_say(records: Records) -> None:
    with records.connection() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True, "include_object": _ours})
        assert compare_metadata(context, Base.metadata) == []


def test_head_is_the_newest_migration_of_the_folder() -> None:
    folder = ScriptDirectory(str(Path(schema.__file__).parent / "migrations"))
    assert folder.get_current_head() == schema.HEAD


def test_a_database_that_is_up_to_date_is_left_alone(records: Records) -> None:
    schema.bring_up_to_date(records, never)


def test_a_newer_database_is_refused_with_a_sentence(records: Records) -> None:
    with records.connection() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
        connection.commit()
    with pytest.raises(Misconfigured, match=r"newer mailroom \(version 9999.*Install the newer program"):
        schema.bring_up_to_date(records, never)


@pytest.mark.parametrize("content", [b"this is no database at all, but long enough to look like one" * 20, None])
def test_what_is_no_database_is_refused_with_a_sentence(tmp_path: Path, content: bytes | None) -> None:
    file = tmp_path / "nowhere" / "mailroom.sqlite"
    if content is not None:
        file.parent.mkdir()
        file.write_bytes(content)
    records = Records(sqlite_url(file))
    with pytest.raises(Misconfigured, match="MAILROOM_DATABASE_URL"):
        schema.bring_up_to_date(records, never)
    records.close()


_OPEN = """
from mailroom.bootstrap import open_mailroom
with open_mailroom() as services, services.records.look() as session:
    from mailroom.records.tables import Item
    from sqlalchemy import select
    assert session.scalars(select(Item)).all() == []
"""


def test_two_processes_at_once_on_a_fresh_data_directory_both_start(
    tmp_path: Path, data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MAILROOM_DATA", str(tmp_path / "fresh"))
    both = [subprocess.Popen([sys.executable, "-c", _OPEN], stderr=subprocess.PIPE, text=True) for _ in range(2)]
    errors = [process.communicate(timeout=120)[1] for process in both]
    assert [process.returncode for process in both] == [0, 0], errors
