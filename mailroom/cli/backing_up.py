"""`backup`, `restore` and `drill`: a copy of all that must not be lost, the way back, and the proof of both."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import groupby
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.progress import Progress

from mailroom.backup.drill import Drilled
from mailroom.backup.drill import drill as drill_backup
from mailroom.backup.records_copy import Tell
from mailroom.backup.restore import Outcome
from mailroom.backup.restore import restore as restore_backup
from mailroom.backup.shelf import CONFIG, backup_at, prepared, shelf_of
from mailroom.backup.take import Taken, take_backup
from mailroom.bootstrap import existing_mailroom
from mailroom.bootstrap.backups import place_to_restore_to, records_copy
from mailroom.bootstrap.database import give_rights, prepare_engine
from mailroom.bootstrap.places import temporary_files_on_its_disk
from mailroom.cli.asking import console, errors, operator, plain, print_json
from mailroom.cli.balance import AT_MOST
from mailroom.cli.look import AsJson
from mailroom.cli.moments import as_people_write
from mailroom.domain.counting import many
from mailroom.domain.errors import Misconfigured
from mailroom.settings import Settings, load_settings

_MEGABYTE = 1 << 20
_OF_NO_USE = "Broken off, of no use, and cleared away by the next backup:"
_SAY_WHICH = "Name a folder of backups, or set backup.folder in mailroom.toml."


def register(app: typer.Typer) -> None:
    """Add the commands of this file."""
    for command in (backup, restore, drill):
        app.command()(command)


def backup(
    to: Annotated[
        Path | None, typer.Argument(help="The folder of backups, made where it is missing. Default: backup.folder.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Take a backup of all that must not be lost, beside the running service."""
    with existing_mailroom() as services, _progress() as tell:
        shelf = prepared(_named(to, services.settings), services.settings.data)
        taken = take_backup(services, shelf, records_copy(services.settings), operator(), tell)
    print_json(_backup_in_figures(taken)) if as_json else _say_taken(taken)
    if taken.manifest.faults:
        raise typer.Exit(1)


