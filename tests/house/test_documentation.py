"""What a reader is told is there: commands, options, files and keys that the pages name, a comment at every key."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click
import pytest
import typer
from pydantic import BaseModel

from mailroom.cli.app import app
from mailroom.settings import Settings

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
CONFIG = ROOT / "config" / "mailroom.toml"
COMMANDS = ("run", "work", "take", "status", "show", "find", "original", "verify", "reconcile", "check")
OPTIONS = ("--channel", "--received", "--wait", "--json", "--from", "--to", "--digest", "-o")
TARGETS = ("make demo", "make test", "make run", "make check", "make test-corpus", "make bench")
PAGES = (ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").glob("*.md")))
FILES = {"custody.pem", "custody.json"}
ADDRESSES = ("database_url", "database_admin_url")
FROM_THE_ENVIRONMENT = {"data", "config", *ADDRESSES, *(f"{address}_file" for address in ADDRESSES)}


def commands() -> dict[str, click.Command]:
    group = typer.main.get_command(app)
    return dict(group.commands)  # type: ignore[attr-defined]  # an application of several commands is a group


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_of_the_contract_is_there_and_in_the_readme(command: str) -> None:
    assert command in commands()
    assert f"mailroom {command}" in README


@pytest.mark.parametrize("option", OPTIONS)
def test_every_option_of_the_contract_is_there_and_in_the_readme(option: str) -> None:
    there = {name for command in commands().values() for parameter in command.params for name in parameter.opts}
    assert option in there
    assert option in README


@pytest.mark.parametrize("command", sorted(name for name, command in commands().items() if not command.hidden))
def test_every_command_says_what_it_does_and_is_in_the_readme(command: str) -> None:
    assert commands()[command].help
    assert f"`{command}" in README or f"mailroom {command}" in README


@pytest.mark.parametrize("target", TARGETS)
def test_every_target_of_the_contract_is_there_and_in_the_readme(target: str) -> None:
    name = target.removeprefix("make ")
    assert re.search(rf"^{re.escape(name)}\s*:", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)
    assert target in README


def variables() -> set[str]:
    """The environment variables that the code names."""
    found = set()
    for folder in ("mailroom", "ocr", "classifiers", "storage"):
        for file in (ROOT / folder).rglob("*.py"):
            found |= set(re.findall(r"MAILROOM_[A-Z]+(?:_[A-Z]+)*", file.read_text(encoding="utf-8")))
    return found - {"MAILROOM"}


@pytest.mark.parametrize("variable", sorted(variables()))
def test_every_environment_variable_is_in_the_readme(variable: str) -> None:
    assert variable in README


def test_every_key_of_the_settings_has_a_comment() -> None:
    lines = CONFIG.read_text(encoding="utf-8").splitlines()
    bare = []
    explained = False
    for line in lines:
        if line.startswith("#"):
            explained = True
        elif not line.strip():
            explained = False
        elif re.match(r"[a-z_]+ = ", line) and not explained:
            bare.append(line)
    # the second folder is explained by the first, key by key
    assert [line for line in bare if not re.match(r"(path|channel|pattern) = ", line)] == []


def keys_of(model: type[BaseModel], prefix: str = "") -> Iterator[str]:
    for name, field in model.model_fields.items():
        kind = field.annotation
        if isinstance(kind, type) and issubclass(kind, BaseModel):
            yield from keys_of(kind, f"{prefix}{name}.")
        else:
            yield f"{prefix}{name}"


def keys_in(table: dict[str, Any], above: str = "") -> Iterator[str]:
    for key, value in table.items():
        yield f"{above}{key}"
        if isinstance(value, dict):
            yield from keys_in(value, f"{above}{key}.")


def test_every_setting_stands_in_the_file() -> None:
    table = tomllib.loads(CONFIG.read_text(encoding="utf-8"))
    there = set(keys_in(table))
    wanted = {key for key in keys_of(Settings) if key.partition(".")[0] not in FROM_THE_ENVIRONMENT | {"folders"}}
    assert wanted - there == set()
    assert set(table["folders"])


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_file_that_a_page_leads_to_is_there(page: Path) -> None:
    led_to = re.findall(r"\]\((?!https:)([^)#]+)\)", page.read_text(encoding="utf-8"))
    assert [path for path in led_to if not (page.parent / path).exists()] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_key_that_a_page_names_is_a_setting(page: Path) -> None:
    known = {key for key in keys_of(Settings) if "." in key}
    tables = {key.partition(".")[0] for key in known}
    named = re.findall(r"`([a-z0-9_]+)\.([a-z_.]+)`", page.read_text(encoding="utf-8"))
    keys = {f"{table}.{key}" for table, key in named if table in tables} - FILES
    assert keys - known == set()
