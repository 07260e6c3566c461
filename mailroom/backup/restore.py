"""Makes a mailroom of a backup, in a place where there is none yet.

Before: the machine or its disk is lost. After: originals, records and the log of mail servers are back, every digest
and chain was checked, and nothing goes out that may have gone out already (`records/after_restore.py`).

Objects come first and the records last: as long as they are not there nothing can be started on half of a mailroom. A
mark in the data directory says the same to every other command while this is at work, and after it was broken off.
"""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from pathlib import Path

from mailroom.backup.data_keys import KeysOfBackup
from mailroom.backup.manifest import Manifest, faults_in_files, read_manifest
from mailroom.backup.objects import listed_in, put_back
from mailroom.backup.put_down import PutDown
from mailroom.backup.records_copy import RecordsCopy, Tell
from mailroom.backup.shelf import HEADS, MAIL_LOG, OBJECT_LIST, RECORDS, free_bytes, shelf_of
from mailroom.backup.verified import faults_in_records
from mailroom.domain.errors import MailroomError, Misconfigured, Transient
from mailroom.ports import Signer
from mailroom.records import schema
from mailroom.records.after_restore import Precautions, take_precautions
from mailroom.records.backups import Restored
from mailroom.records.data_keys import put_down
from mailroom.records.kept_objects import lie_anew
from mailroom.records.later import beyond, note_later
from mailroom.records.session import Records
from mailroom.records.tree_heads import size_of_log
from storage.damage import Copy
from storage.errors import KeyTaken, StorageError
from storage.vault import Vault

_MEGABYTE = 1 << 20
_ORIGINALS = "originals/"


