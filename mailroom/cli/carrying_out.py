"""`export` and `redact`: items carried out as a bag that any archive takes in, and copies with places painted over."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer
from rich.progress import Progress

from mailroom.bags.export import Wanted
from mailroom.bags.export import export as write_bag
from mailroom.bootstrap import existing_mailroom
from mailroom.cli.asking import console, errors, plain, print_json, refuse_without_folder, viewer_from
from mailroom.cli.look import AsJson, AskedAs, Purpose
from mailroom.cli.moments import date_from
from mailroom.desk.redacting import Hidden
from mailroom.desk.redacting import redact as make_redacted
from mailroom.domain.errors import MailroomError
from mailroom.records.ledger import Days


def register(app: typer.Typer) -> None:
    """Add the commands of this file."""
    for command in (export, redact):
        app.command()(command)


def export(
    output: Annotated[Path, typer.Option("-o", "--output", help="The folder of the bag, which is not there yet.")],
    items: Annotated[list[str] | None, typer.Argument(help="References of items.")] = None,
    first: Annotated[str | None, typer.Option("--from", help="First day of receipt, YYYY-MM-DD.")] = None,
    last: Annotated[str | None, typer.Option("--to", help="Last day of receipt, YYYY-MM-DD.")] = None,
    as_json: AsJson = False,
    asked_as: AskedAs = None,
    purpose: Purpose = "operator",
) -> None:
    """Write a bag (BagIt, RFC 8493): originals as received, an index as CSV, and the custody of each item."""
    days = Days(*(date_from(day) if day else None for day in (first, last)))
    wanted = Wanted(tuple(items or ()), days, purpose)
    with existing_mailroom() as services, Progress(console=errors, disable=not errors.is_terminal) as progress:
        task = progress.add_task("Items")
        viewer = viewer_from(asked_as, services)
        done = write_bag(
            wanted, output, viewer, services, lambda there, total: progress.update(task, completed=there, total=total)
        )
    if as_json:
        print_json({"bag": str(output), **asdict(done)})
    else:
        console.print(f"In {output}: items {done.items}, originals {done.originals}.", markup=False)
        for sentence in done.left_out:
            console.print(f"Not in it: {plain(sentence)}", markup=False)
    if done.left_out:
        raise typer.Exit(1)


def redact(
    item: str,
    output: Annotated[Path, typer.Option("-o", "--output", help="The PDF to write.")],
    reason: Annotated[str, typer.Option(help="What the copy is for; it is put on record.")],
    page: Annotated[list[int] | None, typer.Option(help="A page of the item, from 1. Default: all, for words.")] = None,
    box: Annotated[
        list[str] | None,
        typer.Option(help="X,Y,WIDTH,HEIGHT in pixels of the page, or PAGE:X,Y,WIDTH,HEIGHT. More in docs/copies.md."),
    ] = None,
    words: Annotated[list[str] | None, typer.Option(help="Words to hide wherever they were read.")] = None,
    as_json: AsJson = False,
    asked_as: AskedAs = None,
) -> None:
    """Make a copy with places painted over: pictures alone, no words behind them; the original stays untouched."""
    refuse_without_folder(output)
    if output.exists():
        raise MailroomError(f"{output} is there already. Name another file.")
    hidden = Hidden(tuple(page or ()), tuple(box or ()), tuple(words or ()), reason)
    with existing_mailroom() as services:
        done = make_redacted(item, hidden, output, viewer_from(asked_as, services), services)
    if as_json:
        print_json({**done.as_json(), "file": str(output)})
        return
    console.print(f"{done.sentence} Pages in {output}: {done.facts['pages']}.", markup=False)
    if done.facts["without_picture"]:
        errors.print(f"Pages that have no picture and are not in it: {done.facts['without_picture']}.")
    errors.print("Look at every page before you give it out: what the machine did not read it did not find.")
