"""Deletes backups that are older than those to be kept, and the objects that none of the kept ones names.

Before: a newer backup is finished. After: what retention has taken out of the mailroom goes out of its backups, too,
once the last one that names it is gone. Where any list cannot be read no object is touched.
"""

from __future__ import annotations

import shutil
from pathlib import Path

from mailroom.backup.objects import listed_in
from mailroom.backup.shelf import OBJECT_LIST, UNFINISHED, Shelf


def prune(shelf: Shelf, keep: int, just_taken: Path) -> int:
    """Delete all but the newest `keep` backups; return how many went.

    The one that was just taken stays in any case: a clock that was put right may have given the others later names.
    """
    old = [backup for backup in shelf.finished()[:-keep] if backup != just_taken]
    for backup in old:
        shutil.rmtree(backup.rename(backup.with_name(f"{backup.name}{UNFINISHED}")))
    if old:
        _forget_objects(shelf)
    return len(old)


def _forget_objects(shelf: Shelf) -> None:
    # hashes, for there may be millions; two keys with the same one only keep an object for longer
    named = {hash(one.key) for backup in shelf.finished() for one in listed_in(backup / OBJECT_LIST)}
    for place in shelf.objects.rglob("*"):
        if place.is_file() and hash(place.relative_to(shelf.objects).as_posix()) not in named:
            place.unlink()
