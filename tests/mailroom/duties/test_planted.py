"""Whatever is planted in the store or in the log by somebody who owns the machine: `verify` finds every one of it.

A hundred flipped bits and deletions in the store, a thousand edits, deletions, insertions, truncations and changes of
order in the log, the triggers taken away; nearly half of them with every hash of every chain made whole again.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from database_server import ON_SQLITE
from planting import EVERY_ACT, Act
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from mailroom.domain.capture import Receipt
from mailroom.duties.heads import sign_now
from mailroom.duties.verify import faults_in_vault, faults_on_record, verify
from mailroom.records import custody
from mailroom.records.tables import Original
from mailroom.services import Services
from storage.vault import head_key

pytestmark = ON_SQLITE
IN_THE_STORE, IN_THE_LOG = 100, 1000
EACH = -(-IN_THE_LOG // len(EVERY_ACT))
"""How often each act is done, so that there are at least a thousand."""


@pytest.fixture
def sealed(services: Services, deliver: Callable[..., Receipt], step: Callable[[timedelta], None]) -> Services:
    """A mailroom with some post, in whose log every event is under a head: half of them under one of yesterday."""
    for day in range(2):
        for number in range(4):
            item = deliver(b"Letter %d of day %d. " % (number, day) + bytes(range(256))).item_id
            _look_at(item, 3, services)
        sign_now(services)
        step(timedelta(days=1))
    assert verify(services)["faults"] == []
    return services


def _look_at(item: str, times: int, services: Services) -> None:
    with services.records.work() as session:
        for page in range(times):
            custody.record(session, item, "viewed", actor="ada", at=services.now(), details={"pages": page})
        session.commit()


@pytest.fixture
def owner(sealed: Services) -> Iterator[Session]:
    """The database as its owner has it: without triggers and foreign keys, and nothing is ever kept."""
    with sealed.records.work() as session:
        for (name,) in session.execute(text("SELECT name FROM sqlite_master WHERE type = 'trigger'")).all():
            session.execute(text(f"DROP TRIGGER {name}"))
        session.execute(text("PRAGMA defer_foreign_keys=ON"))
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
        owner.execute(text("PRAGMA defer_foreign_keys=ON"))
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
            found = [*faults_in_vault(originals, sealed), *faults_on_record(session, sealed)]
            if not any(spoilt.name in fault or spoilt.name.lstrip("0") in fault for fault in found):
                missed.append((number, spoilt.name, found))
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
    gone.unlink()
    assert verify(sealed)["faults"] == [
        f"signed head of {size} events: it was put into the store and is gone from there"
    ]


def test_a_hash_that_is_none_is_a_fault_and_no_crash(owner: Session, sealed: Services) -> None:
    owner.execute(text("UPDATE custody_event SET hash = 'none' WHERE position = 2"))
    assert any("a hash of an event in it is none" in fault for fault in faults_on_record(owner, sealed))
