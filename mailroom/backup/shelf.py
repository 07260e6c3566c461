"""The folder in which backups lie: one folder for each, named by its moment, and one for the objects of them all.

Before: a setting or a command names the folder. After: `take.py` adds a backup, `restore.py` and `drill.py` read one.
An object lies in one place however many backups name it, under the key that it has in the store: no links, which
shares and tapes lose, and whoever has nothing but a shell copies two folders. A backup is finished when its folder has
lost the ending `.unfinished`, which is the last thing that is done.
"""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from mailroom.backup.manifest import MANIFEST
from mailroom.domain.errors import MailroomError, Misconfigured
from mailroom.duties.slots import sole

UNFINISHED = ".unfinished"
RECORDS = "records"
CONFIG = "config"
HEADS = "heads"
MAIL_LOG = "mail-log"
OBJECT_LIST = "objects.sha256"
PUBLIC_KEY = "public-key.txt"

_NAME = re.compile(r"\d{4}-\d\d-\d\dT\d\d-\d\d-\d\dZ(\.\d+)?")
_FORM = "%Y-%m-%dT%H-%M-%SZ"
_README = "README.txt"
_OURS_ALONE = 0o700
_FIRST_LINE = "Backups of a mailroom."
_WORDS = f"""{_FIRST_LINE}

Each folder named by a date and a time (UTC) is one backup: its records, its configuration, its signed heads, and a
manifest that says what there is. One whose name ends in {UNFINISHED} was broken off and is of no use.
The folder `objects` holds the originals and what was made from them, once for all backups.

To check one with nothing but a shell, from this folder:
    sha256sum --quiet -c 2026-11-27T02-00-00Z/{OBJECT_LIST}
(Objects that are encrypted have other digests than those listed, which are of the plain bytes: mailroom drill.)
To bring it back, install the same or a newer mailroom and follow docs/backup.md; in short:
    mailroom restore 2026-11-27T02-00-00Z

Whoever can read this folder can read every letter. Keep it as you keep the data themselves.
"""


class Busy(MailroomError):
    """Another process takes, restores or tries a backup of this folder now."""


@dataclass(frozen=True, slots=True)
class Shelf:
    """Where backups lie."""

    root: Path

    @property
    def objects(self) -> Path:
        """The folder of all objects, by their keys."""
        return self.root / "objects"

    def finished(self) -> list[Path]:
        """Return the folders of the finished backups, oldest first."""
        return sorted(place for place in self._entries() if _NAME.fullmatch(place.name) and _has_manifest(place))

    def broken_off(self) -> list[Path]:
        """Return the folders of backups that never came to their end."""
        return [place for place in self._entries() if place.name.endswith(UNFINISHED)]

    def last(self) -> Path:
        """Return the newest finished backup.

        Raises:
            Misconfigured: there is none.
        """
        finished = self.finished()
        if not finished:
            raise Misconfigured(f"There is no finished backup in {self.root}. Take one: mailroom backup {self.root}")
        return finished[-1]

    def new(self, moment: datetime) -> Path:
        """Make the folder of an unfinished backup of this moment."""
        stamp, number = f"{moment.astimezone(UTC):{_FORM}}", 1
        name = stamp
        while (self.root / name).exists():
            number += 1
            name = f"{stamp}.{number}"
        making = self.root / f"{name}{UNFINISHED}"
        making.mkdir(mode=_OURS_ALONE)
        return making

    def finish(self, making: Path) -> Path:
        """Give a backup its name, which says that it is finished."""
        sync_folder(making)
        done = making.rename(making.with_name(making.name.removesuffix(UNFINISHED)))
        sync_folder(self.root)
        return done

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Keep all others from this folder while the block runs.

        Raises:
            Busy: another process is at it.
        """
        with sole(self.root, ".in-use") as ours:
            if not ours:
                raise Busy(f"Another command is at work on the backups in {self.root}. Wait for it, and try again.")
            yield

    @contextmanager
    def unchanged(self) -> Iterator[None]:
        """Keep all others from this folder while it is read; one that we cannot write is read as it is.

        Raises:
            Busy: another process is at it.
        """
        if os.access(self.root, os.W_OK):
            with self.alone():
                yield
        else:
            yield

    def _entries(self) -> Iterator[Path]:
        return (place for place in self.root.iterdir() if place.is_dir()) if self.root.is_dir() else iter(())


def prepared(root: Path, data: Path) -> Shelf:
    """Return the shelf in this folder, made where it is missing.

    Raises:
        Misconfigured: it cannot be written, holds something else, or lies where the data lie.
    """
    if root.resolve().is_relative_to(data.resolve()):
        raise Misconfigured(f"{root} lies in the data directory, and would be lost with it. Name another folder.")
    try:
        root.mkdir(mode=_OURS_ALONE, parents=True, exist_ok=True)
        _claim(root)
        (root / "objects").mkdir(exist_ok=True)
    except OSError as fault:
        sentence = f"Backups cannot be written to {root} ({fault.strerror})."
        raise Misconfigured(f"{sentence} Make it writable for the account of the mailroom, or name another.") from fault
    return Shelf(root)


def backup_at(place: Path) -> Path:
    """Return the finished backup that a person names: its own folder, or the last one in a folder of backups.

    Raises:
        Misconfigured: there is none there, or it was broken off.
    """
    if place.name.endswith(UNFINISHED) or (_NAME.fullmatch(place.name) and not _has_manifest(place)):
        raise Misconfigured(f"{place} was never finished: it was broken off, and must not be relied on. Name another.")
    return place if _has_manifest(place) else Shelf(place).last()


def shelf_of(backup: Path) -> Shelf:
    """Return the shelf on which a backup lies."""
    return Shelf(backup.absolute().parent)


def sync_folder(folder: Path) -> None:
    """Force to disk which names the folder holds."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def free_bytes(folder: Path) -> int:
    """Return the room on the disk of this folder."""
    return shutil.disk_usage(folder).free


def _claim(root: Path) -> None:
    """Put down whose folder it is; one with other things in it is not taken for ours."""
    words = root / _README
    if words.is_file() and words.read_text("utf-8", "replace").startswith(_FIRST_LINE):
        return
    if any(root.iterdir()):
        raise Misconfigured(f"{root} holds something else than backups. Name a folder that is empty or new.")
    words.write_text(_WORDS, "utf-8")


def _has_manifest(place: Path) -> bool:
    return (place / MANIFEST).is_file()
