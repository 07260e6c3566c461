"""Takes a backup beside the running service: the records of one moment, what they name, and last what says all of it.

Before: a person or the clock asks for one. After: a folder that a person can understand lies on the shelf. Whatever
breaks off in between leaves no folder that could be taken for a backup, and the next one goes on with the objects that
were copied by then.
"""

from __future__ import annotations

import os
import shutil
import time
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from mailroom.backup.broken_off import ask_for_room, sentences
from mailroom.backup.data_keys import DATA_KEYS, write_data_keys
from mailroom.backup.kept_elsewhere import copy_config, kept_elsewhere
from mailroom.backup.manifest import Counts, Manifest, digests_in, write_manifest
from mailroom.backup.objects import Spool, copy_object, lies_in, list_objects
from mailroom.backup.prune import prune
from mailroom.backup.records_copy import RecordsCopy, Tell
from mailroom.backup.shelf import CONFIG, HEADS, MAIL_LOG, OBJECT_LIST, PUBLIC_KEY, RECORDS, Shelf
from mailroom.domain.tree_head import verifier_key
from mailroom.records.backups import last_backup, note_backed_up, was_restored_since
from mailroom.records.schema import version_of
from mailroom.records.tables import Base, CustodyEvent, Item, Original, Rendition, TreeHeadRow
from mailroom.records.tree_heads import all_heads
from mailroom.services import Services
from storage.data_keys import DataKeys
from storage.vault import head_key

_DISTRIBUTION = "council-mailroom"
_EVER = datetime.min.replace(tzinfo=UTC)
_READ_ANEW = 30
"""A backup that is taken by the clock reads one in so many of the objects that lie there already, each time others."""


@dataclass(frozen=True, slots=True)
class Taken:
    """A finished backup.

    Attributes:
        folder: where it lies.
        manifest: what it says of itself.
        new_objects: how many objects were copied; the others lay there already.
        seconds: how long it took.
    """

    folder: Path
    manifest: Manifest
    new_objects: int
    seconds: float


def take_backup(
    services: Services, shelf: Shelf, copy: RecordsCopy, actor: str, tell: Tell, *, thorough: bool = True
) -> Taken:
    """Take a backup of all that there is.

    Args:
        services: the bundle.
        shelf: where it goes.
        copy: how records of this kind are copied.
        actor: who has it taken.
        tell: told how far it is; it may raise to break off.
        thorough: whether the digest of every object that lies there already is asked for, and not of a few.

    Raises:
        MailroomError: it was broken off; the sentence says why and what to do.
    """
    started = time.monotonic()
    with shelf.alone(), sentences(shelf):
        thorough = _clear_broken_off(shelf) or thorough or _is_first_since_restored(services)
        ask_for_room(shelf, copy.size(), services)
        making = shelf.new(services.now())
        try:
            new, manifest = _fill(making, services, shelf, copy, tell, thorough=thorough)
        except BaseException:
            shutil.rmtree(making, ignore_errors=True)
            raise
        folder = shelf.finish(making)
        prune(shelf, services.settings.backup.keep, folder)
    _note(services, actor, manifest)
    return Taken(folder, manifest, new, time.monotonic() - started)


