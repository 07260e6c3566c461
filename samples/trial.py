"""`make trial`: the pages over the sample post, with somebody at every desk, to be tried in a browser.

Carries the sample post through a fresh mailroom where `make demo` has not done so yet, lets one person join for each
desk and serves the pages until Ctrl-C. The passwords are made anew each time and printed: a trial on this machine.
"""

from __future__ import annotations

import os
import secrets
import subprocess
import sys

from demo import DATA, SETTINGS
from rich.console import Console
from rich.table import Table

from mailroom.bootstrap import open_mailroom
from mailroom.desk.accounts import NewPassword, Post, join, reset
from mailroom.desk.acting import Refused
from mailroom.desk.signing_in import choose_password, sign_in
from mailroom.domain.access import Role, Viewer
from mailroom.services import Services

PEOPLE: dict[str, tuple[str, Post]] = {
    "kim": ("Kim, post room", Post(frozenset({Role.POST_ROOM}))),
    "noor": ("Noor, post room, limited access", Post(frozenset({Role.POST_ROOM}), named_for_limited=True)),
    "sam": ("Sam, Revenues and Benefits", Post(frozenset({Role.BACK_OFFICE}), frozenset({"revenues", "benefits"}))),
    "ada": ("Ada, auditor", Post(frozenset({Role.AUDITOR}), named_for_limited=True)),
    "max": ("Max, manager", Post(frozenset({Role.MANAGER}))),
    "bo": ("Bo, administrator", Post(frozenset({Role.ADMINISTRATOR}))),
}
"""Who is at which desk, and what they do there."""

_SETTINGS = {name: value for name, value in SETTINGS.items() if name != "MAILROOM_WEB__PORT"}
"""The demonstration's, but with pages: on the port that the environment or `config/` says."""

_OPERATOR = Viewer("trial", frozenset({Role.ADMINISTRATOR}))
_console = Console(highlight=False)


def main() -> int:
    """Make everything ready and serve the pages; return the exit code."""
    os.environ.update(_SETTINGS)
    if not (DATA / "mailroom.sqlite").exists():
        subprocess.run([sys.executable, "samples/demo.py"], check=True)
    password = secrets.token_hex(8)
    with open_mailroom() as services:
        for name in PEOPLE:
            _let_in(name, password, services)
        _print_people(password, services)
    os.execv(sys.executable, [sys.executable, "-m", "mailroom", "run"])  # noqa: S606  # our own command


def _let_in(name: str, password: str, services: Services) -> None:
    new = _joined(name, services)
    choose_password(sign_in(name, new.password, "", services), new.password, password, services)


def _joined(name: str, services: Services) -> NewPassword:
    display_name, post = PEOPLE[name]
    try:
        return join(name, display_name, post, _OPERATOR, services)
    except Refused:
        return reset(name, _OPERATOR, services)


def _print_people(password: str, services: Services) -> None:
    table = Table("name", "who", "password", box=None)
    for name, (display_name, _) in PEOPLE.items():
        table.add_row(name, display_name, password)
    _console.print(table)
    _console.print(f"Open {services.settings.web.address} and sign in.")


if __name__ == "__main__":
    sys.exit(main())
