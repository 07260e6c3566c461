"""The teams' commands: their queue, and what they do with what they were handed."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Annotated, Any

import typer

from mailroom.bootstrap import existing_mailroom
from mailroom.cli.asking import NOTHING_WAITS, Shown, print_json, say_nothing, viewer_from
from mailroom.cli.desk import tell
from mailroom.cli.look import AsJson, AskedAs
from mailroom.cli.moments import as_people_write, date_from, moment_from
from mailroom.cli.tables import print_table
from mailroom.desk.back_office import accept as accept_item
from mailroom.desk.back_office import allocate, close_case, hold_reply
from mailroom.desk.naming import team_named
from mailroom.desk.queues import waiting
from mailroom.desk.returning import return_item
from mailroom.desk.team_queue import whole_queue
from mailroom.records.team_lines import Show

_TEAM = (("reference", "due"), ("what", "from"), ("channel", "age"), ("owner", "state"))
_POST_ROOM = (("reference", "due"), ("channel",), ("why", "from"), ("perhaps", "title"))


def register(app: typer.Typer) -> None:
    """Add the commands of this file."""
    for command in (queue, accept, close, hold):
        app.command()(command)
    app.command("allocate")(allocate_to)
    app.command("return")(return_to_post_room)


def queue(
    team: Annotated[str, typer.Argument(help="Key of a team, for instance post_room.")],
    as_json: AsJson = False,
    asked_as: AskedAs = None,
    show: Annotated[Show, typer.Option(help="Which part of a team's queue.")] = Show.OPEN,
) -> None:
    """Show what a team has before it, what is due first on top; the post room's: all that needs a person."""
    with existing_mailroom() as services:
        viewer = viewer_from(asked_as, services)
        post_room = team_named(team, services).key == services.catalogue.post_room
        found = waiting(viewer, services) if post_room else whole_queue(team, viewer, services, show)
    if as_json:
        print_json({"team": team, "items": found})
    elif not found:
        say_nothing(NOTHING_WAITS)
    elif post_room:
        print_table(_POST_ROOM, [_waiting_row(line) for line in found])
    else:
        print_table(_TEAM, [_row(line) for line in found])


def _row(line: Mapping[str, Any]) -> tuple[Shown, ...]:
    owner = line["owner"].removeprefix("team:")
    age = f"{line['age_days']} d"
    inside = f"message in {line['message_in']}" if line["message_in"] else None
    what = ", ".join(filter(None, (line["what"], inside, _quoted(line["subject"]))))
    return (line["reference"], _due(line), what, line["from"], line["channel"], age, owner, line["state"])


def _waiting_row(line: Mapping[str, Any]) -> tuple[Shown, ...]:
    why = line["cause_in_words"] or line["what"]
    urgent = "urgent: " if line["urgent"] else ""
    best = line["suggestion"] or {"case_type": None, "title": None}
    told = ", ".join(filter(None, (f"{urgent}{why}", _quoted(line["subject"]))))
    shown = (line["reference"], _due(line), line["channel"], told, line["from"])
    return (*shown, best["case_type"], best["title"])


def _quoted(subject: str | None) -> str | None:
    return f'"{subject}"' if subject else None


def _due(line: Mapping[str, Any]) -> str:
    return as_people_write(line["due_at"], late=line["late"])


def accept(
    item: str,
    officer: Annotated[str | None, typer.Option(help="Account name of who has it from now on.")] = None,
    as_json: AsJson = False,
    asked_as: AskedAs = None,
) -> None:
    """Take an item on for its team."""
    with existing_mailroom() as services:
        done = accept_item(item, viewer_from(asked_as, services), services, officer=officer)
    tell(done, as_json=as_json)


def allocate_to(item: str, officer: str, as_json: AsJson = False, asked_as: AskedAs = None) -> None:
    """Give an item to an officer of its team."""
    with existing_mailroom() as services:
        done = allocate(item, officer, viewer_from(asked_as, services), services)
    tell(done, as_json=as_json)


def return_to_post_room(
    item: str,
    reason: Annotated[str, typer.Option(help="Why: a key of config/returns.toml, or your own words.")],
    words: Annotated[str, typer.Option(help="More in your own words.")] = "",
    belongs_to: Annotated[str | None, typer.Option(help="Key of the case type or team where it belongs.")] = None,
    as_json: AsJson = False,
    asked_as: AskedAs = None,
) -> None:
    """Return an item to the post room."""
    with existing_mailroom() as services:
        viewer = viewer_from(asked_as, services)
        done = return_item(item, reason, viewer, services, words=words, belongs_to=belongs_to)
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
    with existing_mailroom() as services:
        done = close_case(item, outcome, at, viewer_from(asked_as, services), services)
    tell(done, as_json=as_json)


def hold(
    item: str,
    until: Annotated[str, typer.Option(help="The date that the sender was promised, YYYY-MM-DD.")],
    as_json: AsJson = False,
    asked_as: AskedAs = None,
) -> None:
    """Note that the sender was told when the full answer will come."""
    promised = date_from(until)
    with existing_mailroom() as services:
        done = hold_reply(item, promised, viewer_from(asked_as, services), services)
    tell(done, as_json=as_json)
