"""A whole mailroom for one test: real records, real vault, the repository's configuration, one sandbox for all."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from pwdlib import PasswordHash
from pwdlib.hashers.argon2 import Argon2Hasher
from sqlalchemy.orm import Session

from mailroom.bootstrap import build_services
from mailroom.bootstrap.places import make_folders, spool_of
from mailroom.catalogue import load_catalogue
from mailroom.desk import signing_in
from mailroom.domain.capture import Capture, Channel, Receipt
from mailroom.journey.receive import receive
from mailroom.journey.travel import advance
from mailroom.plugins import deferred
from mailroom.ports import Queue
from mailroom.records.session import Records
from mailroom.records.tables import Item
from mailroom.sandbox.item_sandbox import ItemSandbox
from mailroom.sandbox.sandbox import Sandbox
from mailroom.sandbox.tasks import DRAWING_TASKS
from mailroom.services import Services
from mailroom.settings import load_settings

sys.path.append(str(Path(__file__).parent))  # for what tests of several folders hand in and read

CONFIG = Path(__file__).parents[2] / "config"
_MOST_STEPS = 20
_MOST_LOOKS = 8


@pytest.fixture(scope="session")
def warm_sandbox() -> Iterator[Sandbox]:
    """One warm parent with the reading engine for the whole test session."""
    with Sandbox("tesserocr", "eng") as opened:
        yield opened


@pytest.fixture(scope="session")
def drawing_sandbox() -> Iterator[Sandbox]:
    """The one that draws mails, started when the first test needs it."""
    with ExitStack() as stack:
        yield deferred(lambda: stack.enter_context(Sandbox(engine="", tasks=DRAWING_TASKS)))


@pytest.fixture(scope="session")
def built_once() -> dict[str, Any]:
    """What depends on the repository's configuration alone and is dear to build, kept for the tests that follow."""
    return {"catalogue": load_catalogue(CONFIG)}


@pytest.fixture(scope="session", autouse=True)
def dear_hash() -> Iterator[PasswordHash]:
    """The hash of passwords that the mailroom has; meanwhile tests hash with the same one at its least cost.

    Five of them make one visitor who is signed in: at full cost they were two thirds of what the pages' tests took.
    """
    dear, cheap = signing_in._hash, PasswordHash((Argon2Hasher(time_cost=1, memory_cost=8, parallelism=1),))
    with pytest.MonkeyPatch.context() as exchange:
        exchange.setattr(signing_in, "_hash", cheap)
        yield dear


@pytest.fixture(scope="session")
def read_before(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where `ReadOnce` keeps what has been read, for tests of what comes after reading."""
    return tmp_path_factory.mktemp("read")


OpenServices = Callable[[Records, Callable[[], datetime], Queue], AbstractContextManager[Services]]


@pytest.fixture(scope="session")
def open_services(warm_sandbox: Sandbox, drawing_sandbox: Sandbox, built_once: dict[str, Any]) -> OpenServices:
    """Opens the bundle as `bootstrap` builds it, but for the clock, the queue and the shared sandbox."""

    @contextmanager
    def build(records: Records, now: Callable[[], datetime], queue: Queue) -> Iterator[Services]:
        settings = load_settings()
        make_folders(settings)
        with ExitStack() as stack:
            built = build_services(settings, built_once["catalogue"], records, now, stack)
            for name in ("calendars", "classifier", "fields"):
                built_once.setdefault(name, getattr(built, name))
            sandbox = ItemSandbox(warm_sandbox, drawing_sandbox, settings.limits)
            yield replace(built, queue=queue, sandbox=sandbox, **built_once)

    return build


@pytest.fixture
def services(
    data: Path,
    records: Records,
    now: Callable[[], datetime],
    memory_queue: Queue,
    open_services: OpenServices,
) -> Iterator[Services]:
    """The bundle over this test's own data directory."""
    with open_services(records, now, memory_queue) as built:
        yield built


@pytest.fixture
def deliver(services: Services) -> Callable[..., Receipt]:
    """Hands bytes in at the door: `deliver(b"...", channel=..., received_at=..., ...)`, each a delivery of its own."""

    def hand_in(content: bytes, **known: object) -> Receipt:
        return receive(capture_of(services, content, **known), services)

    return hand_in


@pytest.fixture
def capture(services: Services) -> Callable[..., Capture]:
    """Makes a capture without delivering it."""

    def make(content: bytes, **known: object) -> Capture:
        return capture_of(services, content, **known)

    return make


def capture_of(services: Services, content: bytes, **known: Any) -> Capture:  # noqa: ANN401  # the fields of a capture
    spooled = spool_of(services) / uuid4().hex
    spooled.write_bytes(content)
    usual: dict[str, Any] = {
        "channel": Channel.POST,
        "source": uuid4().hex,
        "received_at": services.now(),
        "file_name": "letter.txt",
    }
    return Capture(spooled=spooled, **(usual | known))


@pytest.fixture
def travel(services: Services) -> Iterator[Callable[..., Item]]:
    """Carries an item to the end of its run, or `until` a stage, and returns its row with all that hangs on it."""
    looks: list[Session] = []

    def carry(item_id: str, until: str | None = None, using: Services = services) -> Item:
        for _ in range(_MOST_STEPS):
            with using.records.look() as look:
                item = look.get_one(Item, item_id)
            if item.next_stage == until or not advance(item_id, item.run, using):
                break
        return row(item_id)

    def row(item_id: str) -> Item:
        if len(looks) == _MOST_LOOKS:
            looks.pop(0).close()
        looks.append(services.records.look())
        return looks[-1].get_one(Item, item_id)

    yield carry
    for look in looks:
        look.close()
