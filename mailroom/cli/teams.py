"""The teams' commands: their queue, and what they do with what they were handed."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated

import typer
from rich.table import Column, Table

from mailroom.bootstrap import open_mailroom
from mailroom.cli.asking import cell, console, print_json, viewer_from
from mailroom.cli.desk import tell
from mailroom.cli.look import AsJson, AskedAs
from mailroom.cli.moments import date_from, moment_from
from mailroom.desk.back_office import accept as accept_item
from mailroom.desk.back_office import allocate, close_case, hold_reply, return_item
from mailroom.desk.back_office import queue as queue_of


def register(app: typer.Typer) -> None:
    """Add the commands of this file."""
    for command in (queue, accept, close, hold):
        app.command()(command)
    app.command("allocate")(allocate_to)
    app.command("return")(return_to_post_room)


def queue(
    team: Annotated[str, typer.Argument(help="Key of a team in teams.toml.")],
    as_json: AsJson = False,
    asked_as: AskedAs = None,
) -> None:
    """Show what a team has before it, what is due first on top."""
    with open_mailroom() as services:
        found = queue_of(team, viewer_from(asked_as), services)
    if as_json:
        print_json({"team": team, "items": found})
        return
    whole = (Column(heading, no_wrap=True) for heading in ("due", "reference"))
    table = Table(*whole, "what", "from", "channel", "age", "owner", "state")
    for line in found:
        due = "late" if line["late"] else (line["due_at"] or "-")[:16].replace("T", " ")
        shown = (due, line["reference"], line["what"], line["from"] or "-", line["channel"])
        table.add_row(*map(cell, (*shown, f"{line['age_days']} d", line["owner"], line["state"])))
    console.print(table)


def accept(
    item: str,
    officer: Annotated[str | None, typer.Option(help="Account name of who has it from now on.")] = None,
    as_json: AsJson = False,
    asked_as: AskedAs = None,
) -> None:
    """Take an item on for its team."""
    with open_mailroom() as services:
        done = accept_item(item, viewer_from(asked_as), services, officer=officer)
    tell(done, as_json=as_json)


def allocate_to(item: str, officer: str, as_json: AsJson = False, asked_as: AskedAs = None) -> None:
    """Give an item to an officer of its team."""
    with open_mailroom() as services:
        done = allocate(item, officer, viewer_from(asked_as), services)
    tell(done, as_json=as_json)


def return_to_post_room(
    item: str,
    reason: Annotated[str, typer.Option(help="Why: the post room routes it by that.")],
    as_json: AsJson = False,
    asked_as: AskedAs = None,
) -> None:
    """Return an item to the post room."""
    with open_mailroom() as services:
        done = return_item(item, reason, viewer_from(asked_as), services)
    tell(done, as_json=as_json)


def close(
    item: str,
    outcome: Annotated[str, typer.Option(help="How it ended, for instance 'discount granted'.")],
    replied: Annotated[str | None, typer.Option(help="When the reply went out, ISO 8601. Default: now.")] = None,
    as_json: AsJson = False,
    asked_as: AskedAs = None,
) -> None:
    """Close the case of an item."""
    at = moment_from(replied) if replied else datetime.now(UTC)
    with open_mailroom() as services:
        done = close_case(item, outcome, at, viewer_from(asked_as), services)
    tell(done, as_json=as_json)


def hold(
    item: str,
    until: Annotated[str, typer.Option(help="The date that the sender was promised, YYYY-MM-DD.")],
    as_json: AsJson = False,
    asked_as: AskedAs = None,
) -> None:
    """Note that the sender was told when the full answer will come."""
    promised = date_from(until)
    with open_mailroom() as services:
        done = hold_reply(item, promised, viewer_from(asked_as), services)
    tell(done, as_json=as_json)
