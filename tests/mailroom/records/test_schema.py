"""The migrations build what `tables.py` says, once, and a newer database is left alone."""

from __future__ import annotations

import subprocess
import sys
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from database_server import ON_SQLITE
from forging import unguarded
from sqlalchemy import select, text

from mailroom.domain.errors import Misconfigured
from mailroom.records import schema
from mailroom.records.accounts import events_of, note_account
from mailroom.records.custody_faults import faults_in_chains
from mailroom.records.session import Records, sqlite_url
from mailroom.records.tables import NEVER, Account, Alarm, Base, Item, KeptObject

_OF_THE_SEARCH_INDEX = ("search_words_", "search_open", "search_limited")


def never(_url: str) -> None:
    raise AssertionError("the engine's tables are not made for a database that is up to date")


def _ours(_object: object, name: str | None, kind: str, _reflected: bool, _compared: object) -> bool:
    return not (kind == "table" and name is not None and name.startswith(_OF_THE_SEARCH_INDEX))


def test_the_migrations_build_exactly_what_the_tables_say(records: Records) -> None:
    with records.connection() as connection:
        if not records.embedded:
            connection.execute(text("SET search_path = public"))  # and not the engine's own tables
        context = MigrationContext.configure(connection, opts={"compare_type": True, "include_object": _ours})
        assert compare_metadata(context, Base.metadata) == []


def test_head_is_the_newest_migration_of_the_folder() -> None:
    folder = ScriptDirectory(str(Path(schema.__file__).parent / "migrations"))
    assert folder.get_current_head() == schema.HEAD


def test_a_database_that_is_up_to_date_is_left_alone(records: Records) -> None:
    schema.bring_up_to_date(records, never)


def test_a_newer_database_is_refused_with_a_sentence(records: Records) -> None:
    with unguarded(records) as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
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


