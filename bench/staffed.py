"""A mailroom with 100 000 items, a tenth of them waiting for a person, somebody at each desk and the pages served.

Before: nothing. After: the real service runs with what a benchmark wants to work on: letters that it has read itself
come first in the queue of the post room, all else is made up.
"""

from __future__ import annotations

import os
import shutil
import socket
import sqlite3
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

from bench.exceptions import Letter, scanned
from bench.many_items import Mix, fill
from bench.service import service, wait_for
from mailroom.bootstrap import open_mailroom
from mailroom.desk.accounts import Post, join
from mailroom.desk.signing_in import choose_password, sign_in
from mailroom.domain.access import Role, Viewer
from mailroom.services import Services

ITEMS = 100_000
PASSWORD = "three brown foxes"  # noqa: S105  # of accounts that live as long as the benchmark
PEOPLE = {
    "kim": Post(frozenset({Role.POST_ROOM})),
    "sam": Post(frozenset({Role.BACK_OFFICE}), frozenset({"revenues"})),
    "ada": Post(frozenset({Role.AUDITOR})),
    "max": Post(frozenset({Role.MANAGER})),
}
_DATA = Path(__file__).parent.parent / "build" / "bench" / "desk"
_LONG_AGO = "2025-10-20"
"""Day of receipt of the letters: before all that is made up, so that they are due first."""
_MIX = Mix(exceptions=0.1, waiting=0)
_OPERATOR = Viewer("bench", frozenset({Role.ADMINISTRATOR}))


@dataclass(frozen=True, slots=True)
class Place:
    """Where the mailroom is served.

    Attributes:
        address: of its pages.
        pid: process id of the service.
        titles: of the case types, by key.
        letters: by the reference that each was given.
    """

    address: str
    pid: int
    titles: dict[str, str]
    letters: dict[str, Letter]

    def settled(self) -> list[str]:
        """Return the ids of the letters that lie with Revenues now."""
        return _column("SELECT id FROM item WHERE file_name LIKE 'letter%' AND settled AND team = 'revenues'")

    def waiting(self) -> str:
        """Return the id of an exception that nobody has."""
        return _column("SELECT id FROM item WHERE state = 'exception' ORDER BY received_at DESC LIMIT 1")[0]

    def reference_of(self, item: str) -> str:
        """Return the reference of an item."""
        return next(reference for reference, found in _query("SELECT reference, id FROM item") if found == item)


@contextmanager
def staffed(letters: Sequence[Letter]) -> Iterator[Place]:
    """Have such a mailroom while the block runs."""
    shutil.rmtree(_DATA, ignore_errors=True)
    address = f"http://127.0.0.1:{_free_port()}"
    os.environ.update(MAILROOM_DATA=str(_DATA), MAILROOM_WEB__PORT=address.rpartition(":")[2])
    os.environ.update(MAILROOM_WEB__ADDRESS=address)
    _put_post(letters)
    with open_mailroom() as services:
        _say(f"making {ITEMS} items")
        fill(services.records, services, ITEMS, datetime.now(UTC), _MIX)
        for name, post in PEOPLE.items():
            _let_in(name, post, services)
        titles = {key: service.title for key, service in services.catalogue.services.items()}
    with service({}) as pid:
        _say(f"reading {len(letters)} letters")
        wait_for(lambda: _is_served(address) and len(_read()) == len(letters))
        by_name = {letter.file_name: letter for letter in letters}
        yield Place(address, pid, titles, {reference: by_name[name] for reference, name in _read().items()})


def _put_post(letters: Sequence[Letter]) -> None:
    _say(f"scanning {len(letters)} letters")
    folder = _DATA / "in" / "post" / _LONG_AGO
    folder.mkdir(parents=True)
    for number, letter in enumerate(letters, start=1):
        (folder / letter.file_name).write_bytes(scanned(letter, number))


def _let_in(name: str, post: Post, services: Services) -> None:
    new = join(name, name.title(), post, _OPERATOR, services)
    choose_password(sign_in(name, new.password, "", services), new.password, PASSWORD, services)


def _read() -> dict[str, str]:
    """Return the letters that went through: file name by reference."""
    query = "SELECT reference, file_name FROM item WHERE file_name LIKE 'letter%' AND next_stage IS NULL"
    return {row[0]: row[1] for row in _query(query)}


def _column(query: str) -> list[str]:
    return [row[0] for row in _query(query)]


def _query(query: str) -> list[tuple[str, ...]]:
    with sqlite3.connect(_DATA / "mailroom.sqlite") as connection:
        return connection.execute(query).fetchall()


def _is_served(address: str) -> bool:
    try:
        urlopen(f"{address}/healthz").close()  # noqa: S310  # ours
    except URLError:
        return False
    return True


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _say(what: str) -> None:
    sys.stderr.write(f"{what} ...\n")
