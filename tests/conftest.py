"""What the tests of more than one folder stand on: a data directory, its records, a clock, a queue, a mail server."""

from __future__ import annotations

import asyncio
import os
import shutil
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.message import Message as Mail
from email.parser import BytesParser
from pathlib import Path
from typing import Any

import hypothesis
import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope
from aiosmtpd.smtp import Session as Dialogue
from sqlalchemy import Engine, create_engine, event
from sqlalchemy.orm import Session

from mailroom.bootstrap.database import migrate_database
from mailroom.records import schema
from mailroom.records import session as records_session
from mailroom.records.session import Records, sqlite_url

sys.path.append(str(Path(__file__).parent))  # for servers that tests of several folders start
from database_server import PostgreSql, postgresql
from free_ports import free_port
from mailbox_server import Dovecot, dovecot
from malware_server import ClamAv, clamav

CONFIG = Path(__file__).parents[1] / "config"
MONDAY = datetime(2026, 11, 16, 10, 0, tzinfo=UTC)

# How long an example takes says how busy the machine is, and nothing of whether it holds.
hypothesis.settings.register_profile("without a deadline", deadline=None)
hypothesis.settings.load_profile("without a deadline")

NewDatabase = Callable[[Path, str], AbstractContextManager[str]]


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--on", choices=("sqlite", "postgresql"), default="sqlite", help="the database of most tests")


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers() -> int:
    """Two processes more than there are cores: much of a journey waits for its service, and another has the core."""
    return len(os.sched_getaffinity(0)) + 2


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with what takes longest, so that at the end no process waits for another that has long ones before it.

    The longest file of all computes while the journeys beside it wait.
    """
    items.sort(key=lambda item: (item.path.name != "test_accessibility.py", "journeys" not in item.path.parts))


@pytest.fixture(scope="session", autouse=True)
def compiled_once() -> Iterator[None]:
    """All databases of a kind share the statements that have been compiled: each test has a database of its own, and
    compiling the same statements for it again was a third of what a test of the desks took.
    """
    first: dict[str, Engine] = {}

    def create(url: str, **options: Any) -> Engine:  # noqa: ANN401  # the library's own options
        engine = create_engine(url, **options)
        known = first.setdefault(engine.name, engine)
        if known.dialect.server_version_info:  # it has met its database, which a test may keep it from
            engine.dialect = engine.pool._dialect = known.dialect
            engine._compiled_cache = known._compiled_cache
        else:
            first[engine.name] = engine
        return engine

    with pytest.MonkeyPatch.context() as exchange:
        exchange.setattr(records_session, "create_engine", create)
        yield


@pytest.fixture
def database(request: pytest.FixtureRequest) -> str:
    """On which database this test runs: both where it is parametrised so, else what `--on` says."""
    return str(getattr(request, "param", request.config.getoption("--on")))


@pytest.fixture(scope="session")
def new_database(request: pytest.FixtureRequest) -> NewDatabase:
    """Makes a database for a data directory, migrated and empty: `with new_database(data, "sqlite") as url`."""

    @contextmanager
    def make(data: Path, kind: str) -> Iterator[str]:
        template = request.getfixturevalue(f"{kind}_template")
        if kind == "sqlite":
            yield sqlite_url(Path(shutil.copyfile(template, data / "mailroom.sqlite")))
            return
        server: PostgreSql = request.getfixturevalue("database_server")
        name = server.create(template)
        yield server.url(name)
        server.drop(name)

    return make


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("template") / "mailroom.sqlite"
    records = Records(sqlite_url(file))
    schema.upgrade(records)
    with records.connection() as connection:
        connection.exec_driver_sql("COMMIT")
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    records.close()
    return file


@pytest.fixture(scope="session")
def database_server() -> Iterator[PostgreSql]:
    """A PostgreSQL that runs; whoever stops one starts one of their own."""
    with postgresql() as server:
        yield server


@pytest.fixture(scope="session")
def postgresql_template(database_server: PostgreSql, tmp_path_factory: pytest.TempPathFactory) -> str:
    name = database_server.create()
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("MAILROOM_DATA", str(tmp_path_factory.mktemp("template")))
        environment.setenv("MAILROOM_CONFIG", str(CONFIG))
        for key, value in database_server.settings(name).items():
            environment.setenv(f"MAILROOM_{key}", value)
        migrate_database()
    return name


@pytest.fixture
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, new_database: NewDatabase, database: str) -> Iterator[Path]:
    """An empty data directory that the environment names, with the repository's own configuration."""
    folder = tmp_path / "data"
    folder.mkdir()
    monkeypatch.setenv("MAILROOM_DATA", str(folder))
    monkeypatch.setenv("MAILROOM_CONFIG", str(CONFIG))
    for key in ("MAILROOM_DATABASE_URL", "MAILROOM_DATABASE_ADMIN_URL"):
        monkeypatch.delenv(key, raising=False)
    with new_database(folder, database) as url:
        if database != "sqlite":
            monkeypatch.setenv("MAILROOM_DATABASE_URL", url)
        yield folder


@pytest.fixture
def records(data: Path, database: str) -> Iterator[Records]:
    opened = Records(os.environ.get("MAILROOM_DATABASE_URL") or sqlite_url(data / "mailroom.sqlite"))
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

    return lambda number: [free_port() for _ in range(number)]


@pytest.fixture
def closed_port() -> int:
    """A port that nobody listens to."""
    return free_port()


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
