"""Whether what is kept is encrypted, and by which master keys: for `check` and `keys show`.

Before: `bootstrap` has read the master keys. After: a person knows what a thief of the disk would have.
"""

from __future__ import annotations

import io
from typing import Any

from mailroom.domain.errors import Misconfigured
from mailroom.records.data_keys import count_by_master
from mailroom.records.kept_objects import count_objects
from mailroom.services import Services
from storage.errors import StorageError
from storage.sealing import new_key, opened, seal

_TRY = b"a try"


def masters_in_figures(services: Services) -> list[dict[str, Any]]:
    """Return each master key that is known or was used, the one that wraps first, with how many data keys it wraps."""
    if services.masters is None:
        return []
    with services.records.look() as session:
        counts = count_by_master(session)
    names = services.masters.names
    return [
        {"master": name, "objects": counts.get(name, 0), "wraps": name == names[0]}
        for name in dict.fromkeys([*names, *counts])
    ]


def encryption_in_words(services: Services) -> str:
    """Say what is encrypted, and try that it is.

    Raises:
        Misconfigured: the master key does not open what it has wrapped.
    """
    if services.masters is None:
        return "What is kept lies in the store as it came, not encrypted: encryption.key_file names no file."
    _try_out(services)
    with services.records.look() as session:
        objects = count_objects(session).objects
    counts = {one["master"]: one["objects"] for one in masters_in_figures(services)}
    encrypted, current = sum(counts.values()), counts[services.masters.name]
    told = (
        f"What comes in is encrypted, with {services.masters.name}: {min(encrypted, objects)} of {objects} objects are."
    )
    if encrypted > current:
        return f"{told} Former master keys wrap {encrypted - current} of their data keys: `mailroom keys rotate`."
    return told


def _try_out(services: Services) -> None:
    if services.masters is None:
        return
    secret, sealed = new_key(), io.BytesIO()
    try:
        name, wrapped = services.masters.wrap(secret)
        seal(io.BytesIO(_TRY), sealed, services.masters.unwrap(wrapped, name))
    except StorageError as fault:
        raise Misconfigured(f"{fault}.") from fault
    sealed.seek(0)
    with opened(sealed, secret) as plain:
        if plain.read() != _TRY:
            raise Misconfigured("encryption.key_file: what was encrypted for trial was not what came back.")
