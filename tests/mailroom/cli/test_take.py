"""`take`: files in by hand, each a new receipt, copied and never moved."""

from __future__ import annotations

import errno
import shutil
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import typer

from mailroom.cli.take import moment_of_receipt, under_way
from mailroom.domain.capture import Receipt
from mailroom.domain.errors import Transient
from mailroom.journey.hold_up import PATIENCE, hold_up
from mailroom.services import Services

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


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("2026-11-22", "2026-11-22T08:00:00+00:00"),
        ("2026-11-22T23:59", "2026-11-22T08:00:00+00:00"),
        ("2026-11-22T07:30", "2026-11-22T07:30:00+00:00"),
        ("2026-11-21", "2026-11-21T12:00:00+00:00"),
    ],
)
def test_today_may_be_said_before_noon_and_nothing_is_received_in_the_future(text: str, meant: str) -> None:
    moment = moment_of_receipt(text, datetime(2026, 11, 22, 8, tzinfo=UTC))
    assert moment == datetime.fromisoformat(meant)


def test_today_is_london_s() -> None:
    late = datetime(2026, 6, 20, 23, 30, tzinfo=UTC)
    assert moment_of_receipt("2026-06-21", late) == late
    with pytest.raises(typer.BadParameter):
        moment_of_receipt("2026-06-22", late)


def test_without_room_nothing_is_taken_and_the_setting_is_named(
    ask: Ask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MAILROOM_INTAKE__LEAST_FREE_MEGABYTES", str(1 << 40))
    (tmp_path / "a.txt").write_text("Dear Sir", encoding="utf-8")
    answer = ask("take", tmp_path / "a.txt", "--json", data=tmp_path / "data")
    assert (answer.code, answer.json[0]["item"]) == (1, None)
    assert "are kept free (intake.least_free_megabytes)" in answer.json[0]["error"]
    checked = ask("check", data=tmp_path / "data")
    assert checked.code != 0
    assert "intake.least_free_megabytes" in checked.out


def test_what_was_accepted_is_accounted_for_when_another_file_cannot_be_taken(
    ask: Ask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("a.txt", "b.txt", "c.txt"):
        (tmp_path / name).write_text("Dear Sir", encoding="utf-8")
    real = shutil.copyfile

    def copy(source: Path, target: Path) -> None:
        if source.name == "b.txt":
            raise OSError(errno.EIO, "Input/output error", str(source))
        real(source, target)

    monkeypatch.setattr("shutil.copyfile", copy)
    paths = [tmp_path / name for name in ("a.txt", "b.txt", "c.txt")]
    answer = ask("take", *paths, "--json", data=tmp_path / "data")
    assert answer.code == 1
    assert [(line["item"] is None, line["state"]) for line in answer.json] == [
        (False, "waiting"),
        (True, None),
        (False, "waiting"),
    ]
    assert [line["error"] for line in answer.json] == [None, "It cannot be read or copied (Input/output error).", None]


def test_what_was_accepted_is_accounted_for_when_nobody_can_carry_it(ask: Ask, tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("Dear Sir", encoding="utf-8")
    with pytest.MonkeyPatch.context() as broken:
        broken.setenv("MAILROOM_OCR__LANGUAGES", "xxx")
        answer = ask("take", tmp_path / "a.txt", "--wait", "--json", data=tmp_path / "data")
    assert answer.code == 2
    assert answer.json[0]["state"] == "waiting"
    assert "xxx" in answer.err


def test_nobody_waits_for_what_something_outside_holds_up(services: Services, deliver: Callable[..., Receipt]) -> None:
    held, free = (deliver(b"Dear Sir").item_id for _ in range(2))
    for _ in range(PATIENCE):
        assert under_way(services) == {held, free}
        hold_up(held, "unpack", 1, Transient("The store cannot be read now."), services)
    assert under_way(services) == {free}


def test_a_file_that_is_not_there_is_named_and_nothing_is_taken(ask: Ask, tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("Dear Sir", encoding="utf-8")
    answer = ask("take", tmp_path / "a.txt", tmp_path / "b.txt", data=tmp_path / "data")
    assert answer.code == 2
    assert "b.txt" in answer.err.replace("\n", "")
    assert not (tmp_path / "data").exists()


def test_nobody_else_on_the_machine_may_read_what_was_taken_and_released(house: dict[str, Any]) -> None:
    data: Path = house["data"]
    assert data.stat().st_mode & 0o777 == 0o700
    open_to_others = [path for path in data.rglob("*") if not path.is_symlink() and path.stat().st_mode & 0o027]
    assert open_to_others == []
    released = [path for path in (data / "release").rglob("*") if path.is_file()]
    assert released
    assert {path.stat().st_mode & 0o777 for path in released} == {0o640}
    assert {path.parent.stat().st_mode & 0o777 for path in released} == {0o750}


def test_the_spool_is_empty_afterwards(house: dict[str, Any]) -> None:
    assert list((house["data"] / "spool").iterdir()) == []
    assert list((house["data"] / "scratch").iterdir()) == []
