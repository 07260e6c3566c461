"""`backup`, `restore` and `drill` as a person at the terminal reads them."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Ask = Callable[..., Any]


@pytest.fixture
def shelf(ask: Ask, tmp_path: Path) -> Path:
    """A folder with a backup of the house."""
    answer = ask("backup", tmp_path / "backups")
    assert answer.code == 0, answer.err
    assert " is finished, in " in answer.out
    assert "4 items (0 under way), " in answer.out
    assert "custody.pem: the private key that signs heads" in answer.out
    return tmp_path / "backups"


def test_a_restore_says_what_is_back_what_is_held_back_and_what_comes_next(
    ask: Ask, shelf: Path, tmp_path: Path, house: dict[str, Any]
) -> None:
    answer = ask("restore", shelf, data=tmp_path / "again")
    assert answer.code == 0, answer.err
    assert ": 4 items, 4 originals, " in answer.out
    assert "each digest was checked" in answer.out
    assert "the key that signs heads is not here: put it back before, or a new one is made" in answer.out
    assert "Next: mailroom check, then mailroom reconcile, and docs/backup.md" in answer.out
    shutil.copyfile(house["data"] / "custody.pem", tmp_path / "again" / "custody.pem")
    assert ask("verify", data=tmp_path / "again").code == 0
    refused = ask("restore", shelf, data=tmp_path / "again")
    assert (refused.code, refused.out) == (2, "")
    assert "nothing is written over it" in refused.err.replace("\n", " ")


def test_a_drill_says_that_all_is_true_or_names_what_is_not(ask: Ask, shelf: Path) -> None:
    answer = ask("drill", shelf)
    assert (answer.code, "All of it is true" in answer.out) == (0, True)
    victim = next(file for file in (shelf / "objects").rglob("originals/*/*") if file.is_file())
    victim.unlink()
    answer = ask("drill", shelf)
    assert answer.code == 1
    assert f"object originals/{victim.name[:2]}/{victim.name} is missing from the backup" in answer.out
    assert "All of it is true" not in answer.out
    damaged = ask("restore", shelf, data=shelf / "no mailroom")
    assert damaged.code == 1
    assert "Nothing was restored." in damaged.out


def test_where_no_folder_is_named_it_is_asked_for(ask: Ask) -> None:
    for command in ("backup", "drill"):
        answer = ask(command)
        assert answer.code == 2
        assert "set backup.folder in mailroom.toml" in answer.err.replace("\n", " ")


def test_check_says_how_it_stands_with_backups(ask: Ask, shelf: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def finding() -> dict[str, Any]:
        (found,) = (one for one in ask("check", "--json").json if one["name"] == "backup")
        return dict(found)

    assert finding()["sentence"].startswith("No backup is taken by itself, for backup.folder names no folder; the last")
    monkeypatch.setenv("MAILROOM_BACKUP__FOLDER", str(shelf))
    assert finding()["sound"]
    monkeypatch.setenv("MAILROOM_BACKUP__ALARM_AFTER_HOURS", "0.000001")
    found = finding()
    assert (found["sound"], "too old" in found["sentence"]) == (False, True)
