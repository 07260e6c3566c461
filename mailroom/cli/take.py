"""`take`: hand files in by hand, each a new receipt, beside a running service or without one.

What was accepted is accounted for whatever comes next: a file that cannot be taken has its line with the reason, and
the lines are printed also where carrying the items fails or the wait is broken off.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.progress import Progress
from sqlalchemy import select
from sqlalchemy.orm import Session

from mailroom.bootstrap import open_mailroom
from mailroom.bootstrap.ways_in import deliver_file
from mailroom.cli.asking import console, errors, print_json
from mailroom.cli.carrying import carrying
from mailroom.cli.moments import moment_from
from mailroom.domain.capture import Channel, Receipt
from mailroom.domain.errors import MailroomError
from mailroom.domain.sla import local_date
from mailroom.journey.hold_up import PATIENCE
from mailroom.records.tables import Item
from mailroom.services import Services

_LOOK_EVERY = 0.2


@dataclass(frozen=True, slots=True)
class _Taken:
    """A file with its receipt, or with the reason why it was not accepted."""

    path: Path
    channel: Channel
    receipt: Receipt | None
    error: str | None = None


def register(app: typer.Typer) -> None:
    """Add the command of this file."""
    app.command()(take)


def take(
    paths: Annotated[list[Path], typer.Argument(help="Files, or folders whose files are all taken.")],
    channel: Annotated[
        Channel | None, typer.Option(help="The way in. Default: email for .eml files, else post.")
    ] = None,
    received: Annotated[
        str | None, typer.Option(help="When it was received, ISO 8601. Default: the file's own date.")
    ] = None,
    wait: Annotated[
        bool,
        typer.Option("--wait", help="Wait until every item is through, or waits itself for something outside."),
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON for scripts.")] = False,
) -> None:
    """Take files in: they are copied, never moved; each call is a new receipt."""
    at = moment_of_receipt(received, datetime.now(UTC)) if received is not None else None
    files = list(_files(paths))
    taken: list[_Taken] = []
    with open_mailroom() as services:
        try:
            for file in files:
                taken.append(_deliver(file, channel or _by_kind(file), at, services))  # noqa: PERF401  # one by one: kept when broken off
            if wait:
                _wait_for({one.receipt.item_id for one in taken if one.receipt}, services)
        finally:
            _print(_lines(taken, services), as_json)
    if any(one.error for one in taken):
        raise typer.Exit(1)


def moment_of_receipt(text: str, now: datetime) -> datetime:
    """Return the moment that the text means, now where that is later today: nothing is received in the future.

    Raises:
        typer.BadParameter: it is no date or time, or lies after today (London).
    """
    moment = moment_from(text)
    if local_date(moment) > local_date(now):
        raise typer.BadParameter(f"--received {text} lies in the future")
    return min(moment, now)


def _files(paths: Sequence[Path]) -> Iterator[Path]:
    for path in paths:
        if path.is_dir():
            yield from sorted(file for file in path.rglob("*") if file.is_file())
        elif path.is_file():
            yield path
        else:
            raise typer.BadParameter(f"{path}: there is no such file")


def _by_kind(file: Path) -> Channel:
    return Channel.EMAIL if file.suffix.lower() == ".eml" else Channel.POST


def _deliver(file: Path, channel: Channel, at: datetime | None, services: Services) -> _Taken:
    try:
        return _Taken(file, channel, deliver_file(file, channel, at, services))
    except MailroomError as fault:
        return _Taken(file, channel, None, str(fault))
    except OSError as fault:
        return _Taken(file, channel, None, f"It cannot be read or copied ({fault.strerror}).")


def _wait_for(item_ids: set[str], services: Services) -> None:
    with carrying(services) as slot, _progress(len(item_ids)) as show:
        if slot is None:
            errors.print("Another process carries the items; waiting for it.")
        waiting = set(item_ids)
        while waiting:
            waiting &= under_way(services)
            show(len(item_ids) - len(waiting))
            time.sleep(_LOOK_EVERY if waiting else 0)


def under_way(services: Services) -> set[str]:
    """Return the items that are worth waiting for: something outside may hold the others up for days."""
    query = select(Item.id).where(Item.next_stage.is_not(None), Item.attempts < PATIENCE)
    with services.records.look() as session:
        return set(session.scalars(query))


@contextmanager
def _progress(total: int) -> Iterator[Any]:
    with Progress(console=errors, disable=not errors.is_terminal, transient=True) as progress:
        task = progress.add_task("Carrying items through", total=total)
        yield lambda done: progress.update(task, completed=done)


def _lines(taken: Sequence[_Taken], services: Services) -> list[dict[str, Any]]:
    with services.records.look() as session:
        return [_line(one, session) for one in taken]


def _line(one: _Taken, session: Session) -> dict[str, Any]:
    item = session.get_one(Item, one.receipt.item_id) if one.receipt else None
    return {
        "path": str(one.path),
        "item": item.id if item else None,
        "reference": item.reference if item else None,
        "channel": one.channel,
        "state": item.state if item else None,
        "case": item.case.reference if item and item.case else None,
        "repeat_of": one.receipt.repeat_of if one.receipt else None,
        "problem": item.problem if item else None,
        "error": one.error,
    }


def _print(lines: Sequence[dict[str, Any]], as_json: bool) -> None:
    if as_json:
        print_json(lines)
        return
    for line in lines:
        told = line["case"] or line["reference"] or ""
        console.print(f"{line['state'] or 'not taken':<10} {told}  {line['path']}", markup=False)
        if line["error"] or line["problem"]:
            console.print(f"{'':<10} {line['error'] or line['problem']}", markup=False)
