"""`mailroom evidence`: a bundle that its own verifier proves, and a sentence where there is none."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from mailroom.evidence import verify_evidence

Ask = Callable[..., Any]
Taken = dict[str, dict[str, Any]]


def proved(bundle: Path, key: str) -> bool:
    command = [sys.executable, "-I", "-S", verify_evidence.__file__, str(bundle), "--key", key]
    return subprocess.run(command, capture_output=True, timeout=60, check=False).returncode == 0


def test_a_bundle_of_several_items_is_proved_by_the_key_that_heads_shows(
    ask: Ask, taken: Taken, tmp_path: Path
) -> None:
    target = tmp_path / "evidence.zip"
    items = [taken[name]["item"] for name in ("request.txt", "empty.txt")]
    said = ask("evidence", *items, "-o", target, "--json")
    assert said.code == 0
    assert (said.json["file"], said.json["sealed"]) == (str(target), True)
    assert [one["reference"] for one in said.json["items"]] == [
        ask("show", one, "--json").json["reference"] for one in items
    ]
    key = ask("heads", "--json").json["key"]
    assert said.json["key"] == key
    assert proved(target, key)


def test_references_can_stand_in_a_list(ask: Ask, taken: Taken, tmp_path: Path) -> None:
    names = tmp_path / "names.txt"
    names.write_text(f"\n{taken['request.txt']['item']}\n  {taken['unclear.txt']['item']}\n\n")
    answer = ask("evidence", "--list", names, "-o", tmp_path / "many.zip", "--json")
    assert len(answer.json["items"]) == 2


def test_people_are_told_what_it_is_and_which_key_it_needs(ask: Ask, taken: Taken, tmp_path: Path) -> None:
    target = tmp_path / "evidence.zip"
    said = ask("evidence", taken["request.txt"]["item"], "-o", target, "--case").out
    assert f"{target}: 1 item, 1 original, " in said
    assert "checked by its own verifier" in said
    assert ask("heads", "--json").json["key"] in said


def test_no_file_is_written_over_unless_it_is_said(ask: Ask, taken: Taken, tmp_path: Path) -> None:
    target = tmp_path / "evidence.zip"
    target.write_text("mine")
    refused = ask("evidence", taken["request.txt"]["item"], "-o", target)
    assert (refused.code, target.read_text()) == (1, "mine")
    assert "--force" in refused.err
    assert ask("evidence", taken["request.txt"]["item"], "-o", target, "--force").code == 0
    assert target.read_bytes().startswith(b"PK")


@pytest.mark.parametrize(
    ("words", "code", "sentence"),
    [
        (("HD-26-000099-X",), 1, "There is no item 'HD-26-000099-X' that you may see."),
        ((), 1, "Name at least one item."),
        (("--list", "nowhere.txt"), 2, "cannot be read as a list of references"),
    ],
)
def test_what_cannot_be_done_is_a_sentence(
    words: tuple[str, ...], code: int, sentence: str, ask: Ask, tmp_path: Path
) -> None:
    answer = ask("evidence", *words, "-o", tmp_path / "evidence.zip")
    assert (answer.code, sentence in " ".join(answer.err.split())) == (code, True)
    assert list(tmp_path.iterdir()) == []


def test_what_is_limited_is_not_there_for_those_who_are_not_named(ask: Ask, taken: Taken, tmp_path: Path) -> None:
    item, target = taken["risk.txt"]["item"], tmp_path / "evidence.zip"
    assert ask("evidence", item, "-o", target, "--as", "auditor").code == 1
    assert ask("evidence", item, "-o", target, "--as", "post_room+limited").code == 1
    assert not target.exists()
    assert ask("evidence", item, "-o", target, "--as", "auditor+limited", "--purpose", "court").code == 0
