"""What the tests of more than one folder stand on: a data directory, its records, a clock, a queue, a mail server."""

from __future__ import annotations

import asyncio
import shutil
import socket
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.message import Message as Mail
from email.parser import BytesParser
from pathlib import Path

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope
from aiosmtpd.smtp import Session as Dialogue
from sqlalchemy import event
from sqlalchemy.orm import Session

from mailroom.records import schema
from mailroom.records.session import Records, sqlite_url

sys.path.append(str(Path(__file__).parent))  # for servers that tests of several folders start
from mailbox_server import Dovecot, dovecot
from malware_server import ClamAv, clamav

CONFIG = Path(__file__).parents[1] / "config"
MONDAY = datetime(2026, 11, 16, 10, 0, tzinfo=UTC)


@pytest.fixture(scope="session")
def empty_database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated database that each test gets a copy of."""
    file = tmp_path_factory.mktemp("template") / "mailroom.sqlite"
    records = Records(sqlite_url(file))
    schema.upgrade(records)
    with records.connection() as connection:
        connection.exec_driver_sql("COMMIT")
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    records.close()
    return file


@pytest.fixture
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, empty_database: Path) -> Path:
    """An empty data directory that the environment names, with the repository's own configuration."""
    folder = tmp_path / "data"
    folder.mkdir()
    shutil.copyfile(empty_database, folder / "mailroom.sqlite")
    monkeypatch.setenv("MAILROOM_DATA", str(folder))
    monkeypatch.setenv("MAILROOM_CONFIG", str(CONFIG))
    monkeypatch.delenv("MAILROOM_DATABASE_URL", raising=False)
    return folder


@pytest.fixture
def records(data: Path) -> Iterator[Records]:
    opened = Records(sqlite_url(data / "mailroom.sqlite"))
    yield opened
    opened.close()


class _Clock:
    def __init__(self) -> None:
        self.moment = MONDAY

    def __call__(self) -> datetime:
        return self.moment

    def step(self, span: timedelta) -> None:
        self.moment += span


@pytest.fixture(scope="session")
def make_clock() -> Callable[[], _Clock]:
    """Makes a clock of one's own, for what outlives a test."""
    return _Clock


@pytest.fixture
def now() -> Callable[[], datetime]:
    """The time of day in the test: Monday 16 November 2026, 10:00, until `step` moves it."""
    return _Clock()


@pytest.fixture
def step(now: _Clock) -> Callable[[timedelta], None]:
    """Moves the test's clock on."""
    return now.step


class MemoryQueue:
    """A queue in memory that keeps the same promises as the engine's; `carry` and `end` stand in for workers."""

    def __init__(self) -> None:
        self._alive: dict[tuple[str, int], str | None] = {}
        self._seen: set[tuple[str, int]] = set()

    def enqueue(self, session: Session, item_id: str, run: int) -> None:
        session.connection()  # the engine's queue writes a row here, which begins the unit of work
        if "enqueued" not in session.info:
            session.info["enqueued"] = []
            event.listen(session, "after_commit", self._commit)
            event.listen(session, "after_soft_rollback", self._roll_back)
        session.info["enqueued"].append((item_id, run))

    def _commit(self, session: Session) -> None:
        new = [run for run in session.info["enqueued"] if run not in self._seen]
        self._seen.update(new)
        self._alive.update((run, None) for run in new)
        session.info["enqueued"].clear()

    def _roll_back(self, session: Session, _previous: object) -> None:
        session.info["enqueued"].clear()

    def alive(self, runs: Iterable[tuple[str, int]]) -> set[tuple[str, int]]:
        return set(runs) & self._alive.keys()

    def in_flight(self, slots: Sequence[str]) -> list[tuple[str, int]]:
        return [run for run, carrier in self._alive.items() if carrier in slots]

    def dropped(self, slot: str, before: datetime) -> list[tuple[str, int]]:
        return []

    def put_back(self, runs: Sequence[tuple[str, int]]) -> None:
        self._alive.update(dict.fromkeys(runs))

    def forget_finished(self, before: datetime) -> None:
        """Nothing to forget: what has ended is not kept."""

    def carry(self, slot: str) -> None:
        """Let a worker take all that waits in hand."""
        self._alive.update((run, slot) for run, carrier in self._alive.items() if carrier is None)

    def end(self) -> None:
        """Let every run that is in hand end."""
        self._alive = {run: carrier for run, carrier in self._alive.items() if carrier is None}


@pytest.fixture(scope="session")
def make_queue() -> Callable[[], MemoryQueue]:
    """Makes a queue of one's own, for what outlives a test."""
    return MemoryQueue


@pytest.fixture
def memory_queue() -> MemoryQueue:
    return MemoryQueue()


@dataclass
class Server:
    """What a mail server says at each command where that is not yes, and what it was given."""

    says: dict[str, str] = field(default_factory=dict)
    taken: list[Envelope] = field(default_factory=list)
    port: int = 0

    async def handle_MAIL(self, _s: SMTP, _n: Dialogue, envelope: Envelope, address: str, _o: object) -> str:  # noqa: N802
        envelope.mail_from = address
        return self.says.get("MAIL", "250 OK")

    async def handle_RCPT(self, _s: SMTP, _n: Dialogue, envelope: Envelope, address: str, _o: object) -> str:  # noqa: N802
        envelope.rcpt_tos.append(address)
        return self.says.get("RCPT", "250 OK")

    async def handle_DATA(self, server: SMTP, _session: Dialogue, envelope: Envelope) -> str:  # noqa: N802
        answer = self.says.get("DATA", "250 OK")
        if answer.startswith(("250", "cut")):
            self.taken.append(envelope)
        if answer == "cut":
            assert isinstance(server.transport, asyncio.Transport)
            server.transport.abort()
        return answer

    async def handle_QUIT(self, _server: SMTP, _session: Dialogue, _envelope: Envelope) -> str:  # noqa: N802
        return self.says.get("QUIT", "221 Bye")

    def mails(self) -> list[Mail]:
        return [BytesParser().parsebytes(envelope.original_content or b"") for envelope in self.taken]


@pytest.fixture(scope="session")
def closed_ports() -> Callable[[int], list[int]]:
    """Names so many different ports that nobody listens to."""

    def name(number: int) -> list[int]:
        with ExitStack() as held:
            probes = [held.enter_context(socket.socket()) for _ in range(number)]
            for probe in probes:
                probe.bind(("127.0.0.1", 0))
            return [int(probe.getsockname()[1]) for probe in probes]

    return name


@pytest.fixture
def closed_port(closed_ports: Callable[[int], list[int]]) -> int:
    """A port that nobody listens to."""
    return closed_ports(1)[0]


@pytest.fixture
def mail_server(closed_port: int) -> Iterator[Server]:
    """A mail server on this machine that answers as the test tells it to."""
    server = Server()
    server.port = closed_port
    controller = Controller(server, hostname="127.0.0.1", port=server.port)
    controller.start()
    yield server
    controller.stop()


@pytest.fixture(scope="session")
def mailbox_server() -> Iterator[Dovecot]:
    """A Dovecot that runs; whoever wants a mailbox asks it for a user."""
    with dovecot() as server, server.running():
        yield server


@pytest.fixture(scope="session")
def malware_server() -> Iterator[ClamAv]:
    """A clamd that runs and knows the EICAR test file; whoever stops it starts it again."""
    with clamav() as server:
        yield server
