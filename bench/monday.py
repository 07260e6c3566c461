"""A Monday start: what came into nine mailboxes over the weekend, until the last of it is on the ledger.

Before: `bench-mail` has a folder for the service. After: it has the seconds from the start of the service, with the
journeys of what was taken in going on beside it. The mail server is a real Dovecot, as the tests have it.
"""

from __future__ import annotations

import json
import sqlite3
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, closing, contextmanager
from pathlib import Path

from mailbox_server import PASSWORD, Dovecot, dovecot

from bench.service import wait_for

_MAILBOXES = 9

Service = Callable[[Mapping[str, str]], AbstractContextManager[object]]


def seconds_until_accepted(messages: int, data: Path, plain: Callable[[int], bytes], run: Service) -> float:
    """Return the seconds until so many messages, spread over the mailboxes, are on the ledger.

    Args:
        messages: how many.
        data: the folder of the service.
        plain: makes the message of a number.
        run: runs the service with these settings while the block runs.
    """
    with _filled(messages, plain) as (server, users), _password() as password:
        boxes = {f"box{number}": _box(server, user, password) for number, user in enumerate(users)}
        with run({"MAILROOM_IMAP__MAILBOXES": json.dumps(boxes)}):
            began = time.monotonic()
            wait_for(lambda: _accepted(data) == messages)
            return time.monotonic() - began


@contextmanager
def _filled(messages: int, plain: Callable[[int], bytes]) -> Iterator[tuple[Dovecot, list[str]]]:
    with dovecot() as server, server.running():
        users = [server.new_user() for _ in range(_MAILBOXES)]
        for first, user in enumerate(users):
            with server.client(user) as client:
                for number in range(first, messages, _MAILBOXES):
                    client.append("INBOX", plain(number))
        yield server, users


@contextmanager
def _password() -> Iterator[Path]:
    file = Path(__file__).parent.parent / "build" / "bench" / "mailbox.password"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(PASSWORD)
    try:
        yield file
    finally:
        file.unlink()


def _box(server: Dovecot, user: str, password: Path) -> dict[str, object]:
    where = {"host": "127.0.0.1", "port": server.tls, "authority_file": str(server.authority)}
    return {**where, "user": user, "password_file": str(password)}


def _accepted(data: Path) -> int:
    with closing(sqlite3.connect(data / "mailroom.sqlite")) as connection:
        found: int = connection.execute("SELECT count(*) FROM item").fetchone()[0]
        return found
