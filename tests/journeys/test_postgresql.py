"""A mailroom on a PostgreSQL that it does not own: the journey, a killed service, a server that crashes."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from database_server import ADMIN, PostgreSql
from letters import mail, mixed_post
from place import Place, finish, kill

from mailroom.evidence.verify_evidence import verify

LETTERS, MAILS = 8, 2
CRASHES, PATIENCE = 2, 60
FORGERIES = {
    "custody_event": "UPDATE custody_event SET actor = 'somebody else'",
    "custody_number": "UPDATE custody_number SET hash = '0'",
    "receipt": "UPDATE receipt SET item_id = item_id",
    "tree_head": "UPDATE tree_head SET text = 'forged'",
}


@pytest.fixture
def shared(tmp_path: Path, crashing_server: PostgreSql) -> Iterator[Place]:
    """A fresh mailroom over a database of its own on the server, as the role that may change nothing of the log."""
    told = crashing_server.settings(crashing_server.create())
    migrated = Place(tmp_path, told).call("migrate")
    assert migrated.returncode == 0, migrated.stderr
    made = Place(tmp_path, {"DATABASE_URL": told["DATABASE_URL"]})
    yield made
    made.kill_all()
    if made.log.exists():
        print(made.log.read_text()[-8000:])


def put_in_post(place: Place) -> None:
    for name, content in mixed_post(LETTERS).items():
        place.drop(name, content)


def is_sound(place: Place) -> None:
    proved, balanced = place.call("verify", "--json"), place.call("reconcile", "--json")
    assert (proved.returncode, balanced.returncode) == (0, 0), proved.stdout + balanced.stdout
    assert json.loads(proved.stdout)["checked"] == LETTERS
    assert place.ask("SELECT count(*), count(case_id) FROM item") == [(LETTERS, LETTERS)]
    assert place.ask("SELECT count(*) FROM custody_event WHERE kind = 'received'") == [(LETTERS,)]
    assert place.ask("SELECT count(*) FROM custody_event WHERE kind = 'handed_over'") == place.ask(
        "SELECT count(*) FROM item WHERE state = 'captured'"
    )


def gives_evidence(place: Place) -> None:
    names, bundle = place.data / "names.txt", place.data / "evidence.zip"
    names.write_text("".join(f"{reference}\n" for (reference,) in place.ask("SELECT reference FROM item")))
    made = place.call("evidence", "--list", str(names), "-o", str(bundle), "--json")
    assert made.returncode == 0, made.stderr
    report = verify(bundle, json.loads(place.call("heads", "--json").stdout)["key"])
    assert (report.faults, len(report.items)) == ([], LETTERS)


def refused(url: str, statement: str, why: str) -> None:
    with psycopg.connect(url.replace("+psycopg", "")) as connection:
        with pytest.raises(psycopg.Error, match=why):
            connection.execute(statement.encode())
        connection.rollback()


def test_the_post_goes_through_and_all_is_proved(shared: Place, crashing_server: PostgreSql) -> None:
    with shared.running("run") as service:
        shared.wait_until_open(service)
        put_in_post(shared)
        finish(shared, LETTERS)
    is_sound(shared)
    assert shared.call("heads", "--sign").returncode == 0
    is_sound(shared)
    gives_evidence(shared)
    for table, edit in FORGERIES.items():
        for change in (edit, f"DELETE FROM {table}", f"TRUNCATE {table} CASCADE"):  # noqa: S608 - of our own tables
            refused(shared.settings["DATABASE_URL"], change, "permission denied")
            refused(crashing_server.url(shared.database, ADMIN), change, "is append-only")
    is_sound(shared)
    assert not (shared.data / "mailroom.sqlite").exists()


def test_a_service_that_is_killed_loses_nothing_and_does_nothing_twice(shared: Place) -> None:
    service = shared.start("run")
    shared.wait_until_open(service)
    put_in_post(shared)
    shared.wait_until(lambda: shared.through() >= 2, "the first items")
    kill(service)
    with shared.running("run"):
        finish(shared, LETTERS, 150)
    is_sound(shared)


def test_a_server_that_crashes_in_the_midst_of_commits_loses_nothing_and_all_goes_on_by_itself(
    shared: Place, crashing_server: PostgreSql, closed_port: int
) -> None:
    posted = mixed_post(LETTERS - MAILS)
    with shared.running("run", settings={"SMTP__PORT": str(closed_port)}) as service:
        shared.wait_until_open(service)
        for number in range(CRASHES):
            for name in list(posted)[number::CRASHES]:
                shared.drop(name, posted[name])
            received = shared.items()
            shared.wait_until(lambda: shared.items() > received, "a commit")  # noqa: B023  # called in this round
            crashing_server.stop()
            assert mail(closed_port, number) // 100 == 4
            crashing_server.start()
            back = time.monotonic()
            shared.wait_until(lambda: mail(closed_port, number) == 250, "an answer", PATIENCE)  # noqa: B023  # likewise
        finish(shared, LETTERS, PATIENCE - (time.monotonic() - back))
        is_sound(shared)
        assert len(list((shared.post / "taken").rglob("*.*"))) == len(posted)
        crashing_server.stop()
        told = time.monotonic()
        service.terminate()
        assert service.wait(30) == 0
        print(f"stopped {time.monotonic() - told:.1f} s after it was told to")
    crashing_server.start()
    assert "Stopped while the database is away; nothing is lost." in shared.log.read_text()
    is_sound(shared)
