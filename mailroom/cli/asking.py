"""Who asks on the command line, and how answers are printed: for people, or as JSON for scripts.

Whoever may run commands on this machine can read its disk, so the command line asks as its operator, who may see
everything; each look is logged under the account's name. `--as` asks as somebody else would, to see what they see.
"""

from __future__ import annotations

import getpass
import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import typer
from rich.console import Console
from rich.text import Text

from mailroom.desk.acting import Refused
from mailroom.desk.naming import team_named
from mailroom.domain.access import Role, Viewer
from mailroom.domain.errors import MailroomError
from mailroom.services import Services

_NOT_SHOWN = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069]")

console = Console(soft_wrap=True, highlight=False)
errors = Console(stderr=True, soft_wrap=True, highlight=False)


NOTHING_FOUND = "Nothing found."
NOTHING_WAITS = "Nothing waits."

Shown = str | int | float | list[Any] | None
"""What can stand in a table or after a key."""


def operator() -> str:
    """Return the account of whoever runs a command, as it stands in the chain of custody."""
    return f"cli:{getpass.getuser()}"


def viewer_from(asked_as: str | None, services: Services) -> Viewer:
    """Return who asks.

    Args:
        asked_as: None for the operator; else a role, with `:team,team` for the back office and `+limited` at the end
            for somebody named for limited access, for instance `back_office:planning+limited`.
        services: the bundle, which knows the teams.

    Raises:
        typer.BadParameter: it is none of these, or names a team that there is not.
    """
    name = operator()
    if asked_as is None:
        return Viewer(name, frozenset({Role.POST_ROOM, Role.AUDITOR}), named_for_limited=True)
    wanted, _, extra = asked_as.partition("+")
    role, _, named = wanted.partition(":")
    if role not in list(Role) or extra not in ("", "limited"):
        known = ", ".join(Role)
        raise typer.BadParameter(f"--as {asked_as}: write one of {known}, for instance back_office:planning+limited")
    return Viewer(name, frozenset({Role(role)}), _teams_named(named, services), extra == "limited")


def _teams_named(named: str, services: Services) -> frozenset[str]:
    try:
        return frozenset(team_named(key, services).key for key in named.split(",") if key)
    except Refused as wrong:
        raise typer.BadParameter(f"--as: {wrong}") from wrong


def refuse_without_folder(output: Path) -> None:
    """Refuse a file that cannot be written because there is no such folder.

    Raises:
        MailroomError: there is none.
    """
    if not output.absolute().parent.is_dir():
        raise MailroomError(f"There is no folder {output.parent}. Make it, or name a file in another.")


def print_json(data: Any) -> None:  # noqa: ANN401  # whatever JSON can hold
    """Print the data as JSON and nothing else."""
    print(json.dumps(data, indent=2, ensure_ascii=False))


def print_lines(data: Mapping[str, Any], indent: int = 0) -> None:
    """Print nested data for people: one line for each value, indented, nothing left out."""
    pad = " " * indent
    for key, value in data.items():
        if isinstance(value, Mapping):
            console.print(f"{pad}{key}:", markup=False)
            print_lines(value, indent + 2)
        elif isinstance(value, list) and value and isinstance(value[0], Mapping):
            console.print(f"{pad}{key}:", markup=False)
            for entry in value:
                print_lines(entry, indent + 4)
                console.print()
        else:
            console.print(f"{pad}{key}: {plain(value)}", markup=False)


def say_nothing(sentence: str) -> None:
    """Say that there is nothing to list: on the error output, so that a pipe gets lines of the list only."""
    errors.print(sentence)


def cell(value: Shown) -> Text:
    """Return the value as it stands in a table: as it is, without the brackets that would colour or link it."""
    return Text(" ".join(plain(value).split()))


def plain(value: Any) -> str:  # noqa: ANN401  # whatever a record or an answer holds
    """Return the value as text that a terminal can only show; letters may hold escape sequences and turned writing."""
    if value is None:
        return "-"
    if value == []:
        return "-"
    if isinstance(value, float):
        return f"{value:.3f}".rstrip("0").rstrip(".")
    text = ", ".join(map(plain, value)) if isinstance(value, list) else str(value)
    return _NOT_SHOWN.sub("", text)
