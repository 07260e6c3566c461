"""Backups of a mailroom that runs: killed and taken again, on another machine, on PostgreSQL."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from database_server import PostgreSql, postgresql
from letters import mixed_post
from place import Place, finish

LETTERS = 6
KILLED = """
import os, signal, sys
from pathlib import Path
from mailroom.backup.shelf import prepared
from mailroom.backup.take import take_backup
from mailroom.bootstrap import existing_mailroom
from mailroom.bootstrap.backups import records_copy

def tell(what, done, total):
    if (what, done) >= (sys.argv[2], int(sys.argv[3])) and what == sys.argv[2]:
        os.kill(os.getpid(), signal.SIGKILL)

with existing_mailroom() as services:
    shelf = prepared(Path(sys.argv[1]), services.settings.data)
    take_backup(services, shelf, records_copy(services.settings), "cli:kim", tell)
"""
"""A backup that pulls the plug itself once it has come so far."""


@pytest.fixture(scope="module")
def database() -> Iterator[PostgreSql]:
    with postgresql() as started:
        yield started


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Place:
    """A mailroom whose post went through, for tests that leave it as it is."""
    place = Place(tmp_path_factory.mktemp("filled"))
    fill(place)
    return place


def told(place: Place, *command: str, code: int = 0) -> Any:  # noqa: ANN401  # whatever JSON can hold
    answer = place.call(*command, "--json")
    assert answer.returncode == code, answer.stdout + answer.stderr
    return json.loads(answer.stdout)


def fill(place: Place) -> None:
    for name, content in mixed_post(LETTERS).items():
        place.drop(name, content)
    assert place.call("take", str(place.post), "--wait").returncode == 0


def there(place: Place, folder: str, **settings: str) -> Place:
    """Return another place, with the same configuration."""
    return Place(place.root / folder, {**place.settings, **settings})


def is_sound(place: Place) -> None:
    proved, balanced = place.call("verify", "--json"), place.call("reconcile", "--json")
    assert (proved.returncode, balanced.returncode) == (0, 0), proved.stdout + balanced.stdout
    assert json.loads(proved.stdout)["checked"] == LETTERS


@pytest.mark.parametrize(("what", "done"), [("records", 0), ("objects", 3)])
def test_a_backup_that_is_killed_is_none_and_the_next_is_whole(
    filled: Place, tmp_path: Path, what: str, done: int
) -> None:
    shelf = tmp_path / "backups"
    killed = subprocess.run(
        [sys.executable, "-c", KILLED, str(shelf), what, str(done)], env=filled.environment, timeout=60, check=False
    )
    assert killed.returncode == -signal.SIGKILL
    assert [folder.name[-11:] for folder in shelf.glob("2*")] == [".unfinished"]
    taken = told(filled, "backup", str(shelf))
    assert taken["items"] == LETTERS
    assert list(shelf.glob("*.unfinished")) == []
    assert told(filled, "drill", str(shelf))["faults"] == []


def test_beside_a_running_service_and_back_again_on_another_machine(place: Place) -> None:
    shelf, post = place.root / "backups", mixed_post(LETTERS)
    with place.running("run", settings={"BACKUP__FOLDER": str(shelf)}) as service:
        place.wait_until_open(service)
        place.wait_until(lambda: list(shelf.glob("2*Z")) != [], "the first backup of the day")
        for name, content in post.items():
            place.drop(name, content)
        finish(place, LETTERS)
        taken = told(place, "backup", str(shelf))
        assert taken["items"] == LETTERS
    again = there(place, "again")
    restored = told(again, "restore", str(shelf))
    assert (restored["restored"], restored["items"], restored["faults"]) == (True, LETTERS, [])
    (again.data / "custody.pem").write_bytes((place.data / "custody.pem").read_bytes())
    with again.running("run") as service:
        again.wait_until_open(service)
    is_sound(again)
    assert again.call("restore", str(shelf)).returncode == 2


def test_on_postgresql(tmp_path: Path, database: PostgreSql) -> None:
    place = Place(tmp_path, database.settings(database.create()))
    shelf = tmp_path / "backups"
    fill(place)
    taken = told(place, "backup", str(shelf))
    assert (taken["items"], taken["faults"]) == (LETTERS, [])
    as_the_service = place.call("backup", str(shelf), settings={"DATABASE_ADMIN_URL": ""})
    assert as_the_service.returncode == 0, as_the_service.stderr
    found = told(place, "drill", str(shelf))
    assert (found["faults"], found["gap_items"]) == ([], 0)
    at = place.settings["DATABASE_URL"].replace("+psycopg", "")
    with psycopg.connect(at) as connection:
        left = "SELECT count(*) FROM pg_database WHERE datname LIKE 'mailroom_drill%'"
        assert connection.execute(left).fetchone() == (0,)
    again = there(place, "again", **database.settings(database.create()))
    assert told(again, "restore", str(shelf))["restored"]
    (again.data / "custody.pem").write_bytes((place.data / "custody.pem").read_bytes())
    is_sound(again)
    assert again.call("restore", str(shelf)).returncode == 2
    on_sqlite = Place(tmp_path / "sqlite")
    answer = on_sqlite.call("restore", str(shelf))
    assert (answer.returncode, "The backup is of a mailroom on postgresql" in answer.stderr) == (2, True)


def test_a_client_of_postgresql_that_is_missing_or_older_is_told_in_a_sentence(
    tmp_path: Path, database: PostgreSql, monkeypatch: pytest.MonkeyPatch
) -> None:
    from mailroom.backup import postgresql as client
    from mailroom.domain.errors import Misconfigured

    copy = client.PostgresqlCopy(database.url(database.create()))
    monkeypatch.setattr(client, "_DEBIAN", tmp_path)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(Misconfigured, match="pg_dump is not installed"), copy.copied(tmp_path / "x", lambda *_: None):
        pytest.fail("copied by nothing")
    old = tmp_path / "pg_dump"
    old.write_text("#!/bin/sh\necho 'pg_dump (PostgreSQL) 9.6.24'\n")
    old.chmod(0o700)
    with pytest.raises(Misconfigured, match=r"pg_dump is of PostgreSQL 9, and the server is \d+"):
        copy.copied(tmp_path / "x", lambda *_: None).__enter__()
