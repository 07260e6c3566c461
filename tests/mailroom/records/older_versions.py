"""Databases as each version of the mailroom left them: made by its migrations, with a house's records in its tables.

What a version did not know yet (a table, a column) is left out; what it kept elsewhere is put where it kept it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from alembic.script import ScriptDirectory
from sqlalchemy import MetaData, Table, insert, inspect, select, text

from mailroom.records import schema
from mailroom.records.session import Records

_COUNTED = """SELECT table_name FROM information_schema.columns
WHERE column_name = 'id' AND column_default LIKE 'nextval%' AND table_schema = 'public'"""
_GO_ON = "SELECT setval(pg_get_serial_sequence('{0}', 'id'), (SELECT coalesce(max(id), 0) + 1 FROM {0}), false)"

_OF_THE_INDEX = ("search_index", "search_words_", "search_state", "search_facet", "alembic")
"""What stands in these a version makes of the rest."""

Rows = Mapping[str, Sequence[dict[str, Any]]]


def versions() -> list[str]:
    """Return every version that a database may have, oldest first."""
    folder = ScriptDirectory(str(Path(schema.__file__).parent / "migrations"))
    return [step.revision for step in folder.walk_revisions()][::-1]


def rows_of(records: Records) -> Rows:
    """Return all rows of a database at the newest version, table by table."""
    with closing(records.connection()) as connection:
        tables = _tables(connection)
        return {table.name: [dict(row) for row in connection.execute(select(table)).mappings()] for table in tables}


def fill(records: Records, rows: Rows) -> dict[str, int]:
    """Put the rows into a database that may be older; returns how many there are in each table now."""
    with closing(records.connection()) as connection:
        counts = {}
        tables = list(_tables(connection))
        if "account_event" in {table.name for table in tables}:
            rows = {**rows, **_what_stood_elsewhere(rows)}
        for table in tables:
            known = [_as_kept_then(table, row) for row in rows.get(table.name, ())]
            if known:
                connection.execute(insert(table), known)
            counts[table.name] = len(known)
        _go_on_counting(connection, records)
        connection.commit()
    return counts


def _what_stood_elsewhere(rows: Rows) -> Rows:
    """Return an account more, and what was done to it in the table that such events stood in until version 0006."""
    former = {**rows["account"][0], "id": "former", "name": "former", "subject": None}
    events = [
        {"id": number, "account_id": "former", "kind": kind, "actor": "boss", "at": _at(number), "details": {}}
        for number, kind in enumerate(("joined", "moved", "left"), 1)
    ]
    return {"account": [*rows["account"], former], "account_event": events}


def _tables(connection: Any) -> Iterator[Table]:  # noqa: ANN401  # the library's connection
    there = MetaData()
    there.reflect(connection, only=lambda name, _: not name.startswith(_OF_THE_INDEX))
    yield from (table for table in there.sorted_tables if not table.schema)


def _at(number: int) -> datetime:
    return datetime(2026, 11, 16, 10, number, tzinfo=UTC)


def _as_kept_then(table: Table, row: Mapping[str, Any]) -> dict[str, Any]:
    kept = {name: value for name, value in row.items() if name in table.columns}
    return {name: _with_zone(value) for name, value in kept.items()}


def _with_zone(value: Any) -> Any:  # noqa: ANN401  # whatever a column holds
    return value.replace(tzinfo=UTC) if isinstance(value, datetime) and value.tzinfo is None else value


def _go_on_counting(connection: Any, records: Records) -> None:  # noqa: ANN401
    """Have PostgreSQL give out numbers beyond those that were put in, and SQLite find the words again."""
    if records.embedded:
        if inspect(connection).has_table("search_index"):
            connection.execute(text("INSERT INTO search_index (search_index) VALUES ('rebuild')"))
        return
    for name in connection.scalars(text(_COUNTED)).all():
        connection.execute(text(_GO_ON.format(name)))
