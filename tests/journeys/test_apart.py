"""The parts of the service as containers run them: processes of their own, as nobody, on one database and one bucket.

One is killed, the database crashes in the midst of commits, and everything goes on by itself.
"""

from __future__ import annotations

import json
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from database_server import PostgreSql
from letters import mixed_post
from nobody import PACKAGES, as_nobody, folder_for_nobody, give_away
from object_servers import ACCESS_KEY, REGION, SECRET_KEY, rclone
from place import Place, Process, finish, kill

LETTERS = 8
PATIENCE = 60
OPEN = {"channels": "The channels are open", "serve": "The pages are open", "work": "carries items"}
Part = Callable[..., Place]


@pytest.fixture
def folder() -> Iterator[Path]:
    with folder_for_nobody() as made:
        yield made


@pytest.fixture
def settings(folder: Path, crashing_server: PostgreSql, closed_port: int) -> Iterator[dict[str, str]]:
    """What every part is told, as docker-compose.yml tells it: secrets are files."""
    told = crashing_server.settings(crashing_server.create())
    secrets = {
        "access": ACCESS_KEY,
        "secret": SECRET_KEY,
        "url": told["DATABASE_URL"],
        "admin": told["DATABASE_ADMIN_URL"],
    }
    for name, content in secrets.items():
        (folder / name).write_text(content + "\n")
    with rclone() as server:
        bucket = server.bucket()
        yield {
            "DATABASE_URL_FILE": str(folder / "url"),
            "PARTS__STORE": "s3",
            "S3__ENDPOINT": bucket.endpoint,
            "S3__BUCKET": bucket.bucket,
            "S3__REGION": REGION,
            "S3__ACCESS_KEY_FILE": str(folder / "access"),
            "S3__SECRET_KEY_FILE": str(folder / "secret"),
            "S3__LOCK": "",
            "CUSTODY__KEY_FILE": str(folder / "keys" / "custody.pem"),
            "RELEASE__PATH": str(folder / "release"),
            "WEB__PORT": str(closed_port),
            "WORKER__DEAD_AFTER_SECONDS": "10",
        }


@pytest.fixture
def part(folder: Path, settings: dict[str, str]) -> Iterator[Part]:
    """Makes the place of a part, with a data directory of its own; what it said is shown when a test fails."""
    places = []
    give_away(folder / "keys", folder / "release")

    def make(name: str, **more: str) -> Place:
        give_away(folder / name, folder / name / "post")
        places.append(Place(folder / name, {**settings, **more}, as_nobody(), PACKAGES))
        return places[-1]

    yield make
    for place in places:
        print(place.root.name, place.log.read_text()[-4000:] if place.log.exists() else "")


def wait_until_open(place: Place, command: str, times: int = 1) -> None:
    place.wait_until(lambda: place.log.read_text().count(OPEN[command]) == times, f"{command} that is open")


def page(settings: dict[str, str]) -> tuple[int, str]:
    """Return what somebody is told who looks at the pages."""
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{settings['WEB__PORT']}/healthz", timeout=30) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as told:
        return told.code, told.read().decode()


def test_the_parts_share_the_work_and_go_on_by_themselves(
    part: Part, settings: dict[str, str], crashing_server: PostgreSql, folder: Path
) -> None:
    url = {"DATABASE_URL": (folder / "url").read_text().strip()}
    migrated = part("migrate", DATABASE_ADMIN_URL_FILE=str(folder / "admin")).call("migrate")
    assert migrated.returncode == 0, migrated.stderr
    places = {name: part(name) for name in ("channels", "serve", "work", "work-2")}
    running: dict[str, Process] = {}
    try:
        for name, place in places.items():
            running[name] = place.start(name.removesuffix("-2"))
        for name, place in places.items():
            wait_until_open(place, name.removesuffix("-2"))
        asked = Place(folder / "channels", {**settings, **url})  # to ask the database from outside
        for name, place in places.items():
            assert place.call("alive", name.removesuffix("-2")).returncode == 0, name
        for name, content in mixed_post(LETTERS).items():
            places["channels"].drop(name, content)
        asked.wait_until(lambda: asked.through() >= 1, "the first item")
        kill(running["work-2"])
        crashing_server.stop()
        assert page(settings) == (503, page(settings)[1])
        assert "The records cannot be reached just now" in page(settings)[1]
        kill(running["channels"])
        crashing_server.start()
        back = time.monotonic()
        running["channels"] = places["channels"].start("channels")
        wait_until_open(places["channels"], "channels", 2)
        asked.wait_until(lambda: page(settings)[0] == 200, "pages", PATIENCE)
        finish(asked, LETTERS, 2 * PATIENCE)
        print(f"through {time.monotonic() - back:.0f} s after the database was back")
        assert running["work"].poll() is running["serve"].poll() is None
        assert places["work"].call("alive", "work").returncode == 0
        assert places["work-2"].call("alive", "work").returncode == 1
    finally:
        for process in running.values():
            kill(process)
    proved, balanced = places["work"].call("verify", "--json"), places["work"].call("reconcile", "--json")
    assert (proved.returncode, balanced.returncode) == (0, 0), proved.stdout + balanced.stdout
    assert json.loads(proved.stdout)["checked"] == LETTERS
    assert asked.ask("SELECT count(*), count(case_id) FROM item") == [(LETTERS, LETTERS)]
    assert asked.ask("SELECT count(*) FROM custody_event WHERE kind = 'received'") == [(LETTERS,)]
    assert asked.ask("SELECT count(*) FROM custody_event WHERE kind = 'handed_over'") == asked.ask(
        "SELECT count(*) FROM item WHERE state = 'captured'"
    )
    assert list((places["channels"].data / "vault").iterdir()) == []
