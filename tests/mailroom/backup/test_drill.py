"""A drill finds whatever is untrue in a backup, says what came in since, and leaves nothing behind."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from forging import unguarded
from sqlalchemy import text

from mailroom.backup.drill import Drilled
from mailroom.backup.manifest import Unusable, digest_of_file, read_manifest, write_manifest
from mailroom.backup.postgresql import PostgresqlCopy
from mailroom.backup.records_copy import RecordsCopy, SqliteCopy
from mailroom.backup.shelf import Shelf
from mailroom.backup.take import Taken
from mailroom.bootstrap.signing import Ed25519Signer
from mailroom.domain.capture import Receipt
from mailroom.duties.heads import seal_log
from mailroom.services import Services

Damage = Callable[[Path, Shelf], None]


@pytest.fixture
def backup(post: list[Receipt], services: Services, take: Callable[..., Taken]) -> Path:
    """A backup with twelve letters and a signed head."""
    seal_log(services)
    return take().folder


def test_a_true_backup_is_told_so_with_what_came_in_since(
    backup: Path,
    try_out: Callable[[Path], Drilled],
    deliver: Callable[..., Receipt],
    step: Callable[[timedelta], None],
    services: Services,
) -> None:
    deliver(b"Dear Council, too late for the backup.")
    step(timedelta(minutes=90))
    found = try_out(backup)
    assert found.faults == []
    assert (found.gap_items, round(found.gap_minutes)) == (1, 90)
    assert found.seconds > 0
    assert list(services.scratch.iterdir()) == []
    assert found.manifest.counts.heads == 1


def objects_of(shelf: Shelf) -> list[Path]:
    return sorted(place for place in shelf.objects.rglob("*") if place.is_file())


def truncate(_backup: Path, shelf: Shelf) -> None:
    os.truncate(objects_of(shelf)[0], 5)


def flip(_backup: Path, shelf: Shelf) -> None:
    victim = objects_of(shelf)[3]
    victim.write_bytes(victim.read_bytes()[:-1] + b"?")


def lose(_backup: Path, shelf: Shelf) -> None:
    objects_of(shelf)[5].unlink()


def edit_manifest(backup: Path, _shelf: Shelf) -> None:
    file = backup / "manifest.json"
    told = json.loads(file.read_text())
    told["counts"]["items"] = 11
    file.write_text(json.dumps(told, indent=2))


def sign_with_another_key(backup: Path, _shelf: Shelf) -> None:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    from mailroom.domain.tree_head import verifier_key

    signer = Ed25519Signer(Ed25519PrivateKey.generate())
    forged = read_manifest(backup).model_copy(update={"public_key": verifier_key("mailroom", signer.public_key)})
    write_manifest(backup, forged, signer)


def records_in(backup: Path) -> Path:
    (file,) = (backup / "records").iterdir()
    return file


def cut_records(backup: Path, _shelf: Shelf) -> None:
    os.truncate(records_in(backup), 20_000)


def lose_config(backup: Path, _shelf: Shelf) -> None:
    (backup / "config" / "teams.toml").unlink()


def add_a_file(backup: Path, _shelf: Shelf) -> None:
    (backup / "config" / "run.sh").write_text("rm")


def shorten_list(backup: Path, _shelf: Shelf) -> None:
    lines = (backup / "objects.sha256").read_text().splitlines(keepends=True)
    (backup / "objects.sha256").write_text("".join(lines[1:]))


@pytest.mark.parametrize(
    ("damage", "told"),
    [
        (truncate, "is not what was kept"),
        (flip, "is not what was kept"),
        (lose, "is missing from the backup"),
        (edit_manifest, "the manifest was changed"),
        (sign_with_another_key, "signed by another key"),
        (cut_records, " in the backup is not what was written"),
        (lose_config, "config/teams.toml is missing"),
        (add_a_file, "config/run.sh was put into the backup since"),
        (shorten_list, "on the records and not in the list"),
    ],
)
def test_whatever_is_untrue_is_named_and_the_scratch_place_is_gone(
    backup: Path, shelf: Shelf, try_out: Callable[[Path], Drilled], services: Services, damage: Damage, told: str
) -> None:
    damage(backup, shelf)
    found = try_out(backup)
    assert [fault for fault in found.faults if told in fault], found.faults
    assert list(services.scratch.iterdir()) == []


@pytest.fixture
def forged(backup: Path, copy: RecordsCopy, tmp_path: Path) -> Path:
    """The backup, whose records say that somebody else did what was done first with each letter."""
    file = records_in(backup)
    (tmp_path / "forging").mkdir()
    with copy.tried(file, tmp_path / "forging") as records:
        with unguarded(records) as connection:
            connection.execute(text("UPDATE custody_event SET actor = 'nobody' WHERE position = 1"))
        with {"sqlite": SqliteCopy, "postgresql": PostgresqlCopy}[copy.kind](records.url).copied(file, lambda *_: None):
            return backup


def test_records_that_were_forged_are_not_those_that_were_written(
    forged: Path, try_out: Callable[[Path], Drilled], copy: RecordsCopy
) -> None:
    assert f"records/{copy.file_name} in the backup is not what was written" in " ".join(try_out(forged).faults)


def test_a_chain_that_was_forged_with_all_digests_made_to_fit_is_found(
    forged: Path, try_out: Callable[[Path], Drilled], services: Services
) -> None:
    backup, file = forged, records_in(forged)
    manifest = read_manifest(backup)
    files = {**manifest.files, f"records/{file.name}": digest_of_file(file)}
    write_manifest(backup, manifest.model_copy(update={"files": files}), services.signer)
    assert len([fault for fault in try_out(backup).faults if "(received) is not what was written" in fault]) == 12


def test_a_manifest_that_cannot_be_read_is_told_in_a_sentence(backup: Path, try_out: Callable[[Path], Drilled]) -> None:
    (backup / "manifest.json").write_text('{"form": "mailroom backup 9"}')
    with pytest.raises(Unusable, match="damaged, or of another form"):
        try_out(backup)
