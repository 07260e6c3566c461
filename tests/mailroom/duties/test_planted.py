"""Whatever is planted in the store or in the log by somebody who owns the machine: `verify` finds every one of it.

A hundred flipped bits and deletions in the store, a thousand edits, deletions, insertions, truncations and changes of
order in the log, the triggers taken away; nearly half of them with every hash of every chain made whole again. On both
databases, on PostgreSQL as the role that owns it: the one under which the service works is refused.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, closing
from datetime import timedelta
from itertools import chain
from pathlib import Path
from typing import Any
from uuid import uuid4

import psycopg
import pytest
from database_server import ADMIN, PostgreSql
from planting import EVERY_ACT, Act, put_an_event_in, take_guards_away, write_other_details
from sqlalchemy import select, text
from sqlalchemy.exc import ProgrammingError
from sqlalchemy.orm import Session

from mailroom.bootstrap.places import spool_of
from mailroom.domain.capture import Capture, Channel
from mailroom.duties.heads import sign_now
from mailroom.duties.verify import faults_in_vault, faults_on_record, verify
from mailroom.journey.receive import receive
from mailroom.ports import Queue
from mailroom.records import custody
from mailroom.records.session import Records
from mailroom.records.tables import Original
from mailroom.services import Services
from storage.vault import head_key

CONFIG = Path(__file__).parents[3] / "config"
IN_THE_STORE, IN_THE_LOG = 100, 1000
EACH = -(-IN_THE_LOG // len(EVERY_ACT))
"""How often each act is done, so that there are at least a thousand."""


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def sealed(
    request: pytest.FixtureRequest,
    new_database: Callable[[Path, str], AbstractContextManager[str]],
    open_services: Callable[..., AbstractContextManager[Services]],
    make_clock: Callable[[], Any],
    make_queue: Callable[[], Queue],
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Services]:
    """A mailroom with some post, in whose log every event is under a head: half of them under one of yesterday.

    Once for all tests: each leaves it as it was.
    """
    data, clock = tmp_path_factory.mktemp("sealed"), make_clock()
    with pytest.MonkeyPatch.context() as environment, ExitStack() as stack:
        environment.setenv("MAILROOM_DATA", str(data))
        environment.setenv("MAILROOM_CONFIG", str(CONFIG))
        records = stack.enter_context(closing(Records(stack.enter_context(new_database(data, request.param)))))
        services = stack.enter_context(open_services(records, clock, make_queue()))
        for day in range(2):
            for number in range(3):
                _take_in(b"Letter %d of day %d. " % (number, day) + bytes(range(256)), services)
            sign_now(services)
            clock.step(timedelta(days=1))
        assert verify(services)["faults"] == []
        yield services


def _take_in(content: bytes, services: Services) -> None:
    spooled = spool_of(services) / "letter"
    spooled.write_bytes(content)
    receipt = receive(Capture(spooled, Channel.POST, uuid4().hex, services.now(), file_name="letter.txt"), services)
    _look_at(receipt.item_id, 2, services)


def _look_at(item: str, times: int, services: Services) -> None:
    with services.records.work() as session:
        for page in range(times):
            custody.record(session, item, "viewed", actor="ada", at=services.now(), details={"pages": page})
        session.commit()


@pytest.fixture
def owner(sealed: Services, request: pytest.FixtureRequest) -> Iterator[Session]:
    """The database as its owner has it: without triggers and foreign keys, and nothing is ever kept."""
    records = sealed.records
    if not records.embedded:
        server: PostgreSql = request.getfixturevalue("database_server")
        records = Records(server.url(records.url.rpartition("/")[2], ADMIN))
    with closing(records), records.work() as session:
        take_guards_away(session)
        yield session
        session.rollback()


@pytest.mark.parametrize("act", EVERY_ACT, ids=lambda act: act.__name__)
def test_whatever_is_done_to_the_log_is_found(act: Act, owner: Session, sealed: Services) -> None:
    missed = []
    for seed in range(EACH):
        planted = owner.begin_nested()
        act(owner, random.Random(seed))  # noqa: S311  # a seeded choice of what to spoil
        owner.flush()
        if not next(faults_on_record(owner, sealed), None):
            missed.append(seed)
        planted.rollback()
        owner.expunge_all()
    assert missed == []
    assert list(faults_on_record(owner, sealed)) == []


def test_whatever_is_done_to_the_store_is_found(sealed: Services) -> None:
    with sealed.records.look() as session:
        originals = {(sha256, key) for sha256, key in session.execute(select(Original.sha256, Original.key))}
        dice, missed = random.Random(7), []  # noqa: S311
        folder = sealed.settings.data / "vault"
        heads = [stored.key for stored in sealed.vault._store.list("heads/")]
        places = [*(key for _, key in sorted(originals)), *heads]
        assert len(heads) == 2
        for number in range(IN_THE_STORE):
            spoilt = folder / places[number % len(places)]
            content = spoilt.read_bytes()
            _spoil(spoilt, content, dice)
            found = chain(faults_in_vault(originals, sealed), faults_on_record(session, sealed))
            if not any(spoilt.name in fault or spoilt.name.lstrip("0") in fault for fault in found):
                missed.append((number, spoilt.name))
            _put_back(spoilt, content)
    assert missed == []
    assert verify(sealed)["faults"] == []


def _spoil(file: Path, content: bytes, dice: random.Random) -> None:
    file.chmod(0o600)
    if dice.random() < 0.3:
        file.unlink()
        return
    changed = bytearray(content)
    changed[dice.randrange(len(content))] ^= 1 << dice.randrange(8)
    file.write_bytes(bytes(changed))


def _put_back(file: Path, content: bytes) -> None:
    file.write_bytes(content)


def test_a_head_that_is_gone_from_the_store_is_named(sealed: Services) -> None:
    with sealed.records.look() as session:
        size = int(session.execute(text("SELECT max(size) FROM tree_head")).scalar_one())
    gone = sealed.settings.data / "vault" / head_key(size)
    content = gone.read_bytes()
    gone.unlink()
    found = verify(sealed)["faults"]
    gone.write_bytes(content)
    assert found == [f"signed head of {size} events: it was put into the store and is gone from there"]


def test_a_hash_that_is_none_is_a_fault_and_no_crash(owner: Session, sealed: Services) -> None:
    owner.execute(text("UPDATE custody_event SET hash = 'none' WHERE position = 2"))
    assert any("a hash of an event in it is none" in fault for fault in faults_on_record(owner, sealed))


def test_details_that_no_program_of_ours_writes_are_a_fault_and_no_crash(owner: Session, sealed: Services) -> None:
    for seed in range(20):
        planted = owner.begin_nested()
        write_other_details(owner, random.Random(seed))  # noqa: S311
        owner.flush()
        assert list(faults_on_record(owner, sealed))
        planted.rollback()
        owner.expunge_all()


@pytest.mark.parametrize("sealed", ["postgresql"], indirect=True)
def test_the_service_is_refused_all_of_it_but_an_event_more_which_is_found(sealed: Services) -> None:
    refused = set()
    with sealed.records.work() as session:
        for act in EVERY_ACT:
            planted = session.begin_nested()
            if act is put_an_event_in:
                act(session, random.Random(0))  # noqa: S311
                assert list(faults_on_record(session, sealed))
            else:
                with pytest.raises(ProgrammingError) as fault:
                    act(session, random.Random(0))  # noqa: S311
                assert isinstance(fault.value.orig, psycopg.errors.InsufficientPrivilege), act.__name__
                refused.add(str(fault.value.statement).split()[0])
            planted.rollback()
            session.expunge_all()
    assert refused == {"UPDATE", "DELETE", "TRUNCATE", "ALTER"}
    assert verify(sealed)["faults"] == []
