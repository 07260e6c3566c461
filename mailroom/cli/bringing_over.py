"""`import`: an archive or a backlog brought over from an older system, or from another mailroom's bag.

The index is checked as a whole first. Open work is handed in a few at a time, and carried here where nobody else
carries, so that today's post never waits behind it.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.progress import Progress

from mailroom.bootstrap import existing_mailroom
from mailroom.bootstrap.places import spool_of
from mailroom.cli.asking import console, errors, operator, plain, print_json
from mailroom.cli.carrying import carrying
from mailroom.cli.look import AsJson
from mailroom.domain.counting import many
from mailroom.domain.errors import Transient
from mailroom.importing.bringing import Asked, Brought, bring_over
from mailroom.importing.checking import Checked, check
from mailroom.importing.index_file import IndexFile, open_index
from mailroom.importing.left_out import place_beside, write_left_out
from mailroom.importing.row import Fault
from mailroom.records.imports import under_way
from mailroom.services import Services

_UNDER_WAY_AT_ONCE = 8
"""So much open work is on its journey at a time: today's post waits for no more of it than that."""

_LOWEST = 19
"""What has the least claim on the machine: today's post goes first."""

_LOOK_EVERY = 0.2
_FAULTS_SHOWN = 20


def register(app: typer.Typer) -> None:
    """Add the command of this file."""
    app.command(name="import")(bring)


def bring(
    source: Annotated[Path, typer.Argument(help="An index (CSV), a folder with index.csv, or a bag of `export`.")],
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Check everything, say what would happen, change nothing.")
    ] = False,
    skip_bad: Annotated[
        bool, typer.Option("--skip-bad", help="Bring the good rows over; write the others to a file with the reason.")
    ] = False,
    left_out: Annotated[
        Path | None, typer.Option(help="That file. Default: beside the index, NAME.left-out.csv.")
    ] = None,
    acknowledge: Annotated[
        bool, typer.Option("--acknowledge", help="Tell senders of open work that it came in, as for new work.")
    ] = False,
    read: Annotated[
        bool, typer.Option("--read", help="Read closed matters, too, at the lowest priority: they are found by words.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Bring files of an older system over by an index: closed matters as archive, open work with its own date."""
    index = open_index(source)
    with existing_mailroom() as services, Progress(console=errors, disable=not errors.is_terminal) as progress:
        checked = _check(index, services, progress)
        told = _found(index, checked, dry_run=dry_run)
        if dry_run or (checked.faults and not skip_bad):
            _print(told, checked.faults, as_json)
            raise typer.Exit(1 if checked.faults else 0)
        if checked.faults:
            target = left_out or place_beside(index)
            told |= {"left_out": write_left_out(index, checked, target), "left_out_file": str(target)}
        asked = Asked(operator(), spool_of(services), acknowledge, read)
        if read:
            os.nice(_LOWEST)
        brought, stopped = _bring(index, checked, asked, services, progress)
    told |= {"imported": brought.closed + brought.open, "closed": brought.closed, "open": brought.open}
    told |= {"known": brought.known, "unread": brought.unread, "stopped": stopped}
    faults = [*checked.faults, *brought.faults]
    _print(told, faults, as_json)
    if faults or stopped:
        raise typer.Exit(1)


def _check(index: IndexFile, services: Services, progress: Progress) -> Checked:
    task = progress.add_task("Checking rows", total=None)
    checked = check(index, services, lambda rows: progress.update(task, completed=rows))
    progress.update(task, total=checked.rows)
    return checked


def _bring(
    index: IndexFile, checked: Checked, asked: Asked, services: Services, progress: Progress
) -> tuple[Brought, str | None]:
    """Return what came of it, and why it stopped, where it did."""
    task = progress.add_task("Bringing over", total=checked.closed + checked.open)
    brought = Brought()

    def tell() -> None:
        progress.update(task, completed=brought.closed + brought.open + brought.known)

    try:
        with _room(checked, services) as wait:
            bring_over(index, checked, asked, services, brought, wait_for_room=wait, tell=tell)
    except Transient as fault:
        return brought, str(fault)
    except OSError as fault:
        return brought, f"{fault.filename or spool_of(services)} cannot be written ({fault.strerror})."
    return brought, None


@contextmanager
def _room(checked: Checked, services: Services) -> Iterator[Callable[[], None]]:
    """Give what waits until little open work is under way; where nobody carries it, this process does, to the end."""
    with ExitStack() as stack:
        slot = stack.enter_context(carrying(services)) if checked.open else None
        yield lambda: _wait_until_under_way(_UNDER_WAY_AT_ONCE - 1, services)
        if slot is not None:
            _wait_until_under_way(0, services)


def _wait_until_under_way(most: int, services: Services) -> None:
    while True:
        with services.records.look() as session:
            if under_way(session) <= most:
                return
        time.sleep(_LOOK_EVERY)


def _found(index: IndexFile, checked: Checked, *, dry_run: bool) -> dict[str, Any]:
    return {
        "index": str(index.path),
        "encoding": "UTF-8" if index.encoding == "utf-8-sig" else "Windows-1252",
        "ignored_columns": list(index.headings.ignored),
        "rows": checked.rows,
        "dry_run": dry_run,
        "imported": 0,
        "closed": checked.closed if dry_run else 0,
        "open": checked.open if dry_run else 0,
        "known": checked.known,
        "bytes": checked.bytes,
        "stopped": None,
    }


def _print(told: dict[str, Any], faults: Sequence[Fault], as_json: bool) -> None:
    if as_json:
        print_json({**told, "faults": [asdict(fault) for fault in faults]})
        return
    for line in _lines(told, faults):
        console.print(plain(line), markup=False)


def _lines(told: dict[str, Any], faults: Sequence[Fault]) -> Iterator[str]:
    if told["encoding"] != "UTF-8":
        yield f"{told['index']} is no UTF-8 and was read as {told['encoding']}: look at a name with an accent."
    if told["ignored_columns"]:
        yield f"Columns that mean nothing here: {', '.join(told['ignored_columns'])}."
    yield from map(str, faults[:_FAULTS_SHOWN])
    if len(faults) > _FAULTS_SHOWN:
        yield f"and {len(faults) - _FAULTS_SHOWN} more: --json names them all"
    if told.get("left_out"):
        left_out = many(told["left_out"], "row")
        yield f"{left_out} left out: {told['left_out_file']}. Mend what stands there and import that file."
    yield _verdict(told, faults)
    if told["stopped"]:
        yield f"Stopped: {told['stopped']} Run the same command again; it goes on where it stopped."


def _verdict(told: dict[str, Any], faults: Sequence[Fault]) -> str:
    here = f" {told['known']} {'of these ' if told['dry_run'] else ''}were here already." if told["known"] else ""
    kinds = f"{many(told['closed'], 'closed matter')}, {told['open']} with open work"
    if told["dry_run"]:
        return f"{many(told['rows'], 'row')}: {kinds} would be brought over.{here} Nothing was changed."
    if faults and not told["imported"] and not told.get("left_out") and not told["stopped"]:
        mend = "Mend the index, or bring the good rows over with --skip-bad."
        bad = len({fault.line for fault in faults})
        return f"Not good: {bad} of {many(told['rows'], 'row')}; nothing was imported. {mend}"
    unread = f" {told['unread']} could not be read, and are found by their index data." if told.get("unread") else ""
    return f"Imported {told['imported']}: {kinds}.{here}{unread}"
