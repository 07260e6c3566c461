"""While a store is away what is to be kept waits on this machine, durable and readable, and is handed on afterwards."""

from __future__ import annotations

import time
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path

import pytest
from absent_store import Absent

from storage import spool
from storage.errors import StorageError, StoreFull, StoreRefused, StoreUnavailable
from storage.local import LocalStore
from storage.spool import SpoolingStore
from storage.store import SET_ASIDE
from storage.vault import Vault, original_key

MOST = 1000


@pytest.fixture
def far() -> Absent:
    return Absent()


@pytest.fixture
def store(far: Absent, tmp_path: Path) -> SpoolingStore:
    return SpoolingStore(far, LocalStore(tmp_path / "spool"), MOST, "here")


@pytest.fixture
def letter(tmp_path: Path) -> Callable[[bytes], Path]:
    def write(content: bytes) -> Path:
        file = tmp_path / sha256(content).hexdigest()
        file.write_bytes(content)
        return file

    return write


@pytest.mark.parametrize("fault", [StoreUnavailable("away"), StoreFull("quota"), StoreRefused("wrong secret")])
def test_it_waits_here_and_is_read_from_here_whatever_is_wrong(
    store: SpoolingStore, far: Absent, letter: Callable[[bytes], Path], fault: StorageError
) -> None:
    far.fault = fault
    vault = Vault(store)
    kept = vault.keep(letter(b"a letter"))
    with vault.open(kept.sha256) as stream:
        assert stream.read() == b"a letter"
    assert [(one.key, one.waits_on) for one in store.waiting()] == [(kept.key, "here")]
    assert list(far.list()) == []


def test_a_store_that_was_away_is_not_asked_again_at_once(
    store: SpoolingStore, far: Absent, letter: Callable[[bytes], Path]
) -> None:
    far.fault = StoreUnavailable("away")
    for number in range(5):
        store.put_new(f"originals/{number}", letter(b"%d" % number))
    assert far.asked == 1
    assert len(store.waiting()) == 5


@pytest.mark.parametrize(("answers_after", "asked_after"), [(0.0, 5.0), (1.0, 10.0), (50.0, 45.0)])
def test_the_longer_it_let_somebody_wait_the_later_it_is_asked_again(
    store: SpoolingStore,
    far: Absent,
    letter: Callable[[bytes], Path],
    monkeypatch: pytest.MonkeyPatch,
    answers_after: float,
    asked_after: float,
) -> None:
    now = [1000.0]
    monkeypatch.setattr(spool.time, "monotonic", lambda: now[0])
    far.fault, far.meanwhile = StoreUnavailable("away"), lambda: now.append(now.pop() + answers_after)
    store.put_new("originals/one", letter(b"1"))
    for later, asked in ((asked_after - 0.1, 1), (0.2, 2)):
        now[0] += later
        store.put_new(f"originals/two{asked}", letter(b"2"))
        assert far.asked == asked


def test_when_it_is_to_be_asked_again_one_asks_and_nobody_waits_for_the_answer(
    store: SpoolingStore, far: Absent, letter: Callable[[bytes], Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    far.fault = StoreUnavailable("away")
    store.put_new("originals/one", letter(b"1"))
    now = time.monotonic()
    monkeypatch.setattr(spool.time, "monotonic", lambda: now + 100)
    far.meanwhile = lambda: store.put_new("originals/two", letter(b"2"))
    store.put_new("originals/three", letter(b"3"))
    assert far.asked == 2
    assert len(store.waiting()) == 3


def test_over_the_limit_nothing_more_is_kept_and_the_reason_is_that_of_the_store(
    store: SpoolingStore, far: Absent, letter: Callable[[bytes], Path]
) -> None:
    far.fault = StoreRefused("wrong secret")
    store.put_new("originals/one", letter(b"x" * (MOST - 10)))
    with pytest.raises(StoreFull, match=r"s3\.spool_megabytes"):
        store.put_new("originals/two", letter(b"y" * 11))
    store.put_new("originals/three", letter(b"y" * 10))
    assert {one.key for one in store.waiting()} == {"originals/one", "originals/three"}


def test_what_waits_is_handed_on_once_the_store_is_there(
    store: SpoolingStore, far: Absent, letter: Callable[[bytes], Path]
) -> None:
    far.fault = StoreUnavailable("away")
    store.put_new("originals/one", letter(b"a letter"))
    with pytest.raises(StoreUnavailable):
        store.hand_on("originals/one")
    far.fault = None
    assert store.hand_on("originals/one").stored.waits_on is None
    assert [one.key for one in store.waiting()] == ["originals/one"]  # until it is on record where it lies
    store.let_go("originals/one")
    assert store.waiting() == []
    with store.open("originals/one") as stream:
        assert stream.read() == b"a letter"
    assert store.put_new("originals/two", letter(b"another")).waits_on is None


def test_a_store_that_keeps_other_bytes_than_it_was_handed_is_found_out(
    store: SpoolingStore, far: Absent, letter: Callable[[bytes], Path]
) -> None:
    far.fault = StoreUnavailable("away")
    store.put_new("originals/one", letter(b"a letter"))
    far.fault, far.instead = None, b"another"
    with pytest.raises(StoreUnavailable, match="keeps other bytes than it was sent"):
        store.hand_on("originals/one")
    assert len(store.waiting()) == 1


def test_what_lies_damaged_in_its_place_is_set_aside_and_told(
    store: SpoolingStore, far: Absent, letter: Callable[[bytes], Path]
) -> None:
    far.fault = StoreUnavailable("away")
    key = original_key(sha256(b"a letter").hexdigest())
    store.put_new(key, letter(b"a letter"))
    far.fault = None
    far.put_new(key, letter(b"damaged"))
    handed_on = store.hand_on(key)
    assert handed_on.found == sha256(b"damaged").hexdigest()
    assert [one.key for one in far.list(SET_ASIDE)] == [handed_on.set_aside]
    with far.open(key) as stream:
        assert stream.read() == b"a letter"