def restore(
    source: Annotated[Path, typer.Argument(metavar="FROM", help="A backup, or a folder of backups: its last one.")],
    despite_faults: Annotated[
        bool, typer.Option("--despite-faults", help="Restore what is whole where something of the backup is not.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Make a mailroom of a backup, where there is none yet; say what goes on and what a person must look at."""
    backup_folder = backup_at(source)
    with _progress() as tell:
        settings = load_settings()
        place = place_to_restore_to(settings, backup_folder)
        with temporary_files_on_its_disk(settings):
            outcome = restore_backup(backup_folder, place, operator(), tell, despite_faults=despite_faults)
    if outcome.done is not None:
        give_rights(settings)
    if as_json:
        print_json(_restore_in_figures(outcome, backup_folder))
    else:
        _say_restored(outcome, backup_folder, has_key=place.signer is not None)
    if outcome.faults:
        raise typer.Exit(1)


def drill(
    source: Annotated[
        Path | None, typer.Argument(metavar="[FROM]", help="A backup, or a folder of backups. Default: backup.folder.")
    ] = None,
    scratch: Annotated[
        Path | None, typer.Option(help="A folder with room for all of it. Default: in the data directory.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Restore the last backup to a scratch place, check every digest, chain and head, and clear the place away."""
    with existing_mailroom() as services, _progress() as tell:
        folder = backup_at(_named(source, services.settings))
        copy, place = records_copy(services.settings), scratch or services.scratch
        found = drill_backup(folder, copy, services, place, prepare_engine, operator(), tell)
    print_json(_drill_in_figures(found, folder)) if as_json else _say_drilled(found, folder)
    if found.faults:
        raise typer.Exit(1)


def _named(folder: Path | None, settings: Settings) -> Path:
    if folder is None and not settings.backup.folder:
        raise Misconfigured(f"It is not said where backups are. {_SAY_WHICH}")
    return folder or Path(settings.backup.folder)


def _backup_in_figures(taken: Taken) -> dict[str, Any]:
    counts = taken.manifest.counts.model_dump()
    told = {"backup": str(taken.folder), "taken_at": taken.manifest.taken_at.isoformat(), **counts}
    return {**told, "copied": taken.new_objects, "seconds": round(taken.seconds, 1), "faults": taken.manifest.faults}


def _say_taken(taken: Taken) -> None:
    counts = taken.manifest.counts
    console.print(f"Backup {taken.folder} is finished, in {many(round(taken.seconds), 'second')}.", markup=False)
    console.print(
        f"{many(counts.items, 'item')} ({counts.under_way} under way), {many(counts.events, 'event')}, "
        f"{many(counts.objects, 'object')} of {counts.object_bytes // _MEGABYTE} MB; {taken.new_objects} new."
    )
    _say_list("Not in it, for the store has lost them:", taken.manifest.faults)
    _say_list("Kept elsewhere, for no backup holds them:", taken.manifest.kept_elsewhere)


def _restore_in_figures(outcome: Outcome, folder: Path) -> dict[str, Any]:
    done = outcome.done
    figures: dict[str, Any] = {
        "backup": str(folder),
        "taken_at": outcome.manifest.taken_at.isoformat(),
        "restored": done is not None,
        **outcome.manifest.counts.model_dump(),
        "seconds": round(outcome.seconds, 1),
        "faults": list(outcome.faults),
        "broken_off": _broken_off(folder),
    }
    if done is not None:
        figures["under_way"] = [{"reference": one.reference, "stage": one.stage} for one in done.under_way]
        figures |= {"held_back": list(done.held_back), "letters_in_doubt": done.letters, "came_after": outcome.later}
        figures["references_left_out"] = done.left_out
    return figures


def _say_restored(outcome: Outcome, folder: Path, *, has_key: bool) -> None:
    _say_list(_OF_NO_USE, _broken_off(folder))
    _say_list("Untrue:", outcome.faults)
    if outcome.done is None:
        console.print("Nothing was restored. Take an older backup, or --despite-faults: what is whole of this one.")
        return
    counts, done = outcome.manifest.counts, outcome.done
    console.print(
        f"Restored from the backup of {as_people_write(outcome.manifest.taken_at.isoformat())}: "
        f"{many(counts.items, 'item')}, {many(counts.originals, 'original')}, {many(counts.events, 'event')}, "
        f"{many(counts.heads, 'signed head')}; each digest was checked."
    )
    for title, lines in _to_be_told(outcome, folder, has_key=has_key).items():
        _say_list(title, lines)
    console.print(
        f"Left out: {many(done.left_out, 'number')}, so no reference is given twice. Everybody signs in anew."
    )
    console.print("Next: mailroom check, then mailroom reconcile, and docs/backup.md for what came after the backup.")


def _to_be_told(outcome: Outcome, folder: Path, *, has_key: bool) -> dict[str, list[str]]:
    done = outcome.done
    if done is None:
        return {}
    stages = groupby(sorted(done.under_way, key=lambda one: one.stage), lambda one: one.stage)
    return {
        "Under way; they go on by themselves when the service starts:": [
            f"before {stage}: {', '.join(one.reference for one in some)}" for stage, some in stages
        ],
        "Messages held back, for they may have gone out after the backup; a person decides:": list(done.held_back),
        "Look before you start the service:": [
            *_if(done.letters, f"{many(done.letters, 'letter')} to be printed that may have been before: so marked"),
            *_if(outcome.later, f"{many(outcome.later, 'original')} came after the backup: reconcile tells which"),
            *_if(not has_key, "the key that signs heads is not here: put it back before, or a new one is made"),
            f"the configuration of the backup lies in {folder / CONFIG}; whoever left since has an account again",
        ],
        "Kept elsewhere, for no backup holds them:": list(outcome.manifest.kept_elsewhere),
    }


def _if(holds: object, sentence: str) -> list[str]:
    return [sentence] if holds else []


def _drill_in_figures(found: Drilled, folder: Path) -> Mapping[str, Any]:
    return {
        "backup": found.backup,
        "taken_at": found.manifest.taken_at.isoformat(),
        **found.manifest.counts.model_dump(),
        "seconds": round(found.seconds, 1),
        "gap_items": found.gap_items,
        "gap_minutes": round(found.gap_minutes, 1),
        "faults": list(found.faults),
        "broken_off": _broken_off(folder),
    }


def _say_drilled(found: Drilled, folder: Path) -> None:
    counts = found.manifest.counts
    console.print(
        f"{found.backup}: restored to a scratch place and checked in {many(round(found.seconds), 'second')}: "
        f"{many(counts.items, 'item')}, {many(counts.objects, 'object')}, {many(counts.events, 'event')} and "
        f"{many(counts.heads, 'signed head')}."
    )
    console.print(
        f"In the {found.gap_minutes:.0f} minutes since then {many(found.gap_items, 'item')} came in, which it has not."
    )
    _say_list(_OF_NO_USE, _broken_off(folder))
    _say_list("Untrue:", found.faults)
    if not found.faults:
        console.print("All of it is true: a mailroom could be made of this backup.")


def _broken_off(folder: Path) -> list[str]:
    """Return the names of what lies beside a backup and never became one."""
    return sorted(place.name for place in shelf_of(folder).broken_off())


def _say_list(title: str, lines: Sequence[str]) -> None:
    if not lines:
        return
    console.print(title)
    for line in lines[:AT_MOST]:
        console.print(f"  {plain(line)}", markup=False)
    if len(lines) > AT_MOST:
        console.print(f"  and {len(lines) - AT_MOST} more: --json names them all")


@contextmanager
def _progress() -> Iterator[Tell]:
    with Progress(console=errors, disable=not errors.is_terminal, transient=True) as progress:
        tasks: dict[str, Any] = {}

        def tell(what: str, done: int, total: int) -> None:
            if what not in tasks:
                tasks[what] = progress.add_task(what.capitalize())
            progress.update(tasks[what], completed=done, total=total)

        yield tell
