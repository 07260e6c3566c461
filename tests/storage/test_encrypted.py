"""What an encrypting store keeps is sealed where it lies, and whatever is wrong there is damage and nothing else."""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import dataclass, field
from errno import ENOSPC
from hashlib import sha256
from pathlib import Path
from typing import BinaryIO

import pyrage
import pytest
from absent_store import Absent
from keys_in_memory import KeysInMemory
from notebook import Notebook

from storage.damage import Copy
from storage.data_keys import DataKey
from storage.encrypted import EncryptingStore
from storage.errors import KeyTaken, StoreUnavailable, VaultBreach
from storage.local import LocalStore
from storage.memory import MemoryStore
from storage.sealing import MARK, NotSealed, new_key, public_half, seal, unseal, unwrap, wrap
from storage.spool import SpoolingStore
from storage.vault import Vault, original_key
from storage.whereabouts import Whereabouts

LETTER = b"Dear Council, this is a secret. " * 8192
"""Four blocks of the format, so that damage can lie behind what was read already."""

KEY = original_key(sha256(LETTER).hexdigest())


@pytest.fixture
def letter(tmp_path: Path) -> Path:
    path = tmp_path / "letter"
    path.write_bytes(LETTER)
    return path


@pytest.fixture
def keys() -> KeysInMemory:
    return KeysInMemory()


@pytest.fixture
def lying() -> MemoryStore:
    return MemoryStore()


@pytest.fixture
def store(lying: MemoryStore, keys: KeysInMemory) -> EncryptingStore:
    return EncryptingStore(lying, keys)


def bytes_in(lying: MemoryStore, key: str = KEY) -> bytes:
    with lying.open(key) as stream:
        return stream.read()


def put_instead(lying: MemoryStore, tmp_path: Path, content: bytes) -> None:
    lying.delete(KEY)
    (tmp_path / "instead").write_bytes(content)
    lying.put_new(KEY, tmp_path / "instead")


def read(store: EncryptingStore) -> bytes:
    with store.open(KEY) as stream:
        return stream.read()


def test_what_lies_in_the_store_says_nothing_and_anybody_with_the_data_key_opens_it(
    store: EncryptingStore, lying: MemoryStore, keys: KeysInMemory, letter: Path
) -> None:
    store.put_new(KEY, letter)
    sealed = bytes_in(lying)
    assert b"secret" not in sealed
    assert sealed.startswith(MARK)
    secret = pyrage.x25519.Identity.from_str(keys.known[KEY].secret)
    assert pyrage.decrypt(sealed, [secret]) == LETTER
    assert "AGE-SECRET" not in repr(keys.known[KEY])


def test_a_signed_head_is_for_everybody_to_read(store: EncryptingStore, lying: MemoryStore, letter: Path) -> None:
    store.put_new("heads/000000000012", letter)
    assert bytes_in(lying, "heads/000000000012") == LETTER
    with store.open("heads/000000000012") as stream:
        assert stream.read() == LETTER


def test_each_object_has_a_key_of_its_own(store: EncryptingStore, keys: KeysInMemory, letter: Path) -> None:
    store.put_new("one", letter)
    store.put_new("two", letter)
    assert keys.known["one"].secret != keys.known["two"].secret


def test_the_key_is_durable_before_the_first_byte_is_put_and_serves_when_it_is_put_again(
    keys: KeysInMemory, letter: Path
) -> None:
    far = Absent()
    store = EncryptingStore(far, keys)
    far.fault = StoreUnavailable("cut off")
    with pytest.raises(StoreUnavailable):
        store.put_new(KEY, letter)
    made = keys.known[KEY]
    far.fault = None
    store.put_new(KEY, letter)
    assert keys.known[KEY] == made
    assert read(store) == LETTER


def test_where_the_key_cannot_be_made_durable_nothing_is_put(lying: MemoryStore, letter: Path) -> None:
    def refuse() -> None:
        raise StoreUnavailable("no database")

    store = EncryptingStore(lying, KeysInMemory(at_make=refuse))
    with pytest.raises(StoreUnavailable):
        store.put_new(KEY, letter)
    assert list(lying.list()) == []


def test_the_size_is_that_of_the_plain_bytes_also_of_others_that_come_to_lie_there(
    store: EncryptingStore, letter: Path, tmp_path: Path
) -> None:
    store.put_new("one", letter)
    store.set_aside("one")
    (tmp_path / "short").write_bytes(b"short")
    assert store.put_new("one", tmp_path / "short").size == 5
    assert (store.stat("one").size, [one.size for one in store.list("one")]) == (5, [5])


def test_what_lay_there_before_anything_was_sealed_is_read_and_equal_bytes_leave_it_as_it_is(
    store: EncryptingStore, lying: MemoryStore, keys: KeysInMemory, letter: Path, tmp_path: Path
) -> None:
    lying.put_new(KEY, letter)
    assert read(store) == LETTER
    store.put_new(KEY, letter)
    assert (bytes_in(lying), keys.known) == (LETTER, {})
    (tmp_path / "other").write_bytes(b"other")
    with pytest.raises(KeyTaken):
        store.put_new(KEY, tmp_path / "other")


def test_of_two_copies_one_may_lie_in_plain_from_before(lying: MemoryStore, keys: KeysInMemory, letter: Path) -> None:
    lying.put_new(KEY, letter)
    second = MemoryStore()
    vault = Vault(EncryptingStore(lying, keys), EncryptingStore(second, keys), Notebook())
    vault.copies.double(sha256(LETTER).hexdigest(), KEY)
    assert bytes_in(second).startswith(MARK)
    with vault.open(sha256(LETTER).hexdigest()) as stream:
        assert stream.read() == LETTER
    assert vault.copies.check(Copy.SECOND, sha256(LETTER).hexdigest(), KEY) is None


