"""`status`, `show`, `find` and `original`: what is there and where it stands."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.table import Column, Table

from mailroom.bootstrap import open_mailroom
from mailroom.cli.asking import cell, console, print_json, print_lines, viewer_from
from mailroom.cli.moments import date_from
from mailroom.desk.audit import fetch_original, find_items, show_item
from mailroom.desk.performance import status as status_of
from mailroom.records.ledger import Days

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON for scripts.")]
AskedAs = Annotated[str | None, typer.Option("--as", help="Ask as a role, for instance back_office:planning+limited.")]
Purpose = Annotated[str, typer.Option(help="Why you look; it is logged with the item.")]


def register(app: typer.Typer) -> None:
    """Add the commands of this file."""
    for command in (status, show, find, original):
        app.command()(command)


def status(
    as_json: AsJson = False,
    first: Annotated[str | None, typer.Option("--from", help="First day of receipt, YYYY-MM-DD.")] = None,
    last: Annotated[str | None, typer.Option("--to", help="Last day of receipt, YYYY-MM-DD.")] = None,
    asked_as: AskedAs = None,
) -> None:
    """Show the ledger of each channel and the one-day promise."""
    viewer = viewer_from(asked_as)
    with open_mailroom() as services:
        found = status_of(viewer, services, Days(*(date_from(day) if day else None for day in (first, last))))
    if as_json:
        print_json(found)
        return
    table = Table("channel", "received", "captured", "waiting", "exceptions", "refused")
    for channel, line in found["channels"].items():
        table.add_row(*map(cell, (channel, *line.values())))
    console.print(table)
    print_lines({key: found[key] for key in ("one_working_day", "incomplete", "alarms", "not_shown")})


def show(item: str, as_json: AsJson = False, asked_as: AskedAs = None, purpose: Purpose = "operator") -> None:
    """Show everything on record about an item, by reference or id."""
    with open_mailroom() as services:
        found = show_item(item, viewer_from(asked_as), purpose, services)
    (print_json if as_json else print_lines)(found)


def find(query: str, as_json: AsJson = False, asked_as: AskedAs = None) -> None:
    """Find items by reference, name, postcode or words."""
    with open_mailroom() as services:
        found = find_items(query, viewer_from(asked_as), services)
    if as_json:
        print_json({"items": found})
        return
    table = Table(Column("reference", no_wrap=True), "channel", "received", "state", "what", "team")
    for line in found:
        case = line["case"] or {"title": "-", "team": "-"}
        shown = (line["reference"], line["channel"], line["received_at"][:10], line["state"])
        table.add_row(*map(cell, (*shown, case["title"], case["team"])))
    console.print(table)


def original(
    item: str,
    output: Annotated[Path, typer.Option("-o", "--output", help="Where to write the bytes as received.")],
    digest: Annotated[str | None, typer.Option(help="Which one, where the item has several.")] = None,
    asked_as: AskedAs = None,
    purpose: Purpose = "operator",
) -> None:
    """Write an item's original, byte for byte as received, checked against its digest."""
    with open_mailroom() as services:
        sha256 = fetch_original(item, output, viewer_from(asked_as), purpose, services, digest)
    console.print(f"{output}: original verified, SHA-256 {sha256}", markup=False)
