"""`evidence`: one ZIP that a court, an ombudsman or the other side can check without us."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from mailroom.bootstrap import existing_mailroom
from mailroom.cli.asking import console, errors, print_json, refuse_without_folder, viewer_from
from mailroom.cli.look import AsJson, AskedAs, Purpose
from mailroom.domain.counting import many
from mailroom.domain.errors import MailroomError, Misconfigured, NeedsPerson
from mailroom.evidence.asked import Asked
from mailroom.evidence.bundle import Made, write_bundle


def register(app: typer.Typer) -> None:
    """Add the commands of this file."""
    app.command()(evidence)


def evidence(
    output: Annotated[Path, typer.Option("-o", "--output", help="The ZIP file to write.")],
    items: Annotated[list[str] | None, typer.Argument(help="References of items.")] = None,
    whole_cases: Annotated[
        bool, typer.Option("--case", help="All items of the case of each, not these alone.")
    ] = False,
    listed: Annotated[Path | None, typer.Option("--list", help="A file with more references, one a line.")] = None,
    force: Annotated[bool, typer.Option("--force", help="Write over a file that is there.")] = False,
    quarantined: Annotated[
        bool, typer.Option("--quarantined", help="With what may do harm; for auditors, and put on record.")
    ] = False,
    heads: Annotated[
        list[int] | None, typer.Option("--head", help="Size of a signed head that the other side holds.")
    ] = None,
    as_json: AsJson = False,
    asked_as: AskedAs = None,
    purpose: Purpose = "operator",
) -> None:
    """Write an evidence bundle: originals, index data, custody with its proofs, a certificate and a verifier."""
    refuse_without_folder(output)
    if output.is_file() and not force:
        raise MailroomError(f"{output} is there already. Name another file, or write over it with --force.")
    names = (*(items or ()), *(_listed(listed) if listed else ()))
    with existing_mailroom() as services:
        asked = Asked(names, whole_cases, purpose, held_back=quarantined, heads=heads or ())
        try:
            made = write_bundle(asked, output, viewer_from(asked_as, services), services)
        except NeedsPerson as held:
            raise MailroomError(f"{held} An auditor who examines it says so by --quarantined.") from held
    if as_json:
        print_json({"file": str(output), **made.as_json()})
    else:
        _say(output, made)
    if quarantined:
        errors.print("Some of it may do harm: keep it where nothing can run it.")


def _listed(file: Path) -> list[str]:
    try:
        lines = file.read_text("utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as fault:
        raise Misconfigured(
            f"--list {file}: it cannot be read as a list of references, one a line ({fault})."
        ) from fault
    return [line.strip() for line in lines if line.strip()]


def _say(output: Path, made: Made) -> None:
    originals = sum(len(item["originals"]) for item in made.items)
    told = f"{many(len(made.items), 'item')}, {many(originals, 'original')}, {many(made.files, 'file')}"
    console.print(f"{output}: {told}; checked by its own verifier", markup=False)
    console.print(f"SHA-256 {made.sha256}", markup=False)
    if made.key is None:
        errors.print("It is NOT SIGNED: there is no key to sign with (`custody.key_file`), and it proves little.")
    else:
        console.print(f"Whoever checks it needs this key, by another way: {made.key}", markup=False)
