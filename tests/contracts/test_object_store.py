"""The contract of every object store: whatever is listed in `storage.BUILTIN` is held to it without further ado.

So is what an installed package registers under `mailroom.contracts.storage`: called with an empty folder, it returns a
store that holds nothing yet.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path

import pytest
from contenders import contenders
from keys_in_memory import KeysInMemory
from object_servers import ObjectServer, ceph, rclone

import storage
from mailroom import plugins
from storage.encrypted import EncryptingStore
from storage.errors import BadKey, KeyTaken, ObjectMissing, SourceChanged, StorageError
from storage.local import LocalStore
from storage.memory import MemoryStore
from storage.s3 import S3Store
from storage.spool import SpoolingStore
from storage.store import SET_ASIDE, ObjectStore

MakeSource = Callable[[bytes], Path]


def ours(place: str) -> Callable[[Path], ObjectStore]:
    made: Callable[[str], ObjectStore] = plugins.load(place)
    return lambda folder: made(str(folder / "store"))


def spooling(folder: Path) -> ObjectStore:
    return SpoolingStore(MemoryStore(), LocalStore(folder / "spool"), 1 << 20, "here")


def encrypted(folder: Path) -> ObjectStore:
    return EncryptingStore(LocalStore(folder / "store"), KeysInMemory())


def spooling_encrypted(folder: Path) -> ObjectStore:
    keys = KeysInMemory()
    spool = EncryptingStore(LocalStore(folder / "spool"), keys)
    return SpoolingStore(EncryptingStore(MemoryStore(), keys), spool, 1 << 20, "here")


OURS = {name: ours(place) for name, place in storage.BUILTIN.items()}
TOGETHER = {"spool": spooling, "encrypted local": encrypted, "encrypted spool": spooling_encrypted}
MAKERS = contenders("storage", OURS | TOGETHER)
S3 = {
    "s3 of Ceph": "ceph_server",
    "s3 of Ceph over TLS": "ceph_server",
    "encrypted s3 of Ceph": "ceph_server",
    "s3 of rclone": "rclone_server",
}


@pytest.fixture(scope="module")
def ceph_server() -> Iterator[ObjectServer]:
    with ceph() as server:
        yield server


@pytest.fixture(scope="module")
def rclone_server() -> Iterator[ObjectServer]:
    with rclone() as server:
        yield server


@pytest.fixture(params=[*sorted(MAKERS), *S3])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> ObjectStore:
    if request.param in S3:
        server: ObjectServer = request.getfixturevalue(S3[request.param])
        bucket = S3Store(server.bucket(lock=server.tls is not None, tls="TLS" in request.param))
        return EncryptingStore(bucket, KeysInMemory()) if "encrypted" in request.param else bucket
    folder = tmp_path / "of-the-store"
    folder.mkdir()
    return MAKERS[request.param](folder)


@pytest.fixture
def source(tmp_path: Path) -> MakeSource:
    def make(content: bytes) -> Path:
        path = tmp_path / f"source-{sha256(content).hexdigest()}"
        path.write_bytes(content)
        return path

    return make


def read(store: ObjectStore, key: str) -> bytes:
    with store.open(key) as stream:
        return stream.read()


@pytest.mark.parametrize("content", [b"", b"\x00\r\n\xff", b"letter" * 500_000], ids=["empty", "binary", "3 MB"])
def test_what_is_put_comes_back_byte_for_byte(store: ObjectStore, source: MakeSource, content: bytes) -> None:
    put = store.put_new("originals/ab/one", source(content))
    assert read(store, "originals/ab/one") == content
    assert (put.key, put.size) == ("originals/ab/one", len(content))
    assert store.stat("originals/ab/one") == put
    assert abs(put.stored_at - datetime.now(UTC)) < timedelta(minutes=1)


def test_putting_leaves_the_source_as_it_is(store: ObjectStore, source: MakeSource) -> None:
    path = source(b"letter")
    mode = path.stat().st_mode
    store.put_new("one", path)
    assert path.read_bytes() == b"letter"
    assert path.stat().st_mode == mode
    path.write_bytes(b"changed afterwards")
    assert read(store, "one") == b"letter"


def test_equal_bytes_may_be_put_again(store: ObjectStore, source: MakeSource) -> None:
    first = store.put_new("one", source(b"letter"))
    assert store.put_new("one", source(b"letter")) == first


def test_other_bytes_under_a_taken_key_are_an_error_and_change_nothing(store: ObjectStore, source: MakeSource) -> None:
    store.put_new("one", source(b"letter"))
    with pytest.raises(KeyTaken):
        store.put_new("one", source(b"Letter"))
    assert read(store, "one") == b"letter"


def test_bytes_without_the_promised_digest_are_not_kept(store: ObjectStore, source: MakeSource) -> None:
    with pytest.raises(SourceChanged):
        store.put_new("one", source(b"letter"), sha256(b"another").hexdigest())
    assert list(store.list()) == []
    store.put_new("one", source(b"letter"), sha256(b"letter").hexdigest())
    assert read(store, "one") == b"letter"


def test_a_source_that_is_not_there_is_an_error_and_keeps_nothing(store: ObjectStore, tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        store.put_new("one", tmp_path / "nowhere")
    assert list(store.list()) == []


def test_a_missing_object_is_said_to_be_missing(store: ObjectStore) -> None:
    with pytest.raises(ObjectMissing):
        store.open("one")
    with pytest.raises(ObjectMissing):
        store.stat("one")


def test_deleting_destroys_and_can_be_done_twice(store: ObjectStore, source: MakeSource) -> None:
    store.put_new("a/one", source(b"letter"))
    store.delete("a/one")
    store.delete("a/one")
    store.delete("nowhere/at-all")
    with pytest.raises(ObjectMissing):
        store.open("a/one")
    store.put_new("a/one", source(b"another"))
    assert read(store, "a/one") == b"another"


def test_what_is_set_aside_leaves_its_key_free_and_is_not_destroyed(store: ObjectStore, source: MakeSource) -> None:
    put = store.put_new("originals/ab/one", source(b"damaged"))
    assert store.set_aside("originals/ab/one")
    assert store.set_aside("originals/ab/one") is None
    with pytest.raises(ObjectMissing):
        store.open("originals/ab/one")
    store.put_new("originals/ab/one", source(b"letter"))
    assert read(store, "originals/ab/one") == b"letter"
    aside = [stored.key for stored in store.list(SET_ASIDE)]
    with store.open(*aside) if put.version is None else store.open("originals/ab/one", put.version) as kept:
        assert kept.read() == b"damaged"


def test_what_cannot_be_locked_or_held_says_so_and_what_is_not_there_is_missing(
    store: ObjectStore, source: MakeSource
) -> None:
    put = store.put_new("one", source(b"letter"))
    until = datetime.now(UTC) + timedelta(days=1)
    assert store.lock("one", until, put.version) is None  # none of these was told to lock anything
    assert not store.hold("one", put.version, on=True)
    for ask in (lambda: store.lock("two", until), lambda: store.hold("two", on=False)):
        with pytest.raises(ObjectMissing):
            ask()


def test_clearing_up_after_writing_that_broke_off_leaves_what_is_whole(store: ObjectStore, source: MakeSource) -> None:
    store.put_new("originals/one", source(b"letter"))
    assert store.clear_half_written("originals/", datetime.now(UTC) + timedelta(days=1)) == 0
    assert read(store, "originals/one") == b"letter"


@pytest.mark.parametrize(
    ("prefix", "expected"),
    [
        ("", {"a/one", "a/b/two", "ab/three", "four"}),
        ("a/", {"a/one", "a/b/two"}),
        ("a", {"a/one", "a/b/two", "ab/three"}),
        ("a/b/t", {"a/b/two"}),
        ("nowhere/", set()),
    ],
)
def test_listing_goes_by_prefix(store: ObjectStore, source: MakeSource, prefix: str, expected: set[str]) -> None:
    for key in ("a/one", "a/b/two", "ab/three", "four"):
        store.put_new(key, source(key.encode()))
    found = list(store.list(prefix))
    assert {stored.key for stored in found} == expected
    assert all(stored.size == len(stored.key) for stored in found)


@pytest.mark.parametrize(
    "key", ["", "/etc/passwd", "../out", "a/../b", "a//b", "a/", ".hidden", "a/.b", "a b", "a\n", "é", "a/" + "b" * 201]
)
def test_a_key_that_could_lead_elsewhere_is_refused(store: ObjectStore, source: MakeSource, key: str) -> None:
    with pytest.raises(BadKey):
        store.put_new(key, source(b"letter"))
    with pytest.raises(BadKey):
        store.open(key)
    with pytest.raises(BadKey):
        store.delete(key)


def test_of_many_writers_of_one_key_exactly_one_wins(store: ObjectStore, source: MakeSource) -> None:
    contents = [bytes([number]) * 100_000 for number in range(8)]
    sources = [source(content) for content in contents]
    outcomes: list[bytes | StorageError] = []
    together = threading.Barrier(len(contents))

    def write(path: Path) -> None:
        together.wait()
        try:
            store.put_new("one", path)
            outcomes.append(path.read_bytes())
        except StorageError as fault:
            outcomes.append(fault)

    threads = [threading.Thread(target=write, args=(path,)) for path in sources]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    winners = [outcome for outcome in outcomes if isinstance(outcome, bytes)]
    assert winners == [read(store, "one")]
    assert sum(isinstance(outcome, KeyTaken) for outcome in outcomes) == len(contents) - 1
