"""`verify`, `heads`, `reconcile` and `check`: whether what we promise is so. Each exits with 1 where it is not."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer

from mailroom.bootstrap import existing_mailroom, open_mailroom
from mailroom.bootstrap.mail_check import check_mail
from mailroom.cli.asking import console, plain, print_json
from mailroom.cli.balance import lines_of
from mailroom.cli.look import AsJson, print_channels
from mailroom.domain.counting import many
from mailroom.duties.check import check as check_all
from mailroom.duties.heads import heads_signed, seal_log
from mailroom.duties.reconcile import reconcile as reconcile_ledger
from mailroom.duties.sequence import sequence
from mailroom.duties.verify import verify as verify_all

Against = Annotated[
    Path | None,
    typer.Option(help="Name what is not on the ledger of this list of Message-IDs, one a line, or log of Postfix."),
]


def register(app: typer.Typer) -> None:
    """Add the commands of this file."""
    for command in (verify, heads, reconcile, check):
        app.command()(command)


def verify(as_json: AsJson = False) -> None:
    """Check every original against its digest and the chain of custody from end to end."""
    with existing_mailroom() as services:
        sequence(services)
        found = verify_all(services)
    if as_json:
        print_json(found)
    else:
        _say_verified(found)
    if found["faults"]:
        raise typer.Exit(1)


def _say_verified(found: Mapping[str, Any]) -> None:
    console.print(
        f"{many(found['checked'], 'original')}, {many(found['events'], 'event')} and "
        f"{many(found['heads'], 'signed head')} were checked."
    )
    if found["not_yet_numbered"]:
        told = many(found["not_yet_numbered"], "event")
        console.print(f"Without a number in the log yet: {told}; it is given within seconds.")
    if found.get("heads_of_a_lost_log"):
        told = many(found["heads_of_a_lost_log"], "signed head")
        console.print(f"Of the log that was lost before the mailroom was restored from a backup: {told} in the store.")
    if found.get("details_erased"):
        told = many(found["details_erased"], "event")
        console.print(f"Without details: {told}; where no fault is named, the chain of the item says who erased them.")
    for fault in found["faults"]:
        console.print(plain(fault), markup=False)
    if not found["faults"]:
        console.print("Every original is what was received, and the chain of custody is whole.")


def heads(
    sign: Annotated[bool, typer.Option("--sign", help="Sign one now, whenever the last was signed.")] = False,
    as_json: AsJson = False,
) -> None:
    """Show the signed heads of the log of custody and the public key that they are checked by."""
    with existing_mailroom() as services:
        sequence(services)
        if sign:
            seal_log(services, now_and_here=True)
        found = heads_signed(services)
    if as_json:
        print_json(found)
        return
    console.print(f"Public key: {found['key']}", soft_wrap=True)
    for head in found["heads"]:
        told = " and ".join(word for word in ("published", "mailed") if head[word]) or "not published yet"
        console.print(f"{head['size']:>9} events, signed {head['signed_at']}, {told}")


def reconcile(against: Against = None, as_json: AsJson = False) -> None:
    """Prove that everything received is captured, waiting, an exception or refused, and that nothing is missing."""
    with existing_mailroom() as services:
        found = reconcile_ledger(services, against)
    if as_json:
        print_json(found)
    else:
        print_channels(found["channels"])
        for line in lines_of(found):
            console.print(plain(line), markup=False)
    if found["difference"] or found["missing"]:
        raise typer.Exit(1)


def check(as_json: AsJson = False) -> None:
    """Check settings, packages, folders, the reading engine, the texts and the ways of mail; say what to change."""
    with open_mailroom() as services:  # before its first start is when it is needed most
        findings = [*check_all(services), *check_mail(services)]
    if as_json:
        print_json([asdict(finding) for finding in findings])
    else:
        for finding in findings:
            console.print(f"{'ok  ' if finding.sound else 'BAD '} {finding.name}: {finding.sentence}", markup=False)
    if not all(finding.sound for finding in findings):
        raise typer.Exit(1)
