"""`scrub`, `move-store` and `legal-hold`: whether what is kept is still that, where it lies, and what must stay."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

import typer

from mailroom.bootstrap import existing_mailroom
from mailroom.bootstrap.stores import how_to_exchange, places
from mailroom.cli.asking import console, plain, print_json, viewer_from
from mailroom.cli.desk import tell
from mailroom.cli.look import AsJson, AskedAs
from mailroom.desk.legal_hold import lift_hold, place_hold
from mailroom.domain.counting import many
from mailroom.domain.errors import Transient
from mailroom.duties.kept_in_words import all_in_figures
from mailroom.duties.mend import mend
from mailroom.duties.move_store import copy_all, prove_all, prove_same
from mailroom.duties.scrub import SLOT, walk_on
from mailroom.duties.slots import one_after_another
from mailroom.records.store_places import rename_first
from mailroom.services import Services
from storage.errors import StorageError

_NO_END = 10.0**9


def register(app: typer.Typer) -> None:
    """Add the commands of this file."""
    app.command()(scrub)
    app.command("move-store")(move_store)
    app.command("legal-hold")(legal_hold)


def scrub(
    everything: Annotated[
        bool, typer.Option("--all", help="From the beginning to the end, however long that takes.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Read all that is kept and hold it against its digests, from where the last walk stopped; put back what is not."""
    with existing_mailroom() as services:
        _walk(services, everything=everything)
        while mend(services):
            continue  # as many at once as fit into the memory
        found = all_in_figures(services)
    if as_json:
        print_json(found)
    else:
        _say(found)
    if found["not_mended"] or found["unknown"] or found["overlaid_keys"]:
        raise typer.Exit(1)


def move_store(
    renamed: Annotated[
        bool, typer.Option("--renamed", help="It is the same store, which is called otherwise now.")
    ] = False,
) -> None:
    """Copy all that is kept to the second store, read it to its end, and say what to change in the settings."""
    if renamed:
        _rename()
        return
    with existing_mailroom() as services:
        advice = how_to_exchange(services.settings)
        with console.status("Copying") as shown:
            number = copy_all(services, lambda done, of: shown.update(f"{done} of {of} objects lie in both stores"))
            shown.update("Reading both copies of everything")
            prove_all(services)
    console.print(
        f"In both stores: {many(number, 'object')}; each copy was read to its end just now. Nothing was deleted."
    )
    console.print(advice, markup=False)


def legal_hold(
    item: str,
    reason: Annotated[str, typer.Option(help="Why; it stays with the hold.")],
    release: Annotated[bool, typer.Option("--release", help="Lift the hold that is on it.")] = False,
    as_json: AsJson = False,
    asked_as: AskedAs = None,
) -> None:
    """Put an item under legal hold, so that nothing of it is destroyed, or lift that; for auditors."""
    with existing_mailroom() as services:
        act = lift_hold if release else place_hold
        done = act(item, viewer_from(asked_as, services), services, reason=reason)
    tell(done, as_json=as_json)


def _rename() -> None:
    with existing_mailroom(settled=False) as services:
        looked_at = prove_same(services)
        rename_first(services.records, places(services.settings)[0])
    console.print(f"It is the same store: {many(looked_at, 'object')} kept last, each of them there as it was kept.")


def _walk(services: Services, *, everything: bool) -> None:
    seconds = _NO_END if everything else services.settings.scrub.minutes * 60.0
    try:
        with one_after_another(services.settings.data / "slots", SLOT):
            walk_on(services, seconds, from_the_beginning=everything)
    except StorageError as fault:
        raise Transient(f"The walk stops here and goes on from here the next time: {fault}.") from fault


def _say(found: Mapping[str, Any]) -> None:
    how_far = "the whole of them" if found["whole"] else "the walk goes on from here the next time"
    console.print(f"Read to the end: {found['checked']} of {many(found['objects'], 'object')}; {how_far}.")
    if found["last_whole_walk_ended_at"]:
        console.print(f"The last walk over all ended at {found['last_whole_walk_ended_at'][:16]} (UTC).")
    for one in found["damage"]:
        console.print(plain(_damage(one)), markup=False)
    for title, key in (("No record knows", "unknown_keys"), ("Something newer was put over", "overlaid_keys")):
        for name in found[key]:
            console.print(plain(f"{title}: {name}"), markup=False)
    if found["not_copied"]:
        console.print(f"Without a second copy yet: {many(found['not_copied'], 'object')}.")
    if found["waiting_for_store"]:
        console.print(f"Waiting for the store to be there again: {many(found['waiting_for_store'], 'object')}.")
    console.print(_verdict(found))


def _damage(one: Mapping[str, Any]) -> str:
    whose = f" ({', '.join(one['items'])})" if one["items"] else ""
    where = "the store" if one["copy"] == "first" else "the second copy"
    told = f"{one['key']}{whose}: {one['wrong']} in {where}, found {one['found_at'][:16]} (UTC)"
    if one["mended_at"]:
        aside = f"; what lay there is {one['set_aside']}" if one["set_aside"] else ""
        return f"{told}, put right {one['mended_at'][:16]}{aside}"
    return f"{told}. {one['why_not_mended'] or 'It is being put back'}."


def _verdict(found: Mapping[str, Any]) -> str:
    if found["not_mended"]:
        number = found["not_mended"]
        return f"{number} {'copy is' if number == 1 else 'copies are'} not what was kept."
    if found["unknown"] or found["overlaid_keys"]:
        return "What was looked at is what was kept, and more lies in the store than there should."
    return "What was looked at is what was kept."
