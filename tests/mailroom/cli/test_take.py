"""`take`: files in by hand, each a new receipt, copied and never moved."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Ask = Callable[..., Any]
Taken = dict[str, dict[str, Any]]


def test_every_file_of_a_folder_is_taken_and_carried_through(taken: Taken, house: dict[str, Any]) -> None:
    assert set(taken) == {"request.txt", "risk.txt", "unclear.txt", "empty.txt"}
    assert {name: line["state"] for name, line in taken.items() if name != "risk.txt"} == {
        "request.txt": "captured",
        "unclear.txt": "exception",
        "empty.txt": "exception",
    }
    assert all(line["case"] for line in taken.values())
    assert {file.name for file in house["post"].iterdir()} == set(taken)


def test_the_json_has_the_keys_that_scripts_rely_on(taken: Taken) -> None:
    for line in taken.values():
        assert line.keys() >= {"path", "item", "channel", "state", "case"}
        assert line["channel"] == "post"


def test_each_call_is_a_new_receipt_that_names_the_first(ask: Ask, taken: Taken, tmp_path: Path) -> None:
    letter = tmp_path / "letter.txt"
    letter.write_text("Dear Sir, once", encoding="utf-8")
    first, second = (ask("take", letter, "--json", data=tmp_path / "data").json[0] for _ in range(2))
    assert first["item"] != second["item"]
    assert (first["repeat_of"], second["repeat_of"]) == (None, first["reference"])
    assert (first["state"], first["case"]) == ("waiting", None)
    assert letter.read_text(encoding="utf-8") == "Dear Sir, once"


@pytest.mark.parametrize(
    ("name", "options", "channel"),
    [("a.txt", (), "post"), ("a.eml", (), "email"), ("a.EML", (), "email"), ("a.eml", ("--channel", "fax"), "fax")],
)
def test_the_channel_is_the_one_said_or_goes_by_the_kind_of_file(
    ask: Ask, tmp_path: Path, name: str, options: tuple[str, ...], channel: str
) -> None:
    (tmp_path / name).write_text("Subject: x\n\nDear Sir", encoding="utf-8")
    assert ask("take", tmp_path / name, *options, "--json", data=tmp_path / "data").json[0]["channel"] == channel


@pytest.mark.parametrize(
    ("received", "stored"),
    [
        ("2026-11-20", "2026-11-20T12:00:00+00:00"),
        ("2026-06-20", "2026-06-20T11:00:00+00:00"),
        ("2026-06-20T09:30", "2026-06-20T08:30:00+00:00"),
        ("2026-06-20T09:30:00+00:00", "2026-06-20T09:30:00+00:00"),
        ("20261120", "2026-11-20T12:00:00+00:00"),
    ],
)
def test_the_moment_of_receipt_is_london_time_unless_it_says_otherwise(
    ask: Ask, tmp_path: Path, received: str, stored: str
) -> None:
    (tmp_path / "a.txt").write_text("Dear Sir", encoding="utf-8")
    data = tmp_path / "data"
    line = ask("take", tmp_path / "a.txt", "--received", received, "--json", data=data).json[0]
    shown = ask("show", line["item"], "--json", data=data).json
    assert (shown["received_at"], shown["receipt_assumed"]) == (stored, False)


def test_without_a_date_the_file_s_own_stands_in_and_is_marked(ask: Ask, tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("Dear Sir", encoding="utf-8")
    line = ask("take", tmp_path / "a.txt", "--json", data=tmp_path / "data").json[0]
    assert ask("show", line["item"], "--json", data=tmp_path / "data").json["receipt_assumed"] is True


@pytest.mark.parametrize("received", ["yesterday", "2026-13-01", "2999-01-01"])
def test_a_moment_that_cannot_be_is_refused_with_its_own_words(ask: Ask, tmp_path: Path, received: str) -> None:
    (tmp_path / "a.txt").write_text("Dear Sir", encoding="utf-8")
    answer = ask("take", tmp_path / "a.txt", "--received", received, data=tmp_path / "data")
    assert answer.code == 2
    assert received in answer.err


def test_a_file_that_is_not_there_is_named_and_nothing_is_taken(ask: Ask, tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("Dear Sir", encoding="utf-8")
    answer = ask("take", tmp_path / "a.txt", tmp_path / "b.txt", data=tmp_path / "data")
    assert answer.code == 2
    assert "b.txt" in answer.err.replace("\n", "")
    assert ask("status", "--json", data=tmp_path / "data").json["channels"] == {}


def test_the_spool_is_empty_afterwards(house: dict[str, Any]) -> None:
    assert list((house["data"] / "spool").iterdir()) == []
    assert list((house["data"] / "scratch").iterdir()) == []
