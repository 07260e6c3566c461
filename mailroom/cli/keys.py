"""`keys`: the master keys by which what is kept is encrypted: make one, see what each wraps, wrap all by the newest."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from mailroom.bootstrap import existing_mailroom
from mailroom.bootstrap.encryption import add_master_key
from mailroom.cli.asking import console, operator, print_json
from mailroom.cli.look import AsJson
from mailroom.domain.counting import many
from mailroom.duties.encryption import masters_in_figures
from mailroom.duties.rewrap import rewrap_all

commands = typer.Typer(no_args_is_help=True, help="The master keys of what is kept: make, show, rotate.")


def register(app: typer.Typer) -> None:
    """Add the commands of this file."""
    app.add_typer(commands, name="keys")


@commands.command()
def make(file: Annotated[Path, typer.Argument(help="Where; made where it is missing.")]) -> None:
    """Make a master key and put it first in a file; those in it stay, for they open what they have wrapped."""
    console.print(f"{add_master_key(file)} stands first in {file}.", markup=False, soft_wrap=True)
    console.print("Put a copy of the file into a safe now: without it nothing that is encrypted can ever be read.")


@commands.command()
def show(as_json: AsJson = False) -> None:
    """Show which master key wraps the data keys of how many objects."""
    with existing_mailroom() as services:
        found = masters_in_figures(services)
    if as_json:
        print_json(found)
        return
    for one in found:
        told = ", wraps what comes in now" if one["wraps"] else ""
        console.print(f"{one['master']}: {many(one['objects'], 'object')}{told}", markup=False, soft_wrap=True)
    if not found:
        console.print("Nothing is encrypted here: encryption.key_file names no file.")


@commands.command()
def rotate(as_json: AsJson = False) -> None:
    """Wrap the data keys of all objects by the first master key of the file; no object is touched."""
    with existing_mailroom() as services, console.status("Wrapping") as shown:
        done = rewrap_all(
            services, operator(), lambda number: shown.update(f"Wrapped so far: {many(number, 'data key')}")
        )
        found = masters_in_figures(services)
    if as_json:
        print_json({"rewrapped": done, "masters": found})
        return
    console.print(f"Wrapped by {found[0]['master']} now: {many(done, 'data key')}.", markup=False, soft_wrap=True)
    console.print(
        "Former master keys open nothing of this mailroom any more. Backups taken before still need them: keep them in "
        "the safe as long as those."
    )
