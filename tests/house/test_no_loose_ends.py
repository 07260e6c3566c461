"""Nothing is left lying about: unfinished marks, a developer's paths, causes that nobody gives, bare configuration."""

from __future__ import annotations

import re
import subprocess
import tomllib
from pathlib import Path

import pytest

from mailroom.domain.errors import Cause

ROOT = Path(__file__).parents[2]
MARKS = ("TO" + "DO", "FIX" + "ME", "X" + "XX", "HA" + "CK")
PLACES = re.compile(r"/(?:work|home|root|Users)/")
SOURCES = (".py", ".toml", ".md", ".txt", ".sh", ".yml", ".html", ".css", ".js", "Makefile", "Dockerfile")


def sources() -> list[Path]:
    """The files that are kept or are about to be, by git's own word."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    if listed.returncode != 0:
        pytest.skip("not a working copy of git")
    files = [ROOT / name for name in listed.stdout.splitlines() if name.endswith(SOURCES)]
    return [file for file in files if file.is_file()]


def test_no_mark_of_something_unfinished_is_left() -> None:
    word = re.compile(rf"\b(?:{'|'.join(MARKS)})\b")
    assert [str(file) for file in sources() if word.search(file.read_text(encoding="utf-8"))] == []


def test_no_path_of_a_developer_s_machine_is_left() -> None:
    mine = Path(__file__)
    found = [file for file in sources() if file != mine and PLACES.search(file.read_text(encoding="utf-8"))]
    assert [str(file.relative_to(ROOT)) for file in found] == []


TABLES = ["services.toml", "clocks.toml", "retention.toml", "teams.toml", "templates.toml", "returns.toml"]


@pytest.mark.parametrize("cause", Cause)
def test_every_cause_is_given_somewhere(cause: Cause) -> None:
    code = (file for file in (ROOT / "mailroom").rglob("*.py") if file != ROOT / "mailroom" / "domain" / "errors.py")
    assert any(f"Cause.{cause.name}" in file.read_text(encoding="utf-8") for file in code)


@pytest.mark.parametrize("name", TABLES)
def test_every_key_of_a_table_is_explained_at_the_head_of_its_file(name: str) -> None:
    text = (ROOT / "config" / name).read_text(encoding="utf-8")
    comments = "\n".join(line for line in text.splitlines() if line.startswith("#"))
    (tables,) = (entries for key, entries in tomllib.loads(text).items() if key == name.removesuffix(".toml"))
    keys = {key for table in tables.values() for key in table}
    assert {key for key in keys if not re.search(rf"\b{re.escape(key)}\b", comments)} == set()


@pytest.mark.parametrize("file", sorted((ROOT / "config").glob("*.toml")), ids=lambda file: file.name)
def test_every_configuration_file_begins_with_words(file: Path) -> None:
    assert file.read_text(encoding="utf-8").startswith("#")
