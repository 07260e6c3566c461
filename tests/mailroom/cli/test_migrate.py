"""`migrate`: the role that owns the database brings it up to date, and the service works under another."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from database_server import ADMIN, SERVICE, PostgreSql

from mailroom.bootstrap import open_mailroom
from mailroom.domain.errors import Misconfigured
from mailroom.records import schema
from mailroom.records.session import Records

Ask = Callable[..., Any]
Told = dict[str, str]


@pytest.fixture
def told(tmp_path: Path, ask: Ask, monkeypatch: pytest.MonkeyPatch, database_server: PostgreSql) -> Told:
    """What a mailroom over an empty database is told of it, already in the environment, by key."""
    settings = database_server.settings(database_server.create())
    monkeypatch.setenv("MAILROOM_DATA", str(tmp_path / "data"))
    for key, value in settings.items():
        monkeypatch.setenv(f"MAILROOM_{key}", value)
    return settings


def test_an_empty_database_is_made_once_and_a_second_time_is_left_as_it_is(told: Told, ask: Ask) -> None:
    first, second = ask("migrate"), ask("migrate")
    assert (first.code, second.code) == (0, 0), first.err
    assert f"was empty and is at version {schema.HEAD} now" in first.out
    assert "The service's role, mailroom, has its rights" in first.out
    assert f"is at version {schema.HEAD} already" in second.out
    assert ask("migrate", "--json").json == {"before": schema.HEAD, "after": schema.HEAD, "role": "mailroom"}


def test_two_at_once_make_it_once(told: Told) -> None:
    command = [sys.executable, "-m", "mailroom", "migrate"]
    both = [subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) for _ in range(2)]
    said = [process.communicate(timeout=120) for process in both]
    assert [process.returncode for process in both] == [0, 0], said
    assert sorted("was empty" in out for out, _ in said) == [False, True]


def test_a_service_that_may_not_migrate_says_who_must(told: Told, ask: Ask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("MAILROOM_DATABASE_ADMIN_URL")
    refused = ask("status")
    assert refused.code == 2
    said = " ".join(refused.err.split())
    assert f"The database is empty, and this program needs version {schema.HEAD}. Run `mailroom migrate`" in said
    assert "MAILROOM_DATABASE_ADMIN_URL: say there as which role" in " ".join(ask("migrate").err.split())


def test_a_service_refuses_a_database_that_is_older_and_goes_on_when_it_was_migrated(
    told: Told, ask: Ask, monkeypatch: pytest.MonkeyPatch, database_server: PostgreSql
) -> None:
    owner = Records(told["DATABASE_ADMIN_URL"])
    schema.upgrade(owner, "0016")
    owner.close()
    with monkeypatch.context() as service:
        service.delenv("MAILROOM_DATABASE_ADMIN_URL")
        assert "Run `mailroom migrate`, which gives the role" in " ".join(ask("status").err.split())
        database_server.tell(
            "GRANT SELECT ON alembic_version TO mailroom", database=told["DATABASE_URL"].rpartition("/")[2]
        )
        assert "The database is at version 0016" in " ".join(ask("status").err.split())
    assert f"was at version 0016 and is at {schema.HEAD} now" in ask("migrate").out
    monkeypatch.delenv("MAILROOM_DATABASE_ADMIN_URL")
    assert ask("status").code == 0


def test_a_mailroom_that_knows_both_roles_migrates_when_it_starts(told: Told) -> None:
    with open_mailroom() as services:
        assert services.records.role() == "mailroom"


def test_one_role_for_both_is_refused(told: Told, ask: Ask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MAILROOM_DATABASE_URL", told["DATABASE_ADMIN_URL"])
    refused = ask("migrate")
    assert refused.code == 2
    assert f"sign in as the same role, {ADMIN}" in " ".join(refused.err.split())


@pytest.mark.parametrize("key", ["MAILROOM_DATABASE_URL", "MAILROOM_DATABASE_ADMIN_URL"])
def test_a_role_that_is_not_there_is_named_by_its_key(
    told: Told, ask: Ask, monkeypatch: pytest.MonkeyPatch, key: str
) -> None:
    monkeypatch.setenv(key, told["DATABASE_URL"].replace("//mailroom@", "//nobody@"))
    refused = ask("migrate")
    assert refused.code == 2
    assert f"{key}: the database cannot be opened" in " ".join(refused.err.split())


def test_addresses_are_read_from_files_as_any_server_writes_them(
    told: Told, ask: Ask, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for key, url in told.items():
        file = tmp_path / key
        file.write_text(url.replace("postgresql+psycopg", "postgres") + "\n")
        monkeypatch.delenv(f"MAILROOM_{key}")
        monkeypatch.setenv(f"MAILROOM_{key}_FILE", str(file))
    assert ask("migrate").code == 0
    assert ask("status").code == 0
    (tmp_path / "DATABASE_URL").unlink()
    assert "MAILROOM_DATABASE_URL_FILE: " in ask("status").err


def test_a_new_mailroom_is_brought_up_to_date_and_only_on_a_server_for_another_role(
    ask: Ask, tmp_path: Path, database: str
) -> None:
    role = {"sqlite": None, "postgresql": SERVICE}[database]
    assert ask("migrate", "--json", data=tmp_path / "data").json == {"before": None, "after": schema.HEAD, "role": role}


def test_a_database_that_is_newer_is_left_alone(told: Told, ask: Ask) -> None:
    assert ask("migrate").code == 0
    owner = Records(told["DATABASE_ADMIN_URL"])
    with owner.connection() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
        connection.commit()
    owner.close()
    assert "was made by a newer mailroom" in " ".join(ask("migrate").err.split())
    with pytest.raises(Misconfigured, match="newer"), open_mailroom():
        pass
