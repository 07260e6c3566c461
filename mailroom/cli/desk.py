"""The post room's commands: settle, correct, reroute, shield, split, join, add, take back, print, rescan, retry.

Each says in one sentence what happened, or in JSON, and exits with 1 and a sentence where it is refused.
"""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from mailroom.bootstrap import existing_mailroom
from mailroom.cli.asking import NOTHING_FOUND, NOTHING_WAITS, console, print_json, print_lines, say_nothing, viewer_from
from mailroom.cli.look import AsJson, AskedAs
from mailroom.cli.moments import moment_from
from mailroom.cli.tables import print_table
from mailroom.desk.acting import Done
from mailroom.desk.adding import add as add_item
from mailroom.desk.correcting import confirm_received, correct_received, dates_to_confirm
from mailroom.desk.correcting import correct as correct_field
from mailroom.desk.joining import join as join_items
from mailroom.desk.letters import letters_to_print, undo_acknowledgement
from mailroom.desk.naming import case_types
from mailroom.desk.post_room import mark_sensitive, retake
from mailroom.desk.post_room import reroute as reroute_item
from mailroom.desk.post_room import settle as settle_item
from mailroom.desk.printing import print_letters
from mailroom.desk.retrying import retry as retry_item
from mailroom.desk.splitting import split as split_item

Reason = Annotated[str, typer.Option(help="Why; it stays with the correction.")]
_TYPES = (("key",), ("title",), ("team",))
Because = Annotated[str | None, typer.Option("--reason", help="Why, if that is not plain.")]


def register(app: typer.Typer) -> None:
    """Add the commands of this file."""
    for command in (types, settle, correct, reroute, sensitive, redate, split, join, add, undo, letters, rescan, retry):
        app.command()(command)
    app.command("confirm-date")(confirm_date)


def tell(done: Done, *, as_json: bool) -> None:
    """Print what came of a command."""
    if as_json:
        print_json(done.as_json())
    else:
        console.print(done.sentence, markup=False)


def types(
    words: Annotated[list[str] | None, typer.Argument(help="Words of key, title or team; all must be there.")] = None,
    as_json: AsJson = False,
) -> None:
    """List the case types that an item can be settled as."""
    with existing_mailroom() as services:
        found = case_types(words or [], services)
    if as_json:
        print_json(found)
    elif found:
        print_table(_TYPES, [(line["key"], line["title"], line["team"]) for line in found])
    else:
        say_nothing(NOTHING_FOUND)


def settle(
    item: str,
    case_type: Annotated[str, typer.Argument(help="Its key; `mailroom types` lists them.")],
    reason: Because = None,
    as_json: AsJson = False,
    asked_as: AskedAs = None,
) -> None:
    """Settle an exception as a case type."""
    with existing_mailroom() as services:
        done = settle_item(item, case_type, viewer_from(asked_as, services), services, reason=reason)
    tell(done, as_json=as_json)


def correct(
    item: str,
    field: Annotated[str, typer.Argument(help="For instance sender_name, sender_postcode, letter_date.")],
    value: Annotated[str, typer.Argument(help="What it should be; an empty text takes it out.")],
    reason: Because = None,
    as_json: AsJson = False,
    asked_as: AskedAs = None,
) -> None:
    """Correct a piece of index data."""
    with existing_mailroom() as services:
        done = correct_field(item, field, value, viewer_from(asked_as, services), services, reason=reason)
    tell(done, as_json=as_json)


def reroute(
    item: str,
    reason: Reason,
    team: Annotated[str | None, typer.Option(help="Key of a team; `mailroom types` names them.")] = None,
    case_type: Annotated[
        str | None, typer.Option("--type", help="Key of a case type; `mailroom types` lists them.")
    ] = None,
    as_json: AsJson = False,
    asked_as: AskedAs = None,
) -> None:
    """Route a settled item to another team, or settle it as another type."""
    with existing_mailroom() as services:
        viewer = viewer_from(asked_as, services)
        done = reroute_item(item, viewer, services, reason=reason, team=team, case_type=case_type)
    tell(done, as_json=as_json)


def sensitive(item: str, reason: Reason, as_json: AsJson = False, asked_as: AskedAs = None) -> None:
    """Make an item limited-access, and list who had it before."""
    with existing_mailroom() as services:
        done = mark_sensitive(item, viewer_from(asked_as, services), services, reason=reason)
    tell(done, as_json=as_json)
    if not as_json:
        print_lines({"seen by": done.facts["seen_by"], "released files": done.facts["released"]})


