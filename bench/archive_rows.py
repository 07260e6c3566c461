"""The rows of a large archive, put into either database as quickly as it takes them.

Before: a database that is up to date. After: so many items over three years, each with a case, index data, a decision
and its words, of which one in twenty is limited-access; the index of their words is not made yet. Everything that
hangs on an item and that no search, queue or page of these measurements asks for is left out.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg
from sqlalchemy import make_url

from bench.archive_letters import Letter, Letters
from mailroom.domain.references import make_reference, number_in

NEWEST = datetime(2026, 11, 26, 16, tzinfo=UTC)
DAYS = 3 * 365
_YEARS = (2024, 2025, 2026)
_CHUNK = 2000
_CHANNELS = ("post",) * 6 + ("email",) * 2 + ("eform", "fax")
_ONE_IN = {"limited": 20, "exception": 100}


class Archive:
    """What the items of an archive of this size are.

    Args:
        size: number of items.
        types: key and team of each case type.
    """

    def __init__(self, size: int, types: Sequence[tuple[str, str]]) -> None:
        self.size = size
        self.teams = sorted({team for _, team in types})
        self._types = types

    def received_at(self, number: int) -> datetime:
        """Return when an item was received: they come evenly, the last of them now."""
        return NEWEST - timedelta(days=DAYS) * ((self.size - number) / self.size)

    @property
    def of_a_year(self) -> int:
        """How many there are of each year at the most: a third of all."""
        return -(-self.size // len(_YEARS))

    def reference(self, number: int) -> str:
        """Return an item's reference."""
        year, place = divmod(number - 1, self.of_a_year)
        return make_reference("HD", _YEARS[year], place + 1)

    def rows(self, letter: Letter) -> Iterator[tuple[str, Mapping[str, Any]]]:
        """Yield the rows of one item, each with its table."""
        number, at = letter.number, self.received_at(letter.number)
        ids, reference = f"{number:032x}", self.reference(number)
        case_type, team = self._types[number * 7919 % len(self._types)]
        waits, limited = (number % _ONE_IN[what] == 0 for what in ("exception", "limited"))
        case = {"id": ids, "reference": reference, "opened_for": ids, "case_type": case_type, "team": team}
        yield "case_file", {**case, "owner": f"team:{team}", "opened_at": at, "closed_at": None if waits else at}
        item: dict[str, Any] = {
            "id": ids,
            "reference": reference,
            "number": number_in(reference),
            "file_name": f"scan{number}.pdf",
        }
        item |= {"channel": _CHANNELS[number % len(_CHANNELS)], "received_at": at, "taken_at": at, "changed_at": at}
        item |= {"receipt_assumed": False, "state": "exception" if waits else "captured", "run": 1, "precedence": 1}
        item |= {"child_deaths": 0, "service_deaths": 0, "attempts": 0, "settled": not waits, "case_id": ids}
        item |= {"sensitivity": "limited" if limited else "normal", "captured_at": at, "due_at": at + timedelta(days=9)}
        item |= {"cause": "unsure"} if waits else {"team": team}
        yield "item", item
        yield from self._contents(letter, ids, at, case_type, team)
        yield "search_text", {"number": item["number"], "item_id": ids, "limited": limited, "body": letter.body}

    def _contents(
        self, letter: Letter, ids: str, at: datetime, case_type: str, team: str
    ) -> Iterator[tuple[str, Mapping[str, Any]]]:
        original = {"id": ids, "item_id": ids, "ordinal": 1, "sha256": f"{letter.number:064x}", "size": 1, "key": "k"}
        yield "original", {**original, "file_name": "a.pdf", "stored_at": at}
        document = {"id": ids, "item_id": ids, "original_id": ids, "ordinal": 1, "media_type": "application/pdf"}
        yield "document", {**document, "page_count": 1, "confidence": 0.9, "headers": "{}"}
        fields = (("sender_name", letter.name), ("sender_postcode", letter.postcode), ("account", letter.account))
        for place, (name, value) in enumerate(fields):
            field = {"id": letter.number * 3 + place, "document_id": ids, "name": name, "value": value}
            yield "index_field", {**field, "folded": value.lower(), "confidence": 0.9, "source": "pattern"}
        how = {
            "sensitivity": "normal",
            "urgency": "normal",
            "confidence": 0.9,
            "decided_by": "rule",
            "actor": "machine",
        }
        told = json.dumps([{"case_type": case_type, "confidence": 0.5, "reasons": []}])
        what = {"id": letter.number, "document_id": ids, "case_type": case_type, "team": team, "settled": True}
        yield "decision", {**what, **how, "reasons": "[]", "suggestions": told, "decided_at": at}


def load(url: str, archive: Archive) -> None:
    """Put the archive into an empty database."""
    letters = Letters()
    writer = _Sqlite(url) if url.startswith("sqlite") else _Postgresql(url)
    for first in range(1, archive.size + 1, _CHUNK):
        rows: dict[str, list[Mapping[str, Any]]] = {}
        for letter in letters.make(first, min(first + _CHUNK - 1, archive.size)):
            for table, row in archive.rows(letter):
                rows.setdefault(table, []).append(row)
        for table, of_table in rows.items():
            writer.write(table, of_table)
        writer.commit()
    writer.write("counter", [{"series": f"item-{_YEARS[-1]}", "value": archive.of_a_year}])
    writer.commit()
    writer.finish()


class _Sqlite:
    def __init__(self, url: str) -> None:
        self._connection = sqlite3.connect(url.removeprefix("sqlite:///"))
        self._connection.execute("PRAGMA synchronous=OFF")

    def write(self, table: str, rows: Sequence[Mapping[str, Any]]) -> None:
        """Put rows into a table."""
        columns = _columns(rows)
        told = f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({', '.join('?' * len(columns))})"  # noqa: S608
        self._connection.executemany(told, [tuple(map(_for_sqlite, map(row.get, columns))) for row in rows])

    def commit(self) -> None:
        """Keep what was written."""
        self._connection.commit()

    def finish(self) -> None:
        """Let go of the database."""
        self._connection.close()


class _Postgresql:
    def __init__(self, url: str) -> None:
        told = make_url(url)
        self._connection = psycopg.connect(host=told.host, port=told.port, user=told.username, dbname=told.database)
        self._connection.execute("SET synchronous_commit=off")

    def write(self, table: str, rows: Sequence[Mapping[str, Any]]) -> None:
        """Put rows into a table."""
        columns = _columns(rows)
        told = f"COPY {table} ({', '.join(columns)}) FROM STDIN"
        with self._connection.cursor() as cursor, cursor.copy(told.encode()) as copy:
            for row in rows:
                copy.write_row([row.get(name) for name in columns])

    def commit(self) -> None:
        """Keep what was written."""
        self._connection.commit()

    def finish(self) -> None:
        """Let the numbers that the database gives follow those given here, and let go of it."""
        for table in ("decision", "index_field"):
            told = f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), max(id)) FROM {table}"  # noqa: S608
            self._connection.execute(told.encode())
        self._connection.commit()
        self._connection.autocommit = True
        self._connection.execute("VACUUM ANALYZE")
        self._connection.close()


def _columns(rows: Sequence[Mapping[str, Any]]) -> list[str]:
    return list(dict.fromkeys(name for row in rows for name in row))


def _for_sqlite(value: object) -> object:
    """Return the value as SQLAlchemy stores it: a moment in UTC as letters."""
    return value.strftime("%Y-%m-%d %H:%M:%S.%f") if isinstance(value, datetime) else value