@dataclass
class Overtaken(KeysInMemory):
    """Data keys; right after they were asked for the first time somebody else does something."""

    overtake: list[Callable[[], object]] = field(default_factory=list)

    def find(self, key: str) -> DataKey | None:
        found = super().find(key)
        if self.overtake:
            self.overtake.pop()()
        return found


def test_another_process_that_puts_equal_bytes_meanwhile_is_no_damage(lying: MemoryStore, letter: Path) -> None:
    keys = Overtaken()
    store = EncryptingStore(lying, keys)
    keys.overtake.append(lambda: EncryptingStore(lying, keys).put_new(KEY, letter))
    assert store.put_new(KEY, letter).size == len(LETTER)
    assert not keys.overtake
    assert read(store) == LETTER


def flipped(sealed: bytes) -> bytes:
    middle = len(sealed) // 2
    return sealed[:middle] + bytes([sealed[middle] ^ 1]) + sealed[middle + 1 :]


@pytest.mark.parametrize(
    "damage",
    [
        flipped,
        lambda sealed: sealed[:-1],
        lambda sealed: sealed[: sealed.index(b"\n--- ")],
        lambda sealed: sealed[:-20000],
        lambda sealed: sealed + b"!",
        lambda _: b"",
        lambda _: MARK,
        lambda _: pyrage.encrypt(LETTER, [pyrage.x25519.Identity.generate().to_public()]),
    ],
    ids=["flipped", "cut by one", "cut in its head", "cut", "longer", "empty", "a head alone", "sealed by another"],
)
def test_whatever_was_done_to_sealed_bytes_is_damage_and_is_mended_from_the_second_copy(
    damage: Callable[[bytes], bytes], lying: MemoryStore, keys: KeysInMemory, letter: Path, tmp_path: Path
) -> None:
    notebook = Notebook()
    vault = Vault(EncryptingStore(lying, keys), EncryptingStore(MemoryStore(), keys), notebook)
    digest = vault.keep(letter).sha256
    vault.copies.double(digest, KEY)
    put_instead(lying, tmp_path, damage(bytes_in(lying)))
    with pytest.raises(VaultBreach):
        vault.open(digest)
    (found,) = notebook.damage
    assert found.found == sha256(bytes_in(lying)).hexdigest()  # as anybody finds who digests the object itself
    notebook.where[KEY] = Whereabouts(copied=True)
    vault.copies.mend(Copy.FIRST, digest, KEY)
    with vault.open(digest) as stream:
        assert stream.read() == LETTER
    assert vault.copies.check(Copy.FIRST, digest, KEY) is None


def test_a_store_that_goes_away_while_it_is_read_is_away_and_not_damaged(keys: KeysInMemory, letter: Path) -> None:
    class Breaking(io.BytesIO):
        def read(self, most: int | None = -1) -> bytes:
            if self.tell() > 100_000:
                raise StoreUnavailable("the connection broke off")
            return super().read(min(most or 1 << 16, 1 << 16))

    class Far(MemoryStore):
        def open(self, key: str, version: str | None = None) -> BinaryIO:
            return Breaking(super().open(key, version).read())

    store = EncryptingStore(Far(), keys)
    store.put_new(KEY, letter)
    with pytest.raises(StoreUnavailable):
        store.open(KEY)


def test_what_waits_in_the_spool_is_sealed_and_what_another_machine_has_put_meanwhile_is_no_damage(
    keys: KeysInMemory, letter: Path, tmp_path: Path
) -> None:
    far = Absent()
    far.fault = StoreUnavailable("away")
    spool = EncryptingStore(LocalStore(tmp_path / "spool"), keys)
    store = SpoolingStore(EncryptingStore(far, keys), spool, 1 << 24, "here")
    vault = Vault(store)
    kept = vault.keep(letter)
    (file,) = (file for file in (tmp_path / "spool").rglob("*") if file.is_file())
    assert file.read_bytes().startswith(MARK)
    assert [one.size for one in store.waiting()] == [len(LETTER)]
    far.fault = None
    EncryptingStore(far, keys).put_new(KEY, letter)
    handed_on = store.hand_on(kept.key)
    assert (handed_on.found, handed_on.stored.size) == (None, len(LETTER))
    store.let_go(kept.key)
    with vault.open(kept.sha256) as stream:
        assert stream.read() == LETTER


class Full(io.BytesIO):
    def write(self, _block: object) -> int:
        raise OSError(ENOSPC, "no room")


def test_a_disk_that_is_full_is_said_to_be_so_though_the_library_makes_every_error_one_of_its_own() -> None:
    secret, sealed = new_key(), io.BytesIO()
    seal(io.BytesIO(LETTER), sealed, secret)
    for act, source in ((seal, LETTER), (unseal, sealed.getvalue())):
        with pytest.raises(OSError, match="no room") as told:
            act(io.BytesIO(source), Full(), secret)
        assert told.value.errno == ENOSPC


def test_a_data_key_is_opened_by_the_master_key_that_wrapped_it_alone() -> None:
    secret, master = new_key(), new_key()
    wrapped = wrap(secret, public_half(master))
    assert unwrap(wrapped, master) == secret
    for wrong, key in ((wrapped, new_key()), (wrapped[:-1], master), (b"", master)):
        with pytest.raises(NotSealed):
            unwrap(wrong, key)
    with pytest.raises(ValueError, match="not a private key"):
        public_half("AGE-SECRET-KEY-1NOT")
