"""Proves that the last backup would be a mailroom again: restores it to a scratch place, checks all, clears it away.

Before: there are backups that nobody has needed yet. After: a person knows how long it would take, what would be lost
that came in since, and of each original, chain and signed head that it would be there. What leaves the house is never
touched: the scratch place is nobody's mailroom.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from sqlalchemy import func, select

from mailroom.backup.data_keys import DATA_KEYS, keys_of
from mailroom.backup.manifest import Manifest, Unusable, faults_in_files, read_manifest
from mailroom.backup.objects import listed_in, put_back
from mailroom.backup.records_copy import RecordsCopy, Tell
from mailroom.backup.shelf import OBJECT_LIST, RECORDS, free_bytes, shelf_of
from mailroom.backup.verified import faults_in_records
from mailroom.domain.errors import MailroomError
from mailroom.records import schema
from mailroom.records.backups import note_drilled
from mailroom.records.tables import Item
from mailroom.services import Services
from storage.data_keys import MasterKeys
from storage.encrypted import EncryptingStore
from storage.errors import StorageError
from storage.local import LocalStore
from storage.vault import Vault

_MEGABYTE = 1 << 20


@dataclass(frozen=True, slots=True)
class Drilled:
    """What a drill came to.

    Attributes:
        backup: the name of its folder.
        manifest: what it says of itself.
        faults: what is untrue, sentence by sentence.
        seconds: how long it took to restore and check all.
        gap_items: items that came in since, and are in no backup.
        gap_minutes: minutes since.
    """

    backup: str
    manifest: Manifest
    faults: Sequence[str]
    seconds: float
    gap_items: int
    gap_minutes: float


def drill(
    backup: Path,
    copy: RecordsCopy,
    services: Services,
    scratch: Path,
    prepare_engine: Callable[[str], None],
    actor: str,
    tell: Tell,
) -> Drilled:
    """Restore a backup to a scratch place and check all of it.

    Args:
        backup: its folder.
        copy: how records of this kind are made of a copy.
        services: the bundle of the mailroom that goes on meanwhile.
        scratch: a folder with room for all of it.
        prepare_engine: makes the workflow engine's own tables, given the address of the records.
        actor: who has it done.
        tell: told how far it is.

    Raises:
        MailroomError: it cannot be done; the sentence says what to do.
    """
    started = time.monotonic()
    manifest = read_manifest(backup)
    _ask_for_room(manifest, backup, scratch)
    faults = [*manifest.faults, *faults_in_files(backup, manifest, services.signer.public_key)]
    with tempfile.TemporaryDirectory(prefix="drill-", dir=scratch) as folder, shelf_of(backup).unchanged():
        faults += _restored(backup, manifest, copy, Path(folder), services.masters, prepare_engine, tell)
    gap_items = _items(services) - manifest.counts.items
    minutes = (services.now() - manifest.taken_at).total_seconds() / 60
    found = Drilled(backup.name, manifest, faults, time.monotonic() - started, gap_items, minutes)
    _note(found, services, actor)
    return found


def _restored(
    backup: Path,
    manifest: Manifest,
    copy: RecordsCopy,
    folder: Path,
    masters: MasterKeys | None,
    prepare_engine: Callable[[str], None],
    tell: Tell,
) -> list[str]:
    try:
        keys, store = keys_of(backup, folder / DATA_KEYS, masters), LocalStore(folder / "vault")
        vault = Vault(EncryptingStore(store, keys) if keys else store)
        listed, telling = listed_in(backup / OBJECT_LIST), partial(_told, tell, manifest.counts.objects)
        faults = [*put_back(listed, shelf_of(backup).objects, vault, keys, telling)]
        tell("records", 0, 1)
        with copy.tried(backup / RECORDS / copy.file_name, folder) as records:
            schema.bring_up_to_date(records, prepare_engine)
            return [*faults, *faults_in_records(records, backup, manifest)]
    except Unusable as fault:
        return [str(fault)]
    except (StorageError, OSError) as fault:
        raise MailroomError(f"The drill was broken off: {fault}.") from fault


def _told(tell: Tell, total: int, number: int) -> None:
    tell("objects", number, total)


def _ask_for_room(manifest: Manifest, backup: Path, scratch: Path) -> None:
    needed = manifest.counts.object_bytes + sum(file.stat().st_size for file in (backup / RECORDS).glob("*"))
    free = free_bytes(scratch)
    if free < needed:
        told = f"A drill needs {-(-needed // _MEGABYTE)} MB in {scratch}, and {free // _MEGABYTE} are free."
        raise MailroomError(f"{told} Make room, or name another folder with --scratch.")


def _items(services: Services) -> int:
    with services.records.look() as session:
        return session.scalar(select(func.count()).select_from(Item)) or 0


def _note(found: Drilled, services: Services, actor: str) -> None:
    told = {"backup": found.backup, "faults": len(found.faults), "seconds": round(found.seconds, 1)}
    with services.records.work() as session:
        note_drilled(session, actor, services.now(), told)
        session.commit()
