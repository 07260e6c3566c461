"""`scrub`, `move-store` and `legal-hold` as a script and a person at the terminal see them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Ask = Callable[..., Any]


@pytest.fixture
def mailroom(ask: Ask, tmp_path: Path) -> list[Path]:
    """A mailroom of its own with two letters; the files in which they are kept."""
    for name in ("one", "two"):
        (tmp_path / f"{name}.txt").write_text(f"Dear council, {name}")
        assert ask("take", str(tmp_path / f"{name}.txt"), data=tmp_path / "data").code == 0
    return sorted(file for file in (tmp_path / "data" / "vault" / "originals").rglob("*") if file.is_file())


def test_a_whole_store_is_said_to_be_whole(mailroom: list[Path], ask: Ask) -> None:
    answer = ask("scrub")
    assert answer.code == 0, answer.err
    assert "Read to the end: 2 of 2 objects; the whole of them." in answer.out
    assert "What was looked at is what was kept." in answer.out


def test_what_is_damaged_and_has_no_copy_is_named_with_its_item_and_the_exit_code_says_so(
    mailroom: list[Path], ask: Ask
) -> None:
    mailroom[0].unlink()
    answer = ask("scrub", "--all")
    assert answer.code == 1
    assert f"{mailroom[0].name} (HD-26-00000" in answer.out
    assert "There is no second copy (second_copy.store)." in answer.out
    assert "1 copy is not what was kept." in answer.out
    told = ask("scrub", "--json")
    assert (told.code, told.json["checked"], told.json["not_mended"]) == (1, 2, 1)


def test_where_there_is_no_second_store_there_is_nothing_to_move_to(mailroom: list[Path], ask: Ask) -> None:
    answer = ask("move-store")
    assert answer.code == 2
    assert "second_copy.store: name the store to move to there" in answer.err


def test_a_store_that_is_not_the_same_cannot_be_called_so(
    mailroom: list[Path], ask: Ask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MAILROOM_PARTS__STORE", "memory")
    assert ask("status").code == 2
    answer = ask("move-store", "--renamed")
    assert answer.code == 1
    assert "The store of the settings is another one: it does not hold originals/" in answer.err


def test_a_hold_is_placed_and_released(mailroom: list[Path], ask: Ask) -> None:
    answer = ask("legal-hold", "HD-26-000001-L", "--reason", "court order")
    assert answer.code == 0, answer.err
    assert "HD-26-000001-L is under legal hold" in answer.out
    assert ask("legal-hold", "HD-26-000001-L", "--reason", "settled", "--release", "--as", "post_room").code == 1
    assert ask("legal-hold", "HD-26-000001-L", "--reason", "settled", "--release", "--json").json["reference"]
