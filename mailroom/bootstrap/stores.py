"""Where originals lie: a folder of the data directory, a bucket, or what an installed package brings; twice, if wished.

Before: the settings name it. After: the vault keeps originals there.
"""

from __future__ import annotations

import os
import secrets
import socket
import tempfile
from contextlib import suppress
from pathlib import Path

import storage
from mailroom import plugins
from mailroom.bootstrap.places import is_the_vault, make_folder, readable
from mailroom.domain.errors import Misconfigured
from mailroom.settings import BucketOf, Settings
from storage.data_keys import DataKeys
from storage.store import ObjectStore

A_FOLDER = "the folder "
_NEEDED = ("endpoint", "bucket", "access_key_file", "secret_key_file")


def first_store(settings: Settings, keys: DataKeys | None) -> ObjectStore:
    """Return the store that the settings name, with a spool on this machine where it is a service that may be away.

    Args:
        settings: what they name.
        keys: the data keys by which all that is put there is sealed, in the spool, too; None: it lies in plain.

    Raises:
        Misconfigured: there is no such store, or a key of [s3] is missing.
    """
    if settings.parts.store == "s3":
        bucket = _in_a_bucket(settings.s3, "s3", 'parts.store is "s3"')
        waiting: ObjectStore = plugins.load(storage.BUILTIN["local"])(str(settings.data / "waiting-for-store"))
        most = settings.s3.spool_megabytes << 20
        spooling: ObjectStore = plugins.load("storage.spool:SpoolingStore")(
            _sealed(bucket, keys), _sealed(waiting, keys), most, name_of_the_spool(settings)
        )
        return spooling
    place = str(settings.data / "vault")
    return _sealed(plugins.find("mailroom.storage", settings.parts.store, storage.BUILTIN)(place), keys)


def name_of_the_spool(settings: Settings) -> str:
    """Return what this data directory's spool is called on record: a container changes its name, its volume stays."""
    file = settings.data / "machine"
    if not file.exists():
        with tempfile.NamedTemporaryFile("w", dir=settings.data) as new, suppress(FileExistsError):
            new.write(f"{socket.gethostname()}-{secrets.token_hex(3)}")
            new.flush()
            os.link(new.name, file)  # whole from the first, whoever else starts in this moment
    return file.read_text(encoding="utf-8")


def second_store(settings: Settings, keys: DataKeys | None) -> ObjectStore | None:
    """Return the store for second copies, sealed by the same data keys; None where the settings name none.

    Raises:
        Misconfigured: a key is missing, or the folder cannot be written.
    """
    told = settings.second_copy
    if told.store == "s3":
        return _sealed(_in_a_bucket(told.s3, "second_copy.s3", 'second_copy.store is "s3"'), keys)
    if not told.store:
        return None
    if not told.folder:
        raise Misconfigured('second_copy.folder: second_copy.store is "local", so say which folder in mailroom.toml.')
    folder = settings.data / told.folder
    make_folder(folder, "second_copy.folder")
    if settings.parts.store == "local" and is_the_vault(settings, folder):
        raise Misconfigured(f"second_copy.folder: {folder} is where the originals lie. Name one on another disk.")
    return _sealed(plugins.load(storage.BUILTIN["local"])(str(folder)), keys)


def places(settings: Settings) -> tuple[str, str]:
    """Return what the two stores are called on record; empty for a second one that there is not."""
    told, second = settings.parts.store, settings.second_copy
    names = {"local": _folder(settings, "vault"), "s3": _bucket(settings.s3)}
    seconds = {"": "", "local": _folder(settings, second.folder), "s3": _bucket(second.s3)}
    return names.get(told, told), seconds[second.store]


def how_to_exchange(settings: Settings) -> str:
    """Return what to change in the settings so that the second store becomes the first.

    Raises:
        Misconfigured: the second store cannot be the first.
    """
    second = settings.second_copy
    if second.store == "local" and _folder(settings, second.folder) != _folder(settings, "vault"):
        raise Misconfigured(
            'second_copy.folder: parts.store = "local" keeps originals in the folder vault of the data directory. To '
            'move them to disk name that: folder = "vault".'
        )
    keys = {"s3": ", and in [s3] what stands in [second_copy.s3] now"}.get(second.store, "")
    formers = {"local": 'store = "local" and folder = "vault"', "s3": 'store = "s3" with what stands in [s3] now'}
    former = formers.get(settings.parts.store, "another store")
    return (
        f'Stop the service and every worker. In mailroom.toml set parts.store = "{second.store}"{keys}. In '
        f"[second_copy] set {former}, so that the former store goes on as second copy, or "
        'store = "" where it is no longer wanted. Start again: the first start puts the change on record.'
    )


def _sealed(store: ObjectStore, keys: DataKeys | None) -> ObjectStore:
    if keys is None:
        return store
    made: ObjectStore = plugins.load("storage.encrypted:EncryptingStore")(store, keys)
    return made


def _folder(settings: Settings, folder: str) -> str:
    """Return a folder as it is called wherever the data directory lies."""
    place = (settings.data / folder).absolute()
    within = settings.data.absolute()
    return f"{A_FOLDER}{place.relative_to(within) if place.is_relative_to(within) else place}"


def _bucket(told: BucketOf) -> str:
    return f"the bucket {told.endpoint.rstrip('/')}/{told.bucket}"


def _in_a_bucket(told: BucketOf, table: str, because: str) -> ObjectStore:
    missing = [f"{table}.{key}" for key in _NEEDED if not getattr(told, key)]
    if missing:
        raise Misconfigured(f"{', '.join(missing)}: {because}, so say it in mailroom.toml.")
    lock = plugins.load("storage.s3_lock:Lock")(told.lock, told.lock_days) if told.lock else None
    bucket = plugins.load("storage.s3:Bucket")(
        endpoint=told.endpoint,
        bucket=told.bucket,
        access_key=readable(f"{table}.access_key_file", told.access_key_file).strip(),
        secret_key=readable(f"{table}.secret_key_file", told.secret_key_file).strip(),
        region=told.region,
        authority=Path(told.authority_file) if told.authority_file else None,
        lock=lock,
        told_in=f"[{table}]",
    )
    made: ObjectStore = plugins.load("storage.s3:S3Store")(bucket)
    return made