@dataclass(frozen=True, slots=True)
class Place:
    """Where a mailroom is to be.

    Attributes:
        data: the data directory.
        mark: the file in it that says that a restore is at work.
        objects_here: whether originals lie on the disk of the data.
        vault: where originals lie.
        keys: the data keys of the backup, by which they are sealed there; None where nothing is.
        put_down: what it says of the objects that are put into it.
        copy: how records of this kind are made of a copy.
        signer: signs heads; None where the key is not there.
        prepare_engine: makes the workflow engine's own tables, given the address of the records.
        now: the time of day.
    """

    data: Path
    mark: Path
    objects_here: bool
    vault: Vault
    keys: KeysOfBackup | None
    put_down: PutDown
    copy: RecordsCopy
    signer: Signer | None
    prepare_engine: Callable[[str], None]
    now: Callable[[], datetime]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of it.

    Attributes:
        manifest: of the backup.
        done: None where the records were not put in place, for what is wrong.
        faults: what is wrong, sentence by sentence.
        later: originals in the store that came in after the backup.
        seconds: how long it took.
    """

    manifest: Manifest
    done: Precautions | None
    faults: Sequence[str]
    later: int
    seconds: float


def restore(backup: Path, place: Place, actor: str, tell: Tell, *, despite_faults: bool = False) -> Outcome:
    """Make a mailroom of this backup.

    Args:
        backup: its folder.
        place: where.
        actor: who has it made.
        tell: told how far it is.
        despite_faults: whether what is whole is restored where something is not.

    Raises:
        Misconfigured: it cannot be done here; nothing was done.
        MailroomError: it was broken off; the sentence says what to do.
    """
    started = time.monotonic()
    manifest = read_manifest(backup)
    _refuse_what_does_not_fit(manifest, place)
    _ask_for_room(backup, manifest, place)
    with _marked(place), shelf_of(backup).unchanged():
        signer = place.signer
        faults = [*faults_in_files(backup, manifest, signer.public_key if signer else None)]
        faults += [*_put_objects_back(backup, manifest, place, tell), *_put_heads_back(backup, place.vault)]
        if faults and not despite_faults:
            return Outcome(manifest, None, faults, 0, time.monotonic() - started)
        with place.copy.made_of(backup / RECORDS / place.copy.file_name) as records:
            schema.bring_up_to_date(records, place.prepare_engine)
            faults += faults_in_records(records, backup, manifest)
            with records.look() as session:
                found = beyond(session, place.vault.objects(_ORIGINALS))
            later = note_later(place.data, found, partial(place.vault.copies.holds, Copy.FIRST))
            done = _made_fit(records, manifest, place, actor)
        _bring_mail_log_back(backup, place.data)
        os.sync()  # all of it is on the disk before the mark goes that keeps others away
        if place.keys:
            place.keys.forget()
    return Outcome(manifest, done, faults, later, time.monotonic() - started)


def _refuse_what_does_not_fit(manifest: Manifest, place: Place) -> None:
    if manifest.schema_version > schema.HEAD:
        told = f"The backup was taken by a newer mailroom ({manifest.program}, records {manifest.schema_version})"
        raise Misconfigured(f"{told} than this one, which knows {schema.HEAD}. Install that or a newer one.")
    if manifest.database != place.copy.kind:
        told = f"The backup is of a mailroom on {manifest.database}, and MAILROOM_DATABASE_URL names {place.copy.kind}"
        raise Misconfigured(f"{told}. Name a database of the same kind.")
    if not place.copy.is_empty():
        told = "There is a mailroom here already, and nothing is written over it."
        raise Misconfigured(f"{told} Name an empty place: MAILROOM_DATA, and MAILROOM_DATABASE_URL where it is set.")


def _ask_for_room(backup: Path, manifest: Manifest, place: Place) -> None:
    copy = backup / RECORDS / place.copy.file_name
    needed = copy.stat().st_size if copy.is_file() else 0
    needed += manifest.counts.object_bytes if place.objects_here else 0
    free = free_bytes(place.data)
    if free < needed:
        told = f"The mailroom needs {-(-needed // _MEGABYTE)} MB in {place.data}, and {free // _MEGABYTE} are free."
        raise Misconfigured(f"{told} Make room, or name another folder in MAILROOM_DATA.")


@contextmanager
def _marked(place: Place) -> Iterator[None]:
    """Keep all other commands away until the end; what is broken off leaves the mark behind."""
    place.mark.touch()
    try:
        yield
    except StorageError as fault:
        told = f"The restore was broken off: the store of originals cannot be read or written now ({fault})."
        raise Transient(f"{told} Run it again; what lies there already is not copied again.") from fault
    place.mark.unlink()


def _put_objects_back(backup: Path, manifest: Manifest, place: Place, tell: Tell) -> Iterator[str]:
    total = manifest.counts.objects
    try:
        listed = listed_in(backup / OBJECT_LIST)
        telling = partial(_told, tell, total)
        yield from put_back(listed, shelf_of(backup).objects, place.vault, place.keys, telling)
    except OSError as fault:
        raise MailroomError(f"The restore was broken off: {fault.filename or 'a file'}: {fault.strerror}.") from fault


def _told(tell: Tell, total: int, number: int) -> None:
    tell("objects", number, total)


def _put_heads_back(backup: Path, vault: Vault) -> Iterator[str]:
    for file in sorted((backup / HEADS).iterdir()) if (backup / HEADS).is_dir() else ():
        try:
            vault.keep_head(int(file.name), file)
        except (KeyTaken, ValueError):
            yield f"the signed head {file.name} cannot be put back: another one lies there, or it is none"


def _made_fit(records: Records, manifest: Manifest, place: Place, actor: str) -> Precautions:
    with records.work() as session:
        restored = Restored(place.now(), manifest.taken_at, size_of_log(session))
        if place.signer is not None:
            restored = replace(restored, signature=place.signer.sign(restored.statement).hex())
        done = take_precautions(session, restored, actor)
        lie_anew(session, place.put_down.told)
        put_down(session, place.keys.made() if place.keys else [], place.now())
        session.commit()
    return done


def _bring_mail_log_back(backup: Path, data: Path) -> None:
    """Bring back what mail servers were told; what lies there yet was written later."""
    for file in (backup / MAIL_LOG).iterdir() if (backup / MAIL_LOG).is_dir() else ():
        target = data / MAIL_LOG / file.name
        target.parent.mkdir(mode=0o700, exist_ok=True)
        if not target.exists():
            shutil.copyfile(file, target)
