"""The store from which originals were moved, where it may be emptied: a folder on record that nothing uses any more.

Before: a move is done, and the former store is no longer named. After: `duties/empty_store.py` reads all of it in the
new store, and deletes it here. That it is not the new store itself is seen to here: what was read in that would be
deleted from it.
"""

from __future__ import annotations

import storage
from mailroom import plugins
from mailroom.bootstrap.places import is_the_vault
from mailroom.bootstrap.stores import A_FOLDER
from mailroom.domain.errors import Misconfigured
from mailroom.settings import Settings
from storage.store import ObjectStore


def former_store(settings: Settings, place: str) -> ObjectStore:
    """Return the store from which originals were moved, as the files lie there.

    Args:
        settings: which must not name it any more.
        place: what the former store is called on record; empty where there is none.

    Raises:
        Misconfigured: there is none, it is still used, or it is a bucket.
    """
    if settings.second_copy.store:
        raise Misconfigured(
            "second_copy.store: the former store goes on as second copy while it is named there, and nothing is "
            'deleted from it. Where it is no longer wanted set second_copy.store = "", restart the service, and call '
            "this again."
        )
    if not place:
        sentence = "Originals were not moved: there is no former store, and a second copy is none."
        raise Misconfigured(f"{sentence} Nothing is deleted.")
    if not place.startswith(A_FOLDER):
        raise Misconfigured(
            f"The former store is {place}: its administrator empties a bucket, once the last lock in it has ended "
            "(docs/originals.md). Nothing is deleted."
        )
    folder = settings.data / place.removeprefix(A_FOLDER)
    if not folder.is_dir() or (settings.parts.store != "s3" and is_the_vault(settings, folder)):
        raise Misconfigured(f"{place} is not there, or it is the store of originals. Nothing is deleted.")
    former: ObjectStore = plugins.load(storage.BUILTIN["local"])(str(folder))
    return former
