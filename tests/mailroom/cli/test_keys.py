"""`keys`, and what `check` and `restore` say of master keys, as a person at the terminal sees them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Ask = Callable[..., Any]


@pytest.fixture
def key_file(ask: Ask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A file with a master key, and a mailroom of its own that has kept a letter with it."""
    file = tmp_path / "masters"
    answer = ask("keys", "make", file)
    assert answer.code == 0
    assert answer.out.startswith("age1")
    assert "Put a copy of the file into a safe now" in answer.out
    monkeypatch.setenv("MAILROOM_ENCRYPTION__KEY_FILE", str(file))
    (tmp_path / "letter.txt").write_text("Dear council")
    assert ask("take", tmp_path / "letter.txt", data=tmp_path / "data").code == 0
    return file


def test_a_new_master_key_is_made_shown_and_rotated_to(key_file: Path, ask: Ask) -> None:
    former = ask("keys", "show", "--json").json[0]["master"]
    assert ask("keys", "make", key_file).code == 0
    shown = ask("keys", "show", "--json").json
    assert [(one["objects"], one["wraps"]) for one in shown] == [(0, True), (1, False)]
    assert shown[1]["master"] == former
    assert f"{former}: 1 object\n" in ask("keys", "show").out
    assert "Former master keys wrap 1 of their data keys" in ask("check").out
    assert "now: 1 data key.\n" in ask("keys", "rotate").out
    assert ask("keys", "rotate", "--json").json["rewrapped"] == 0
    assert "ok   encryption: What comes in is encrypted, with age1" in ask("check").out
    assert ask("verify").code == 0


def test_without_the_file_nothing_starts_and_the_sentence_says_what_to_do(key_file: Path, ask: Ask) -> None:
    key_file.rename(key_file.with_name("away"))
    for command in ("status", "check"):
        answer = ask(command)
        assert answer.code == 2
        assert "encryption.key_file" in answer.err
        assert "is not there. Without its keys nothing that is encrypted can be read: bring it back" in answer.err


def test_where_nothing_is_encrypted_that_is_said(ask: Ask) -> None:
    assert "Nothing is encrypted here: encryption.key_file names no file." in ask("keys", "show").out
    answer = ask("keys", "rotate")
    assert answer.code == 2
    assert "nothing is encrypted here" in answer.err
    assert "ok   encryption: What is kept lies in the store as it came, not encrypted" in ask("check").out
