"""`status`, `show`, `find` and `original`: what is there and where it stands."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import typer

from mailroom.bootstrap import existing_mailroom
from mailroom.cli.asking import (
    NOTHING_FOUND,
    Shown,
    console,
    errors,
    print_json,
    print_lines,
    refuse_without_folder,
    say_nothing,
    viewer_from,
)
from mailroom.cli.headlines import headlines
from mailroom.cli.moments import as_people_write, date_from
from mailroom.cli.tables import print_table
from mailroom.desk.audit import fetch_original, show_item
from mailroom.desk.item_view import who
from mailroom.desk.performance import status as status_of
from mailroom.desk.searching import find_items
from mailroom.domain.alarm_words import plain_subject
from mailroom.domain.counting import many
from mailroom.domain.errors import MailroomError, NeedsPerson
from mailroom.records.ledger import Days

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON for scripts.")]
AskedAs = Annotated[str | None, typer.Option("--as", help="Ask as a role, for instance back_office:planning+limited.")]
Purpose = Annotated[str, typer.Option(help="Why you look; it is logged with the item.")]

_LEDGER = (("channel",), ("received",), ("captured",), ("waiting",), ("exceptions",), ("refused",))
_WHOLE_NAME = "name: finds a whole name as it was read, initials and all; leave it out to find by a word of the name."
_FOUND = (("reference", "received"), ("channel", "state"), ("what", "from"), ("team",))


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
    days = Days(*(date_from(day) if day else None for day in (first, last)))
    with existing_mailroom() as services:
        found = status_of(viewer_from(asked_as, services), services, days)
    if as_json:
        print_json(found)
        return
    print_channels(found["channels"])
    promise = found["one_working_day"]
    share = "-" if promise["share"] is None else f"{promise['share']:.1%}"
    print_lines({"one_working_day": {**promise, "share": share}})
    alarms = [{**alarm, "subject": plain_subject(alarm["subject"])} for alarm in found["alarms"]]
    if found["waiting_for_store"]:
        print_lines({"waiting for the store": f"{many(found['waiting_for_store'], 'object')}; the alarm says why"})
    if found["mail"]:
        print_lines({"mail": [_way(way) for way in found["mail"]]})
    print_lines({"incomplete": found["incomplete"], "alarms": alarms, "not_shown": found["not_shown"]})


def _way(way: Mapping[str, Any]) -> dict[str, Any]:
    return {**way, **{moment: as_people_write(way[moment]) for moment in ("looked_at", "last_mail")}}


def print_channels(channels: Mapping[str, Mapping[str, int]]) -> None:
    """Print the ledger, a line for each channel."""
    print_table(_LEDGER, [(name, *(line[key[0]] for key in _LEDGER[1:])) for name, line in channels.items()])


def show(
    item: str,
    everything: Annotated[bool, typer.Option("--all", help="Everything on record, not the headlines alone.")] = False,
    as_json: AsJson = False,
    asked_as: AskedAs = None,
    purpose: Purpose = "operator",
) -> None:
    """Show where an item stands, by reference or id; with --all everything on record about it."""
    with existing_mailroom() as services:
        found = show_item(item, viewer_from(asked_as, services), purpose, services)
    if as_json:
        print_json(found)
        return
    print_lines(headlines(found))
    if everything:
        console.print()
        print_lines(found)
    else:
        console.print(f"All on record: mailroom show {found['reference']} --all", markup=False)


def find(query: str, as_json: AsJson = False, asked_as: AskedAs = None) -> None:
    """Find items by reference, name, postcode or words, and mails by subject, sender's address or Message-ID."""
    with existing_mailroom() as services:
        found = find_items(query, viewer_from(asked_as, services), services)
    if as_json:
        print_json({"items": found})
        return
    if not found:
        say_nothing(NOTHING_FOUND)
        if "name:" in query.lower():
            say_nothing(_WHOLE_NAME)
        return
    print_table(_FOUND, [_row(line) for line in found])


def _row(line: Mapping[str, Any]) -> tuple[Shown, ...]:
    case = line["case"] or {"title": None, "team_name": None}
    shown = (line["reference"], line["received_at"][:10], line["channel"], line["state"])
    return (*shown, case["title"], who(line["sender"]), case["team_name"])


def original(
    item: str,
    output: Annotated[Path, typer.Option("-o", "--output", help="Where to write the bytes as received.")],
    force: Annotated[bool, typer.Option("--force", help="Write over a file that is there.")] = False,
    digest: Annotated[str | None, typer.Option(help="Which one, where the item has several.")] = None,
    quarantined: Annotated[
        bool, typer.Option("--quarantined", help="Write it though it may do harm; for auditors, and put on record.")
    ] = False,
    asked_as: AskedAs = None,
    purpose: Purpose = "operator",
) -> None:
    """Write an item's original, byte for byte as received, checked against its digest."""
    refuse_without_folder(output)
    if output.is_file() and not force:
        raise MailroomError(f"{output} is there already. Name another file, or write over it with --force.")
    with existing_mailroom() as services:
        viewer = viewer_from(asked_as, services)
        try:
            sha256 = fetch_original(item, output, viewer, purpose, services, digest, held_back=quarantined)
        except NeedsPerson as held:
            raise MailroomError(f"{held} An auditor who examines it says so by --quarantined.") from held
    console.print(f"{output}: original verified, SHA-256 {sha256}", markup=False)
    if quarantined:
        errors.print("It may do harm: keep it where nothing can run it.")