@ON_SQLITE
def test_two_processes_at_once_on_a_fresh_data_directory_both_start(
    tmp_path: Path, data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MAILROOM_DATA", str(tmp_path / "fresh"))
    both = [subprocess.Popen([sys.executable, "-c", _OPEN], stderr=subprocess.PIPE, text=True) for _ in range(2)]
    errors = [process.communicate(timeout=120)[1] for process in both]
    assert [process.returncode for process in both] == [0, 0], errors


def _older(folder: Path) -> Records:
    """A database of the first revision that has items."""
    records = Records(sqlite_url(folder / "older.sqlite"))
    schema.upgrade(records, "0001")
    with records.connection() as connection:
        for statement in _OLDER:
            connection.execute(text(statement))
        connection.commit()
    return records


def test_what_queues_are_ordered_by_is_worked_out_for_a_database_that_has_items_already(tmp_path: Path) -> None:
    records = _older(tmp_path)
    schema.upgrade(records)
    with records.look() as session:
        rows = session.execute(select(Item.precedence, Item.suggested, Item.due_at).order_by(Item.id)).all()
    records.close()
    assert [tuple(row) for row in rows] == [
        (0, "foi", datetime(2026, 11, 20, 17, tzinfo=UTC)),
        (1, None, NEVER),
    ]


def test_where_objects_lie_is_put_down_for_a_database_that_has_originals_and_heads_already(tmp_path: Path) -> None:
    records = _older(tmp_path)
    schema.upgrade(records, "0017")
    with records.connection() as connection:
        heads = (
            "INSERT INTO tree_head (size, full, text, signed_at, published_at) VALUES (:size, '[]', 'head', :at, :out)"
        )
        at = "2026-11-16 10:00:00"
        connection.execute(text(heads), [{"size": 7, "at": at, "out": at}, {"size": 9, "at": at, "out": None}])
        connection.commit()
    schema.upgrade(records)
    with records.look() as session:
        kept = {row.key: (row.sha256, row.size, row.copied_at) for row in session.scalars(select(KeptObject))}
    records.close()
    assert kept == {"k": ("x", 1, None), "heads/000000000007": (sha256(b"head").hexdigest(), 4, None)}


def test_what_was_done_to_accounts_is_chained_in_a_database_that_has_it_on_record_already(tmp_path: Path) -> None:
    records = Records(sqlite_url(tmp_path / "older.sqlite"))
    schema.upgrade(records, "0005")
    with records.connection() as connection:
        for statement in _ACCOUNTS:
            connection.execute(text(statement))
        connection.commit()
    schema.upgrade(records)
    with records.work() as session:
        kim = session.scalars(select(Account)).one()
        note_account(session, kim, "left", actor="boss", at=datetime(2026, 11, 17, tzinfo=UTC))
        history = [(event.kind, event.actor, dict(event.details)) for event in events_of(session, kim)]
        access = next(event for event in events_of(session, kim) if event.kind == "emergency_access")
        subject = session.scalar(select(Alarm.subject))
        faults = list(faults_in_chains(session))
    records.close()
    assert history == [
        ("left", "boss", {}),
        ("emergency_access", "kim", {"reason": "A child is at risk"}),
        ("joined", "boss", {"roles": ["auditor"]}),
    ]
    assert (subject, faults) == (f"emergency:{access.id}", [])
    assert access.at == datetime(2026, 11, 16, 11, tzinfo=UTC)


_ACCOUNTS = (
    """INSERT INTO account (id, name, display_name, roles, teams, named_for_limited, password_for_once, wrong_passwords,
    preferences, joined_at) VALUES ('k', 'kim', 'Kim', '[]', '[]', 0, 0, 0, '{}', '2026-11-16 10:00:00')""",
    """INSERT INTO account_event (id, account_id, kind, actor, at, details)
    VALUES (1, 'k', 'joined', 'boss', '2026-11-16 10:00:00.000000', '{"roles"\\: ["auditor"]}')""",
    """INSERT INTO account_event (id, account_id, kind, actor, at, details)
    VALUES (2, 'k', 'emergency_access', 'kim', '2026-11-16 11:00:00.000000', '{"reason"\\: "A child is at risk"}')""",
    """INSERT INTO alarm (subject, sentence, raised_at) VALUES ('emergency\\:2', 'x', '2026-11-16 11:00:00.000000')""",
)
_OLDER = (
    """INSERT INTO case_file (id, reference, opened_for, case_type, team, owner, opened_at)
    VALUES ('c', 'R1', 'a', 'unsorted', 'post_room', 'team:post_room', '2026-11-16 10:00:00')""",
    *(
        f"""INSERT INTO item (id, reference, channel, file_name, received_at, receipt_assumed, taken_at, state, run,
        child_deaths, service_deaths, attempts, changed_at, settled, case_id)
        VALUES ('{item}', '{reference}', 'post', 'f', '2026-11-16 10:00:00', 0, '2026-11-16 10:00:00', 'exception', 1,
        0, 0, 0, '2026-11-16 10:00:00', 0, {case})"""  # noqa: S608  # the test's own values
        for item, reference, case in (("a", "R1", "'c'"), ("b", "R2", "NULL"))
    ),
    *(
        f"""INSERT INTO clock (case_id, name, statutory, started_at, due_at, met_at, replaced_at)
        VALUES ('c', 'n', 0, '2026-11-16 10:00:00', '{due}', {met}, {replaced})"""  # noqa: S608
        for due, met, replaced in (
            ("2026-11-18 17:00:00.000000", "'2026-11-17 10:00:00'", "NULL"),
            ("2026-11-19 17:00:00.000000", "NULL", "'2026-11-17 10:00:00'"),
            ("2026-11-20 17:00:00.000000", "NULL", "NULL"),
        )
    ),
    """INSERT INTO original (id, item_id, ordinal, sha256, size, key, file_name, stored_at)
    VALUES ('o', 'a', 1, 'x', 1, 'k', 'f', '2026-11-16 10:00:00')""",
    """INSERT INTO document (id, item_id, original_id, ordinal, media_type, page_count, headers)
    VALUES ('d', 'a', 'o', 1, 'text/plain', 1, '{}')""",
    *(
        f"""INSERT INTO decision (document_id, case_type, team, sensitivity, urgency, confidence, decided_by, actor,
        reasons, suggestions, settled, decided_at)
        VALUES ('d', 'unsorted', 'post_room', 'normal', '{urgency}', 0.5, 'rule', 'm', '[]', '{told}', 0,
        '2026-11-16 10:00:00')"""  # noqa: S608
        for urgency, told in (("normal", "[]"), ("urgent", '[{"case_type"\\: "foi"}]'))
    ),
)
