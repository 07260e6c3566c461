"""`take`: hand files in by hand, each a new receipt, beside a running service or without one."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.progress import Progress
from sqlalchemy import select

from mailroom.bootstrap import deliver_file, open_mailroom
from mailroom.cli.asking import console, errors, print_json
from mailroom.cli.carrying import carrying
from mailroom.cli.moments import moment_from
from mailroom.domain.capture import Channel, Receipt
from mailroom.records.tables import Item
from mailroom.services import Services

_LOOK_EVERY = 0.2


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
    wait: Annotated[bool, typer.Option("--wait", help="Wait until every item is through.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON for scripts.")] = False,
) -> None:
    """Take files in: they are copied, never moved; each call is a new receipt."""
    at = _past(received)
    files = list(_files(paths))
    with open_mailroom() as services:
        receipts = [deliver_file(file, channel or _by_kind(file), at, services) for file in files]
        if wait:
            _wait_for([receipt.item_id for receipt in receipts], services)
        lines = _lines(files, receipts, services)
    if as_json:
        print_json(lines)
        return
    for line in lines:
        console.print(f"{line['state']:<10} {line['case'] or line['reference']}  {line['path']}", markup=False)


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


def _wait_for(item_ids: Sequence[str], services: Services) -> None:
    with carrying(services) as slot, _progress(len(item_ids)) as show:
        if slot is None:
            errors.print("Another process carries the items; waiting for it.")
        waiting = set(item_ids)
        while waiting:
            waiting &= _under_way(services)
            show(len(item_ids) - len(waiting))
            time.sleep(_LOOK_EVERY if waiting else 0)


def _under_way(services: Services) -> set[str]:
    with services.records.look() as session:
        return set(session.scalars(select(Item.id).where(Item.next_stage.is_not(None))))


@contextmanager
def _progress(total: int) -> Iterator[Any]:
    with Progress(console=errors, disable=not errors.is_terminal, transient=True) as progress:
        task = progress.add_task("Carrying items through", total=total)
        yield lambda done: progress.update(task, completed=done)


def _lines(files: Sequence[Path], receipts: Sequence[Receipt], services: Services) -> list[dict[str, Any]]:
    lines = []
    with services.records.look() as session:
        for file, receipt in zip(files, receipts, strict=True):
            item = session.get_one(Item, receipt.item_id)
            lines.append(
                {
                    "path": str(file),
                    "item": item.id,
                    "reference": item.reference,
                    "channel": item.channel,
                    "state": item.state,
                    "case": item.case.reference if item.case else None,
                    "repeat_of": receipt.repeat_of,
                }
            )
    return lines


def _past(text: str | None) -> datetime | None:
    """Return the moment that the text means; nothing is received in the future."""
    moment = moment_from(text) if text is not None else None
    if moment is not None and moment > datetime.now(UTC):
        raise typer.BadParameter(f"--received {text} lies in the future")
    return moment
