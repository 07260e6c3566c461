"""`check`, and how any command speaks of a setting that is wrong: by file and key, with exit code 2."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

CONFIG = Path(__file__).parents[3] / "config"
Ask = Callable[..., Any]


@pytest.fixture
def config(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, ask: Ask) -> Path:
    """A copy of the configuration that a test may spoil."""
    folder = Path(shutil.copytree(CONFIG, tmp_path / "config"))
    monkeypatch.setenv("MAILROOM_CONFIG", str(folder))
    return folder


def replace(file: Path, old: str, new: str) -> None:
    text = file.read_text(encoding="utf-8")
    assert old in text
    file.write_text(text.replace(old, new, 1), encoding="utf-8")


def test_a_sound_mailroom_passes_every_check(ask: Ask) -> None:
    answer = ask("check", "--json")
    assert answer.code == 0, answer.out
    names = {line["name"] for line in answer.json}
    assert {"packages", "data", "release", "calendar", "reading", "sorting", "mail", "acknowledge"} <= names
    assert all(line.keys() == {"name", "sound", "sentence"} for line in answer.json)


@pytest.mark.parametrize(
    ("file", "old", "new", "named"),
    [
        ("mailroom.toml", 'prefix = "HD"', 'prefix = "hd1"', "council.prefix"),
        ("mailroom.toml", "pages = 2000", "pages = 0", "limits.pages"),
        ("mailroom.toml", "[ocr]", "[ocr]\ncolour = 1", "ocr.colour"),
        ("mailroom.toml", 'channel = "post"', 'channel = "pigeon"', "folders.post.channel"),
        ("mailroom.toml", "[council]", "[council", "not valid TOML"),
        ("services.toml", 'team = "revenues"', 'team = "nobody"', "teams.nobody"),
        ("services.toml", '"capture_one_working_day"', '"some_day"', "clocks.some_day"),
        ("services.toml", 'retention = "council_tax"', 'retention = "for_ever"', "for_ever"),
        ("services.toml", 'acknowledgement = "received"', 'acknowledgement = "shout"', "shout"),
        ("teams.toml", 'DateRec = "date_received"', 'DateRec = "mood"', "release.csv.DateRec"),
        ("clocks.toml", 'unit = "working_days"', 'unit = "moons"', "moons"),
    ],
)
def test_a_slip_in_a_file_names_the_file_and_the_key(
    ask: Ask, config: Path, file: str, old: str, new: str, named: str
) -> None:
    replace(config / file, old, new)
    answer = ask("status")
    assert answer.code == 2
    said = answer.err.replace("\n", "")
    assert file in said
    assert named in said
    assert "Traceback" not in answer.err


def test_the_environment_is_named_when_it_is_wrong(ask: Ask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MAILROOM_LIMITS__PAGES", "many")
    answer = ask("status")
    assert answer.code == 2
    assert "limits.pages" in answer.err


def test_a_configuration_that_is_not_there_is_named_with_the_variable(
    ask: Ask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MAILROOM_CONFIG", str(tmp_path / "nowhere"))
    answer = ask("status")
    assert answer.code == 2
    assert "nowhere" in answer.err
    assert "MAILROOM_CONFIG" in answer.err


def test_a_data_directory_that_cannot_be_made_is_named_with_the_variable(ask: Ask, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way", encoding="utf-8")
    answer = ask("status", data=tmp_path / "file")
    assert answer.code == 2
    assert "MAILROOM_DATA" in answer.err


@pytest.mark.usefixtures("made_by_its_folder")
@pytest.mark.parametrize(
    "command",
    ["status", "show HD-26-000001-J", "find refuse", "queue post_room", "reconcile", "verify", "account list"],
)
def test_who_asks_where_there_is_no_mailroom_is_told_so_and_makes_none(ask: Ask, tmp_path: Path, command: str) -> None:
    answer = ask(*command.split(), data=tmp_path / "data")
    assert answer.code == 2
    assert f"There is no mailroom in {tmp_path / 'data'}. Set MAILROOM_DATA" in answer.err
    assert not (tmp_path / "data").exists()


def test_a_fresh_and_empty_data_directory_is_a_fresh_mailroom(ask: Ask, tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    assert ask("status", data=tmp_path / "data").code == 0


@pytest.mark.parametrize("command", ["take letter.txt", "account join Ann --role administrator"])
def test_who_hands_something_in_or_joins_begins_a_mailroom(ask: Ask, tmp_path: Path, command: str) -> None:
    (tmp_path / "letter.txt").write_text("Dear Sir\n", encoding="utf-8")
    words = [str(tmp_path / word) if word == "letter.txt" else word for word in command.split()]
    assert ask(*words, data=tmp_path / "data").code == 0
    assert (tmp_path / "data").is_dir()


@pytest.mark.parametrize(
    ("file", "old", "new", "named"),
    [
        ("replies/received.en.txt", "{reference}", "{refrence}", "received.en.txt"),
        ("replies/received.cy.txt", "Subject: ", "Pwnc: ", "received.cy.txt"),
        ("rules.toml", "[rules.foi]", "[rules.foy]", "rules.foy"),
        ("rules.toml", "threshold = ", "threshhold = ", "rules.toml"),
        ("calendar.toml", 'nation = "england"', 'nation = "narnia"', "narnia"),
        ("mailroom.toml", 'classifier = "rules"', 'classifier = "oracle"', "oracle"),
    ],
)
def test_check_finds_what_only_shows_later(ask: Ask, config: Path, file: str, old: str, new: str, named: str) -> None:
    replace(config / file, old, new)
    answer = ask("check", "--json")
    assert answer.code == 1
    assert any(named in line["sentence"] for line in answer.json if not line["sound"])


def test_a_part_that_there_is_not_is_named(ask: Ask, config: Path) -> None:
    replace(config / "mailroom.toml", 'store = "local"', 'store = "attic"')
    answer = ask("status")
    assert (answer.code, "attic" in answer.err) == (2, True)


@pytest.mark.parametrize("in_the_way", ["release", "release/revenues"])
def test_check_finds_a_release_folder_that_is_none(ask: Ask, tmp_path: Path, in_the_way: str) -> None:
    place = tmp_path / "data" / in_the_way
    place.parent.mkdir(parents=True, mode=0o700)
    (tmp_path / "data").chmod(0o700)
    place.touch()
    answer = ask("check", "--json", data=tmp_path / "data")
    assert answer.code == 1
    assert [line["name"] for line in answer.json if not line["sound"]] == ["release"]
    assert any(str(place) in line["sentence"] for line in answer.json)


def test_check_finds_a_data_directory_that_everybody_may_enter(ask: Ask, tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data").chmod(0o755)
    answer = ask("check", "--json", data=tmp_path / "data")
    assert [line["name"] for line in answer.json if not line["sound"]] == ["data"]


def test_check_says_what_is_missing_for_reading(ask: Ask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MAILROOM_OCR__LANGUAGES", "eng+xyz")
    answer = ask("check", "--json")
    assert answer.code == 1
    assert any("xyz" in line["sentence"] for line in answer.json if not line["sound"])


def test_an_unknown_command_is_refused(ask: Ask) -> None:
    assert ask("shred").code == 2
