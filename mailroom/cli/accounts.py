"""`account`: who may sign in, from the command line; the first administrator is made here.

Whoever may run commands on this machine acts as its operator; what was done stands in the account's own history.
"""

from __future__ import annotations

import getpass
from typing import Annotated, Any

import typer

from mailroom.bootstrap import existing_mailroom, open_mailroom
from mailroom.cli.asking import console, print_json
from mailroom.cli.look import AsJson
from mailroom.cli.tables import print_table
from mailroom.desk import accounts as desk
from mailroom.desk.accounts import NewPassword, Post
from mailroom.domain.access import Role, Viewer

Roles = Annotated[list[Role], typer.Option("--role", help="What they do here; may be given several times.")]
Teams = Annotated[list[str] | None, typer.Option("--team", help="A team they work in; may be given several times.")]
Limited = Annotated[bool, typer.Option("--limited", help="Named for limited-access items.")]
_COLUMNS = (("name",), ("known as",), ("roles",), ("teams",), ("stands",))

commands = typer.Typer(no_args_is_help=True, help="Who may sign in: join, move, leave, reset, list.")


def register(app: typer.Typer) -> None:
    """Add the commands of this file."""
    app.add_typer(commands, name="account")


@commands.command()
def join(
    name: str,
    roles: Roles,
    known_as: Annotated[str | None, typer.Option(help="The name by which colleagues know them.")] = None,
    teams: Teams = None,
    limited: Limited = False,
) -> None:
    """Let somebody join; prints a password that they can use once."""
    post = Post(frozenset(roles), frozenset(teams or ()), limited)
    with open_mailroom() as services:
        _tell(desk.join(name, known_as or name, post, _operator(), services))


@commands.command()
def move(name: str, roles: Roles, teams: Teams = None, limited: Limited = False) -> None:
    """Change what somebody does here."""
    with existing_mailroom() as services:
        left_behind = desk.move(name, Post(frozenset(roles), frozenset(teams or ()), limited), _operator(), services)
    told = f"{name} has other work now and must sign in anew.{desk.told_of_cases(left_behind)}"
    console.print(told, markup=False)


@commands.command()
def leave(name: str) -> None:
    """Close the account of somebody who leaves."""
    with existing_mailroom() as services:
        left_behind = desk.leave(name, _operator(), services)
    told = f"{name} has left and is signed out everywhere.{desk.told_of_cases(left_behind)}"
    console.print(told, markup=False)


@commands.command()
def reset(name: str) -> None:
    """Give somebody a new password for once, and take their second factor and any pause away."""
    with existing_mailroom() as services:
        _tell(desk.reset(name, _operator(), services))


@commands.command("list")
def list_accounts(as_json: AsJson = False) -> None:
    """List who may sign in, leavers last."""
    with existing_mailroom() as services:
        found = desk.accounts(_operator(), services)
    if as_json:
        print_json(found)
    else:
        print_table(_COLUMNS, [_row(line) for line in found])


def _row(line: dict[str, Any]) -> tuple[str, ...]:
    stands = "left" if line["left_at"] else "must wait" if line["locked_until"] else "may sign in"
    return line["name"], line["display_name"], ", ".join(line["roles"]), ", ".join(line["teams"]), stands


def _tell(new: NewPassword) -> None:
    console.print(f"{new.name} signs in once with the password {new.password} and chooses another.", markup=False)


def _operator() -> Viewer:
    return Viewer(f"cli:{getpass.getuser()}", frozenset({Role.ADMINISTRATOR}))
