"""A mailroom with some post, a folder of backups, and another place in which a mailroom can be made of one."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from database_server import ADMIN, PostgreSql
from sqlalchemy import select

from mailroom.backup.drill import Drilled, drill
from mailroom.backup.records_copy import RecordsCopy
from mailroom.backup.restore import Outcome, restore
from mailroom.backup.shelf import Shelf, prepared
from mailroom.backup.take import Taken, take_backup
from mailroom.bootstrap.backups import place_to_restore_to, records_copy
from mailroom.bootstrap.database import give_rights, service_url
from mailroom.domain.capture import Receipt
from mailroom.ports import Queue
from mailroom.records.custody import number_new_events
from mailroom.records.session import Records
from mailroom.records.tables import Original
from mailroom.replies.email_reply import EmailReply
from mailroom.replies.relay import Relay
from mailroom.services import Services
from mailroom.settings import load_settings

WHO = "cli:kim"


def nothing(*_told: object) -> None:
    """Stand in where nobody watches, and where the engine's tables are not needed."""


@pytest.fixture
def database(request: pytest.FixtureRequest) -> str:
    """On which these tests back up; on a server the admin copies the records, and owns what is made of them."""
    return str(getattr(request, "param", request.config.getoption("--on")))


@pytest.fixture
def data(data: Path, database: str, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Path:
    """On a server, with the address of the role that owns the records: it copies them, and makes scratch databases."""
    if database == "postgresql":
        server: PostgreSql = request.getfixturevalue("database_server")
        name = os.environ["MAILROOM_DATABASE_URL"].rpartition("/")[2]
        monkeypatch.setenv("MAILROOM_DATABASE_ADMIN_URL", server.url(name, ADMIN))
    return data


@pytest.fixture
def empty_place(
    data: Path, tmp_path: Path, database: str, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> Callable[[str], None]:
    """Has the environment name a data directory of this name, and on a server a database of its own, not made yet.

    That of the mailroom itself has the database that it had.
    """
    server: PostgreSql | None = request.getfixturevalue("database_server") if database == "postgresql" else None
    made = {data.name: os.environ.get("MAILROOM_DATABASE_URL", "").rpartition("/")[2]}

    def name(folder: str) -> None:
        monkeypatch.setenv("MAILROOM_DATA", str(tmp_path / folder))
        if server is not None:
            made[folder] = made.get(folder) or server.create()
            for key, value in server.settings(made[folder]).items():
                monkeypatch.setenv(f"MAILROOM_{key}", value)

    return name


@pytest.fixture
def shelf(tmp_path: Path, services: Services) -> Shelf:
    return prepared(tmp_path / "backups", services.settings.data)


@pytest.fixture
def copy(services: Services) -> RecordsCopy:
    return records_copy(services.settings)


@pytest.fixture
def post(deliver: Callable[..., Receipt], numbered: Callable[[], None]) -> list[Receipt]:
    """Twelve letters on the ledger, none of them opened yet."""
    taken = [deliver(f"Dear Council, this is letter {number}.".encode()) for number in range(12)]
    numbered()
    return taken


@pytest.fixture
def numbered(services: Services) -> Callable[[], None]:
    """Gives all events their place in the log."""

    def number() -> None:
        with services.records.work() as session:
            number_new_events(session)
            session.commit()

    return number


@pytest.fixture
def take(services: Services, shelf: Shelf, copy: RecordsCopy) -> Callable[..., Taken]:
    """Takes a backup: `take(tell=..., thorough=...)`."""

    def backup(tell: Callable[[str, int, int], None] = nothing, *, thorough: bool = True) -> Taken:
        return take_backup(services, shelf, copy, WHO, tell, thorough=thorough)

    return backup


@pytest.fixture
def elsewhere(empty_place: Callable[[str], None], now: Callable[[], Any]) -> Callable[..., Outcome]:
    """Makes a mailroom of a backup in a folder of its own, an hour later by the clock: `elsewhere(backup)`."""

    def bring_back(backup: Path, *, name: str = "restored", vault: Any = None, despite: bool = False) -> Outcome:  # noqa: ANN401
        empty_place(name)
        settings = load_settings()
        place = place_to_restore_to(settings, backup)
        place = replace(place, now=lambda: now() + timedelta(hours=1), vault=vault or place.vault)
        outcome = restore(backup, place, WHO, nothing, despite_faults=despite)
        if outcome.done is not None:
            give_rights(settings)
        return outcome

    return bring_back


@pytest.fixture
def reopened(
    now: Callable[[], Any],
    memory_queue: Queue,
    open_services: Any,  # noqa: ANN401
) -> Iterator[Callable[[], Services]]:
    """Opens the mailroom that was made of a backup, two hours after that was taken."""

    @contextmanager
    def opened() -> Iterator[Services]:
        records = Records(service_url(load_settings()))
        with open_services(records, lambda: now() + timedelta(hours=2), memory_queue) as built:
            yield built
        records.close()

    with ExitStack() as stack:
        yield lambda: stack.enter_context(opened())


@pytest.fixture
def try_out(services: Services, copy: RecordsCopy) -> Callable[[Path], Drilled]:
    """Restores a backup for trial."""
    return lambda backup: drill(backup, copy, services, services.scratch, nothing, WHO, nothing)


@pytest.fixture
def originals(services: Services) -> Callable[[], dict[str, str]]:
    """Returns the keys of all originals by their digests."""

    def look() -> dict[str, str]:
        with services.records.look() as session:
            return dict(session.execute(select(Original.sha256, Original.key)).all())

    return look


@pytest.fixture
def with_mail(mail_server: Any) -> Callable[[Services], Services]:  # noqa: ANN401
    """Gives a bundle a mail server."""

    def connected(services: Services) -> Services:
        told = {"smtp_host": "127.0.0.1", "smtp_port": mail_server.port}
        acknowledge = services.settings.acknowledge.model_copy(update=told)
        settings = services.settings.model_copy(update={"acknowledge": acknowledge})
        reply = EmailReply(Relay("127.0.0.1", mail_server.port), acknowledge.sender)
        return replace(services, settings=settings, replies={**services.replies, "email": reply})

    return connected


@pytest.fixture
def mailing(services: Services, with_mail: Callable[[Services], Services]) -> Services:
    """The bundle with a mail server."""
    return with_mail(services)
