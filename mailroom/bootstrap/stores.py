"""Where originals lie: a folder of the data directory, a bucket, or what an installed package brings.

Before: the settings name it. After: the vault keeps originals there.
"""

from __future__ import annotations

from pathlib import Path

import storage
from mailroom import plugins
from mailroom.bootstrap.places import readable
from mailroom.domain.errors import Misconfigured
from mailroom.settings import S3, Settings
from storage.store import ObjectStore

_NEEDED = ("endpoint", "bucket", "access_key_file", "secret_key_file")


def object_store(settings: Settings) -> ObjectStore:
    """Return the store that the settings name.

    Raises:
        Misconfigured: there is no such store, or a key of [s3] is missing.
    """
    if settings.parts.store == "s3":
        return _in_a_bucket(settings.s3)
    place = str(settings.data / "vault")
    made: ObjectStore = plugins.find("mailroom.storage", settings.parts.store, storage.BUILTIN)(place)
    return made


def _in_a_bucket(told: S3) -> ObjectStore:
    missing = [f"s3.{key}" for key in _NEEDED if not getattr(told, key)]
    if missing:
        raise Misconfigured(f'{", ".join(missing)}: parts.store is "s3", so say it in mailroom.toml.')
    lock = plugins.load("storage.s3_lock:Lock")(told.lock, told.lock_days) if told.lock else None
    bucket = plugins.load("storage.s3:Bucket")(
        endpoint=told.endpoint,
        bucket=told.bucket,
        access_key=readable("s3.access_key_file", told.access_key_file).strip(),
        secret_key=readable("s3.secret_key_file", told.secret_key_file).strip(),
        region=told.region,
        authority=Path(told.authority_file) if told.authority_file else None,
        lock=lock,
    )
    made: ObjectStore = plugins.load("storage.s3:S3Store")(bucket)
    return made