def redate(
    item: str,
    received: Annotated[str, typer.Argument(help="When it was received: YYYY-MM-DD (noon is meant) or ISO 8601.")],
    reason: Reason,
    as_json: AsJson = False,
    asked_as: AskedAs = None,
) -> None:
    """Correct the date of receipt; a later one waits for a second person."""
    at: datetime = moment_from(received)
    with existing_mailroom() as services:
        done = correct_received(item, at, viewer_from(asked_as, services), services, reason=reason)
    tell(done, as_json=as_json)


def confirm_date(
    number: Annotated[int | None, typer.Argument(help="Number of the correction; else those that wait.")] = None,
    as_json: AsJson = False,
    asked_as: AskedAs = None,
) -> None:
    """Confirm a later date of receipt that somebody else put in, or list those that wait."""
    with existing_mailroom() as services:
        viewer = viewer_from(asked_as, services)
        if number is not None:
            tell(confirm_received(number, viewer, services), as_json=as_json)
            return
        waiting = dates_to_confirm(viewer, services)
    if waiting or as_json:
        (print_json if as_json else print_lines)({"waiting": waiting})
    else:
        say_nothing(NOTHING_WAITS)


def split(
    item: str,
    first_pages: Annotated[list[int], typer.Argument(help="Pages at which a new letter begins; page 1 is understood.")],
    as_json: AsJson = False,
    asked_as: AskedAs = None,
) -> None:
    """Split an item into its letters."""
    with existing_mailroom() as services:
        done = split_item(item, first_pages, viewer_from(asked_as, services), services)
    tell(done, as_json=as_json)


def join(
    item: str,
    into: Annotated[str, typer.Argument(help="The item that it belongs to.")],
    as_json: AsJson = False,
    asked_as: AskedAs = None,
) -> None:
    """Join an item to another one that it belongs to."""
    with existing_mailroom() as services:
        done = join_items(item, into, viewer_from(asked_as, services), services)
    tell(done, as_json=as_json)


def add(
    item: str,
    case: Annotated[str, typer.Argument(help="Reference of the case, or of an item in it.")],
    as_json: AsJson = False,
    asked_as: AskedAs = None,
) -> None:
    """Add an item to a case that there is: it is a message in that case, and no new work."""
    with existing_mailroom() as services:
        done = add_item(item, case, viewer_from(asked_as, services), services)
    tell(done, as_json=as_json)


def undo(item: str, as_json: AsJson = False, asked_as: AskedAs = None) -> None:
    """Take back the message to the sender while it is still held."""
    with existing_mailroom() as services:
        done = undo_acknowledgement(item, viewer_from(asked_as, services), services)
    tell(done, as_json=as_json)


def letters(
    items: Annotated[list[str] | None, typer.Argument(help="Items to print for; without any, all that wait.")] = None,
    folder: Annotated[Path | None, typer.Option("--print", help="Print them: where the PDFs go.")] = None,
    as_json: AsJson = False,
    asked_as: AskedAs = None,
) -> None:
    """List the letters that wait for a person's word with their addresses, or print them.

    One whose address was read from a page and not typed, or that may have gone out before, is printed only where it is
    named.
    """
    with existing_mailroom() as services:
        viewer = viewer_from(asked_as, services)
        if folder is None:
            found = letters_to_print(viewer, services, items or [])
        else:
            found = print_letters(items or [], viewer, folder, services)
    if found or as_json:
        (print_json if as_json else print_lines)({"letters": found})
    else:
        say_nothing(NOTHING_WAITS)
    if folder is not None and any(line.get("problem") for line in found):
        raise typer.Exit(1)


def rescan(item: str, reason: Because = None, as_json: AsJson = False, asked_as: AskedAs = None) -> None:
    """Ask for a new scan of an item."""
    with existing_mailroom() as services:
        done = retake(item, viewer_from(asked_as, services), services, reason=reason)
    tell(done, as_json=as_json)


def retry(
    item: str,
    stage: Annotated[
        str | None, typer.Option("--from", help="unpack, read or classify. Default: the first whose work is missing.")
    ] = None,
    as_json: AsJson = False,
    asked_as: AskedAs = None,
) -> None:
    """Try an exception again, once what stood in its way is mended."""
    with existing_mailroom() as services:
        done = retry_item(item, viewer_from(asked_as, services), services, stage)
    tell(done, as_json=as_json)
