"""A second copy stands in for a first one that is damaged, and mends it; nothing that is damaged is destroyed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from hashlib import sha256
from pathlib import Path

import pytest
from notebook import Notebook

from storage.damage import Copy, Damage
from storage.errors import KeyTaken, ObjectMissing, StoreUnavailable, VaultBreach
from storage.local import LocalStore
from storage.store import SET_ASIDE
from storage.vault import Vault, original_key
from storage.whereabouts import Whereabouts

LETTER = b"Dear council, the drain is blocked. " * 400
DIGEST = sha256(LETTER).hexdigest()
KEY = original_key(DIGEST)


@pytest.fixture
def notebook() -> Notebook:
    return Notebook()


@pytest.fixture
def vault(tmp_path: Path, notebook: Notebook) -> Vault:
    """A vault over two folders, with a letter in both."""
    made = Vault(LocalStore(tmp_path / "first"), LocalStore(tmp_path / "second"), notebook)
    letter = tmp_path / "letter"
    letter.write_bytes(LETTER)
    made.keep(letter)
    made.copies.double(DIGEST, KEY)
    notebook.where[KEY] = replace(notebook.where[KEY], copied=True)
    return made


@pytest.fixture
def damage(tmp_path: Path) -> Callable[..., None]:
    """Damages a copy: other bytes, or none at all."""

    def make(copy: str, content: bytes | None = b"something else") -> None:
        place = tmp_path / copy / KEY
        place.unlink()
        if content is not None:
            place.write_bytes(content)

    return make


@pytest.mark.parametrize("content", [None, b"something else", LETTER[:-1], LETTER[:-1] + b"!"])
def test_whoever_reads_is_given_the_second_copy_and_the_damage_is_told(
    vault: Vault, notebook: Notebook, damage: Callable[..., None], tmp_path: Path, content: bytes | None
) -> None:
    damage("first", content)
    with vault.open(DIGEST) as stream:
        assert stream.read() == LETTER
    assert vault.verified_copy(DIGEST, tmp_path / "copy").read_bytes() == LETTER
    found = sha256(content).hexdigest() if content is not None else None
    assert notebook.damage == [Damage(KEY, DIGEST, Copy.FIRST, found)] * 2


def test_where_neither_copy_is_what_was_kept_nothing_is_given_out(
    vault: Vault, notebook: Notebook, damage: Callable[..., None]
) -> None:
    damage("first")
    damage("second", None)
    with pytest.raises(VaultBreach, match="other bytes in the store"):
        vault.open(DIGEST)
    assert {told.copy for told in notebook.damage} == {Copy.FIRST, Copy.SECOND}


def test_a_second_copy_stands_in_for_a_store_that_is_away_which_is_no_damage(
    vault: Vault, notebook: Notebook, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    whole = LocalStore.open

    def away(store: LocalStore, key: str, version: str | None = None) -> object:
        if store._root == tmp_path / "first":
            raise StoreUnavailable("away")
        return whole(store, key, version)

    monkeypatch.setattr(LocalStore, "open", away)
    with vault.open(DIGEST) as stream:
        assert stream.read() == LETTER
    assert notebook.damage == []
    notebook.where[KEY] = replace(notebook.where[KEY], copied=False)
    with pytest.raises(StoreUnavailable):
        vault.open(DIGEST)


@pytest.mark.parametrize("content", [None, b"something else"])
@pytest.mark.parametrize("copy", Copy)
def test_a_copy_is_mended_from_the_other_and_what_lay_there_is_set_aside(
    vault: Vault, damage: Callable[..., None], tmp_path: Path, copy: Copy, content: bytes | None
) -> None:
    damage(copy, content)
    stored, aside = vault.copies.mend(copy, DIGEST, KEY)
    assert stored.key == KEY
    assert (tmp_path / copy / KEY).read_bytes() == LETTER
    assert vault.copies.check(copy, DIGEST, KEY) is None
    assert (Path(aside).read_bytes() if aside else None) == content
    assert (aside is None) == (content is None)
    assert not aside or Path(aside).is_relative_to(tmp_path / copy / SET_ASIDE)


def test_a_copy_is_not_mended_from_one_that_is_damaged_itself(
    vault: Vault, damage: Callable[..., None], tmp_path: Path
) -> None:
    damage("first")
    damage("second", b"damaged, too")
    with pytest.raises(VaultBreach):
        vault.copies.mend(Copy.FIRST, DIGEST, KEY)
    assert (tmp_path / "first" / KEY).read_bytes() == b"something else"


def test_what_was_never_copied_cannot_be_mended_and_is_no_damage_of_the_second_store(
    vault: Vault, notebook: Notebook, damage: Callable[..., None]
) -> None:
    damage("first")
    damage("second", None)
    notebook.where[KEY] = replace(notebook.where[KEY], copied=False)
    with pytest.raises(ObjectMissing, match="has no second copy"):
        vault.copies.mend(Copy.FIRST, DIGEST, KEY)
    assert notebook.damage == []


def test_a_damaged_first_copy_is_not_doubled(vault: Vault, damage: Callable[..., None], tmp_path: Path) -> None:
    damage("second", None)
    damage("first")
    with pytest.raises(VaultBreach):
        vault.copies.double(DIGEST, KEY)
    assert not (tmp_path / "second" / KEY).exists()


def test_other_bytes_in_the_second_store_are_damage_and_stay(
    vault: Vault, notebook: Notebook, damage: Callable[..., None], tmp_path: Path
) -> None:
    damage("second")
    with pytest.raises(VaultBreach) as breach:
        vault.copies.double(DIGEST, KEY)
    assert isinstance(breach.value.__cause__, KeyTaken)
    assert notebook.damage == [Damage(KEY, DIGEST, Copy.SECOND, sha256(b"something else").hexdigest())]
    assert (tmp_path / "second" / KEY).read_bytes() == b"something else"


def test_what_waits_in_the_spool_of_another_machine_is_no_breach(vault: Vault, notebook: Notebook) -> None:
    other = original_key("0" * 64)
    notebook.where[other] = Whereabouts(waits_on="another")
    with pytest.raises(StoreUnavailable, match="waits in the spool of another"):
        vault.open("0" * 64)
    assert notebook.damage == []
