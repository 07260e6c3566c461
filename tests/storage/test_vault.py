"""The vault gives back what was received or nothing at all."""

from __future__ import annotations

import os
from hashlib import sha256
from pathlib import Path

import pytest
from notebook import Notebook

from storage.damage import Copy, Damage
from storage.errors import KeyTaken, SourceChanged, VaultBreach
from storage.local import LocalStore
from storage.memory import MemoryStore
from storage.store import SET_ASIDE, StoredObject
from storage.vault import Vault, original_key

LETTER = b"Dear council, the drain is blocked. " * 40_000
DIGEST = sha256(LETTER).hexdigest()


@pytest.fixture
def vault(tmp_path: Path) -> Vault:
    return Vault(LocalStore(tmp_path / "store"))


@pytest.fixture
def letter(tmp_path: Path) -> Path:
    path = tmp_path / "letter"
    path.write_bytes(LETTER)
    return path


def damage(path: Path, content: bytes) -> None:
    path.chmod(0o640)
    path.write_bytes(content)


def test_an_original_is_named_by_its_digest_and_comes_back(vault: Vault, letter: Path, tmp_path: Path) -> None:
    kept = vault.keep(letter)
    assert (kept.sha256, kept.size, kept.key) == (DIGEST, len(LETTER), f"originals/{DIGEST[:2]}/{DIGEST}")
    with vault.open(DIGEST) as stream:
        assert stream.read() == LETTER
    assert vault.verified_copy(DIGEST, tmp_path / "copy").read_bytes() == LETTER
    assert letter.read_bytes() == LETTER


def test_equal_bytes_share_one_object(vault: Vault, letter: Path, tmp_path: Path) -> None:
    assert vault.keep(letter) == vault.keep(letter)
    assert len(list((tmp_path / "store/originals").rglob(DIGEST))) == 1


@pytest.mark.parametrize(
    "bytes_now",
    [LETTER[:-1], LETTER + b" ", bytes([LETTER[0] ^ 1]) + LETTER[1:], b""],
    ids=["shorter", "longer", "one bit", "empty"],
)
def test_changed_bytes_are_never_given_out(vault: Vault, letter: Path, tmp_path: Path, bytes_now: bytes) -> None:
    kept = vault.keep(letter)
    damage(tmp_path / "store" / kept.key, bytes_now)
    (tmp_path / "copy").write_bytes(b"what was here before")
    with pytest.raises(VaultBreach):
        vault.open(DIGEST)
    with pytest.raises(VaultBreach):
        vault.verified_copy(DIGEST, tmp_path / "copy")
    assert (tmp_path / "copy").read_bytes() == b"what was here before"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["copy", "letter", "store"]


def test_a_file_that_changes_between_digest_and_copy_is_not_kept(letter: Path) -> None:
    class WrittenToMeanwhile(MemoryStore):
        def put_new(self, key: str, source: Path, sha256: str | None = None) -> StoredObject:
            source.write_bytes(b"another letter")
            return super().put_new(key, source, sha256)

    store = WrittenToMeanwhile()
    with pytest.raises(SourceChanged):
        Vault(store).keep(letter)
    assert list(store.list()) == []


def test_a_missing_original_is_a_breach(vault: Vault, tmp_path: Path) -> None:
    with pytest.raises(VaultBreach):
        vault.open(DIGEST)
    with pytest.raises(VaultBreach):
        vault.verified_copy(DIGEST, tmp_path / "copy")


def test_keeping_over_a_damaged_original_puts_it_right_and_is_no_silent_success(letter: Path, tmp_path: Path) -> None:
    notebook = Notebook()
    vault = Vault(LocalStore(tmp_path / "store"), register=notebook)
    kept = vault.keep(letter)
    damage(tmp_path / "store" / kept.key, b"something else")
    assert vault.keep(letter) == kept
    with vault.open(DIGEST) as stream:
        assert stream.read() == LETTER
    assert notebook.damage == [Damage(kept.key, DIGEST, Copy.FIRST, sha256(b"something else").hexdigest())]
    (aside,) = (file for file in (tmp_path / "store" / SET_ASIDE).rglob("*") if file.is_file())
    assert aside.read_bytes() == b"something else"


def test_damage_is_found_on_every_read_not_only_the_first(vault: Vault, letter: Path, tmp_path: Path) -> None:
    kept = vault.keep(letter)
    vault.open(DIGEST).close()
    damage(tmp_path / "store" / kept.key, LETTER[::-1])
    with pytest.raises(VaultBreach):
        vault.open(DIGEST)


def test_what_was_opened_stays_what_was_checked(vault: Vault, letter: Path, tmp_path: Path) -> None:
    kept = vault.keep(letter)
    with vault.open(DIGEST) as stream:
        damage(tmp_path / "store" / kept.key, b"changed after the check")
        assert stream.read() == LETTER


def test_an_original_larger_than_memory_allows_is_read_through_a_file(vault: Vault, tmp_path: Path) -> None:
    content = os.urandom(9 << 20)
    (tmp_path / "scan").write_bytes(content)
    kept = vault.keep(tmp_path / "scan")
    with vault.open(kept.sha256) as stream:
        assert stream.read() == content


def test_a_rendition_is_kept_under_its_own_key_and_checked_as_well(vault: Vault, letter: Path, tmp_path: Path) -> None:
    kept = vault.keep_rendition("item-1/run-2/page-1.jpg", letter)
    assert kept.key == "renditions/item-1/run-2/page-1.jpg"
    with vault.open(kept.sha256, kept.key) as stream:
        assert stream.read() == LETTER
    damage(tmp_path / "store" / kept.key, b"other")
    with pytest.raises(VaultBreach):
        vault.open(kept.sha256, kept.key)


def test_another_rendition_under_the_same_key_is_an_error(vault: Vault, letter: Path) -> None:
    vault.keep_rendition("item-1/text", letter)
    letter.write_bytes(b"another run")
    with pytest.raises(KeyTaken):
        vault.keep_rendition("item-1/text", letter)


@pytest.mark.parametrize("digest", ["", "abc", DIGEST.upper(), "../" + DIGEST[:61], DIGEST + "\n"])
def test_what_is_no_digest_names_no_original(digest: str) -> None:
    with pytest.raises(ValueError, match="SHA-256"):
        original_key(digest)