def _fill(
    making: Path, services: Services, shelf: Shelf, copy: RecordsCopy, tell: Tell, *, thorough: bool
) -> tuple[int, Manifest]:
    """Put everything into the folder of a backup, its manifest last; return how many objects were new."""
    _copy_mail_log(services, making)
    earlier = {key for key, _ in services.vault.heads()}
    copy_config(services.settings, making / CONFIG)
    (making / RECORDS).mkdir()
    with closing(Spool(services.scratch)) as named, closing(Spool(services.scratch)) as missing:
        with copy.copied(making / RECORDS / copy.file_name, tell) as session:
            taken_at, schema_version = services.now(), version_of(session.connection()) or ""
            list_objects(session, making / OBJECT_LIST, named)
            write_data_keys(session, making / DATA_KEYS)
            counts, heads = _counted(session, named), {head_key(row.size) for row in all_heads(session)}
        _find_missing(named, missing, services.data_keys, shelf, thorough=thorough)
        ask_for_room(shelf, missing.size, services)
        faults = _copy_objects(missing, named.number, services, shelf, tell)
    _copy_heads(services, making / HEADS, earlier | heads)
    key = verifier_key(services.settings.custody.origin, services.signer.public_key)
    (making / PUBLIC_KEY).write_text(f"{key}\n", "utf-8")
    os.sync()  # one for all: what the manifest speaks of is on the disk before the manifest is
    manifest = Manifest(
        taken_at=taken_at,
        finished_at=services.now(),
        program=version(_DISTRIBUTION),
        database=copy.kind,
        schema_version=schema_version,
        public_key=key,
        counts=counts,
        files=digests_in(making),
        kept_elsewhere=kept_elsewhere(services.settings),
        faults=faults,
    )
    write_manifest(making, manifest, services.signer)
    return missing.number - len(faults), manifest


def _copy_mail_log(services: Services, making: Path) -> None:
    """Copy what mail servers were told; before the records, so that all that it names is on them."""
    log = services.settings.data / MAIL_LOG
    if log.is_dir():
        shutil.copytree(log, making / MAIL_LOG)


def _counted(session: Session, named: Spool) -> Counts:
    def count(kind: type[Base], *where: ColumnElement[bool]) -> int:
        return session.scalar(select(func.count()).select_from(kind).where(*where)) or 0

    return Counts(
        items=count(Item),
        under_way=count(Item, Item.next_stage.is_not(None)),
        originals=count(Original),
        renditions=count(Rendition),
        events=count(CustodyEvent),
        heads=count(TreeHeadRow),
        objects=named.number,
        object_bytes=named.size,
    )


def _find_missing(named: Spool, missing: Spool, keys: DataKeys | None, shelf: Shelf, *, thorough: bool) -> None:
    """Put down which objects do not lie on the shelf as they should."""
    day = datetime.now(UTC).toordinal()
    for one in named:
        read = thorough or (int(one.sha256[:4], 16) + day) % _READ_ANEW == 0
        if not lies_in(shelf.objects, one, keys, read=read):
            missing.add(one)


def _copy_objects(missing: Spool, total: int, services: Services, shelf: Shelf, tell: Tell) -> list[str]:
    """Copy what is missing; return what is wrong with those that the vault cannot give."""
    faults: list[str] = []
    for number, one in enumerate(missing, start=total - missing.number):
        tell("objects", number, total)
        faults += filter(None, [copy_object(one, shelf.objects, services.vault, services.data_keys)])
    tell("objects", total, total)
    return faults


def _copy_heads(services: Services, folder: Path, known: set[str]) -> None:
    """Copy the heads that were signed by then: one that was signed meanwhile is of a log that is not in the backup."""
    folder.mkdir()
    for key, text in services.vault.heads():
        if key in known:
            (folder / Path(key).name).write_bytes(text)


def _clear_broken_off(shelf: Shelf) -> bool:
    """Delete what backups that were broken off left behind; return whether there was any.

    What they copied to the objects may not have reached the disk, so the next one reads all of it.
    """
    left = shelf.broken_off()
    for folder in left:
        shutil.rmtree(folder)
    return bool(left)


def _is_first_since_restored(services: Services) -> bool:
    """Return whether objects on the shelf may be sealed by data keys that were lost, with what came after a backup."""
    with services.records.look() as session:
        last = last_backup(session)
        return was_restored_since(session, last.at if last else _EVER)


def _note(services: Services, actor: str, manifest: Manifest) -> None:
    told = {"items": manifest.counts.items, "events": manifest.counts.events, "faults": len(manifest.faults)}
    with services.records.work() as session:
        note_backed_up(session, actor, manifest.taken_at, told)
        session.commit()
