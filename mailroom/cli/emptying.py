"""`empty-former-store`: what a move of originals has left behind goes, once it was read in the new store."""

from __future__ import annotations

from typing import Annotated

import typer

from mailroom.bootstrap import existing_mailroom
from mailroom.bootstrap.former_store import former_store
from mailroom.cli.asking import console, operator, plain, print_json
from mailroom.cli.look import AsJson
from mailroom.domain.counting import many
from mailroom.duties.empty_store import Emptied, empty_store, look_at_store
from mailroom.records.store_places import former_place

_NAMED = 20


def register(app: typer.Typer) -> None:
    """Add the command of this file."""
    app.command("empty-former-store")(empty_former_store)


def empty_former_store(
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Read everything in the new store, say what would go, delete nothing.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """After a move of originals: delete from the former folder what was just read to its end in the new store."""
    with existing_mailroom() as services:
        with services.records.look() as session:
            place = former_place(session) or ""
        former = former_store(services.settings, place)
        with console.status("Reading what was moved") as shown:

            def tell(number: int) -> None:
                shown.update(f"Read in the new store: {many(number, 'object')}")

            if dry_run:
                done = look_at_store(former, services, tell)
            else:
                done = empty_store(former, place, services, operator(), tell)
    if as_json:
        told = {"objects": done.objects, "bytes": done.bytes, "only_here": done.only_here, "unknown": done.unknown}
        print_json({"place": place, "dry_run": dry_run, **told})
    else:
        _say(done, place, dry_run=dry_run)
    if done.only_here:
        raise typer.Exit(1)


def _say(done: Emptied, place: str, *, dry_run: bool) -> None:
    act = "would go" if dry_run else "went"
    gone = f"{many(done.objects, 'object')} ({done.bytes / (1 << 20):.1f} MB)"
    console.print(
        f"{gone} {act} from {place}: each was read to its end in the store of originals just now, and is what was "
        "kept.",
        markup=False,
    )
    for key in done.only_here[:_NAMED]:
        console.print(plain(f"It stays, for the store of originals does not hold it so: {key}"), markup=False)
    if done.only_here:
        console.print(
            f"For that {many(len(done.only_here), 'object')} stayed. Name {place} in [second_copy] again and restart "
            "the service: `mailroom scrub --all` finds what is wrong and puts it back from there.",
            markup=False,
        )
    if done.unknown:
        console.print(f"No record knows {many(done.unknown, 'file')} there: look before you delete by hand.")
