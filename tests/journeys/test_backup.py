"""Backups of a mailroom that runs: killed and taken again, on another machine, encrypted, on both databases."""

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


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def filled(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Place:
    """A mailroom whose post went through and is encrypted, for tests that leave it as it is."""
    root, settings = tmp_path_factory.mktemp("filled"), {}
    if request.param == "postgresql":
        server: PostgreSql = request.getfixturevalue("database")
        settings = server.settings(server.create())
    place = Place(root, {**settings, "ENCRYPTION__KEY_FILE": str(root / "masters")})
    assert place.call("keys", "make", str(root / "masters")).returncode == 0
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


@pytest.mark.parametrize(
    ("filled", "what", "done"),
    [("sqlite", "records", 0), ("sqlite", "objects", 3), ("postgresql", "records", 0)],
    indirect=["filled"],
)
def test_a_backup_that_is_killed_is_none_and_leaves_the_one_before_and_the_next_is_whole(
    filled: Place, tmp_path: Path, what: str, done: int
) -> None:
    shelf = tmp_path / "backups"
    be_killed(filled, shelf, what, done)
    assert [folder.name[-11:] for folder in shelf.glob("2*")] == [".unfinished"]
    taken = told(filled, "backup", str(shelf))
    assert taken["items"] == LETTERS
    assert list(shelf.glob("*.unfinished")) == []
    be_killed(filled, shelf, what, done)
    (unfinished,) = shelf.glob("*.unfinished")
    found = told(filled, "drill", str(shelf))
    assert (found["backup"], found["faults"]) == (Path(taken["backup"]).name, [])
    assert found["broken_off"] == [unfinished.name]


def be_killed(place: Place, shelf: Path, what: str, done: int) -> None:
    """Have a backup killed once it has come so far."""
    killing = [sys.executable, "-c", KILLED, str(shelf), what, str(done)]
    assert subprocess.run(killing, env=place.environment, timeout=60, check=False).returncode == -signal.SIGKILL


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


def test_encrypted_on_another_machine_with_the_master_key_and_not_without(
    filled: Place, database: PostgreSql, tmp_path: Path
) -> None:
    shelf, on_a_server = tmp_path / "backups", "DATABASE_URL" in filled.settings
    assert told(filled, "backup", str(shelf))["faults"] == []
    again = Place(tmp_path, {**filled.settings, **(database.settings(database.create()) if on_a_server else {})})
    refused = again.call("restore", str(shelf), settings={"ENCRYPTION__KEY_FILE": ""})
    assert refused.returncode == 2
    said = " ".join(refused.stderr.split())
    assert "encryption.key_file: what is kept was encrypted by the master key age1" in said
    assert "bring it back from where its copy is kept" in said
    assert told(again, "restore", str(shelf))["restored"]
    (again.data / "custody.pem").write_bytes((filled.data / "custody.pem").read_bytes())
    is_sound(again)
    sealed = [file for file in (again.data / "vault" / "originals").rglob("*") if file.is_file()]
    assert len(sealed) == LETTERS
    assert all(file.read_bytes().startswith(b"age-encryption.org/v1") for file in sealed)
    assert again.call("restore", str(shelf)).returncode == 2


def test_on_postgresql_also_as_the_service_and_never_restored_to_another_kind_of_database(
    database: PostgreSql, tmp_path: Path
) -> None:
    place, shelf = Place(tmp_path, database.settings(database.create())), tmp_path / "backups"
    assert place.call("migrate").returncode == 0
    as_the_service = place.call("backup", str(shelf), settings={"DATABASE_ADMIN_URL": ""})
    assert as_the_service.returncode == 0, as_the_service.stderr
    assert told(place, "drill", str(shelf))["faults"] == []
    at = place.settings["DATABASE_URL"].replace("+psycopg", "")
    with psycopg.connect(at) as connection:
        left = "SELECT count(*) FROM pg_database WHERE datname LIKE 'mailroom_drill%'"
        assert connection.execute(left).fetchone() == (0,)
    answer = Place(tmp_path / "sqlite").call("restore", str(shelf))
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
