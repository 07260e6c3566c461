"""After a move the former folder loses what was just read in the new store, and nothing that is only there."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from hashlib import sha256
from pathlib import Path

import pytest
from sqlalchemy import select, update

from mailroom.bootstrap.former_store import former_store
from mailroom.bootstrap.stores import second_store
from mailroom.domain.capture import Capture
from mailroom.domain.errors import Misconfigured, Transient
from mailroom.duties.empty_store import Emptied, empty_store, look_at_store
from mailroom.journey.receive import receive
from mailroom.records.kept_objects import ObjectRegister
from mailroom.records.session import Records
from mailroom.records.tables import CustodyEvent, KeptObject
from mailroom.services import Services
from storage.errors import StoreUnavailable
from storage.local import LocalStore
from storage.spool import SpoolingStore
from storage.vault import Vault, original_key

LETTERS = [b"letter %d" % number for number in range(4)]
KEYS = [original_key(sha256(letter).hexdigest()) for letter in LETTERS]


@pytest.fixture
def new(tmp_path: Path) -> Path:
    return tmp_path / "new"


@pytest.fixture
def former(tmp_path: Path) -> Path:
    return tmp_path / "former"


@pytest.fixture
def moved(
    services: Services,
    records: Records,
    now: Callable[[], datetime],
    capture: Callable[..., Capture],
    new: Path,
    former: Path,
) -> Services:
    """The bundle over a store that letters were moved to; they lie in the former one, too."""
    register = ObjectRegister(records, now)
    both = replace(services, vault=Vault(LocalStore(str(new)), LocalStore(str(former)), register))
    for letter, key in zip(LETTERS, KEYS, strict=True):
        receive(capture(letter), both)
        both.vault.copies.double(sha256(letter).hexdigest(), key)
    with records.work() as session:
        session.execute(update(KeptObject).values(copied_at=now()))
        session.commit()
    return replace(services, vault=Vault(LocalStore(str(new)), register=register))


def emptied(former: Path, services: Services) -> Emptied:
    return empty_store(LocalStore(str(former)), "the folder former", services, "cli:ann", lambda _: None)


def files(folder: Path) -> set[str]:
    return {stored.key for stored in LocalStore(str(folder)).list()}


def copied(services: Services) -> set[str]:
    with services.records.look() as session:
        return set(session.scalars(select(KeptObject.key).where(KeptObject.copied_at.is_not(None))))


def deleted_by_the_log(services: Services) -> list[tuple[str, object]]:
    with services.records.look() as session:
        events = session.scalars(select(CustodyEvent).where(CustodyEvent.kind == "former_store_emptied"))
        return [(event.actor, event.item_id) for event in events]


def test_what_lies_in_the_new_store_goes_and_the_log_says_so(moved: Services, new: Path, former: Path) -> None:
    would = look_at_store(LocalStore(str(former)), moved, lambda _: None)
    assert (would, files(former), copied(moved)) == (Emptied(4, 32), set(KEYS), set(KEYS))
    assert deleted_by_the_log(moved) == []
    assert emptied(former, moved) == would
    assert (files(former), files(new), copied(moved)) == (set(), set(KEYS), set())
    assert len(deleted_by_the_log(moved)) == 1
    assert emptied(former, moved) == Emptied()
    assert len(deleted_by_the_log(moved)) == 1


def test_what_is_gone_damaged_waiting_or_unknown_stays(
    moved: Services, new: Path, former: Path, tmp_path: Path
) -> None:
    (new / KEYS[0]).unlink()
    (new / KEYS[1]).chmod(0o600)
    (new / KEYS[1]).write_bytes(b"Letter 1")
    with moved.records.work() as session:
        session.execute(update(KeptObject).where(KeptObject.key == KEYS[2]).values(waits_on="here"))
        session.commit()
    (tmp_path / "stranger").write_bytes(b"stranger")
    LocalStore(str(former)).put_new("originals/stranger", tmp_path / "stranger")
    done = emptied(former, moved)
    assert (done.objects, sorted(done.only_here), done.unknown) == (1, sorted(KEYS[:3]), 1)
    assert files(former) == {*KEYS[:3], "originals/stranger"}
    assert copied(moved) == set(KEYS[:3])


def test_what_came_again_while_the_new_store_was_away_is_not_taken_for_read_there(
    moved: Services, new: Path, former: Path, tmp_path: Path
) -> None:
    (tmp_path / "again").write_bytes(LETTERS[0])
    waiting = LocalStore(str(tmp_path / "waiting"))
    waiting.put_new(KEYS[0], tmp_path / "again")
    (new / KEYS[0]).unlink()
    spooling = SpoolingStore(LocalStore(str(new)), waiting, 1 << 20, "here")
    register = ObjectRegister(moved.records, moved.now)
    done = emptied(former, replace(moved, vault=Vault(spooling, register=register)))
    assert (done.objects, done.only_here) == (3, [KEYS[0]])
    assert files(former) == {KEYS[0]}


@pytest.mark.parametrize("dies_at", ["delete", "open"])
def test_whoever_is_stopped_in_the_middle_goes_on(
    moved: Services, former: Path, new: Path, monkeypatch: pytest.MonkeyPatch, dies_at: str
) -> None:
    whole, asked = getattr(LocalStore, dies_at), list[str]()

    def breaks_off(store: LocalStore, key: str, *told: str) -> object:
        asked.append(key)
        if len(asked) == 3:
            raise StoreUnavailable("away")
        return whole(store, key, *told)

    monkeypatch.setattr("mailroom.duties.empty_store._AT_ONCE", 1)
    with monkeypatch.context() as dying:
        dying.setattr(LocalStore, dies_at, breaks_off)
        with pytest.raises(Transient, match="goes on from here when it is called again: away"):
            emptied(former, moved)
    assert files(former) | files(new) == files(new) == set(KEYS)
    assert len(files(former)) == 2
    assert copied(moved) <= files(former)
    emptied(former, moved)
    assert (files(former), files(new)) == (set(), set(KEYS))


def test_a_store_that_is_used_or_not_on_record_is_out_of_reach(services: Services, data: Path) -> None:
    settings = services.settings
    second = settings.model_copy(update={"second_copy": settings.second_copy.model_copy(update={"store": "local"})})
    for told, place, why in (
        (second, "the folder vault", "goes on as second copy while it is named there"),
        (settings, "", "Originals were not moved"),
        (settings, "the bucket https://s3/originals", "its administrator empties a bucket"),
        (settings, "the folder vault", "it is the store of originals"),
        (settings, "the folder elsewhere", "is not there"),
    ):
        with pytest.raises(Misconfigured, match=why):
            former_store(told, place)
    assert (data / "vault").is_dir()


def test_the_store_of_originals_under_another_name_is_neither_second_copy_nor_former_store(
    services: Services, data: Path, tmp_path: Path
) -> None:
    alias = tmp_path / "disk"
    alias.symlink_to(data / "vault", target_is_directory=True)
    told = services.settings.second_copy.model_copy(update={"store": "local", "folder": str(alias)})
    with pytest.raises(Misconfigured, match=r"second_copy\.folder: .*disk is where the originals lie"):
        second_store(services.settings.model_copy(update={"second_copy": told}), None)
    with pytest.raises(Misconfigured, match="it is the store of originals"):
        former_store(services.settings, f"the folder {alias}")
