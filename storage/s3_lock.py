"""The lock on originals in a bucket: what is asked of the service, and a trial whether it does what it says.

Before: `s3.py` puts an original. After: it cannot be destroyed for a term, where the service keeps its word. Some take
the request and destroy the object all the same, so nothing is believed: a canary is locked and its deletion is tried.
"""

from __future__ import annotations

import io
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from minio import Minio
from minio.commonconfig import COMPLIANCE, GOVERNANCE
from minio.error import InvalidResponseError, S3Error
from minio.retention import Retention

from storage.s3_faults import faults_told_apart
from storage.store import Protection

CANARIES = "canaries/"
"""Where the locked objects lie that were tried."""

_CANARY_TERM = timedelta(minutes=1)
_NOT_THERE = frozenset({"InvalidRequest", "NotImplemented", "MethodNotAllowed", "InvalidBucketState"})
_MODES = {"governance": GOVERNANCE, "compliance": COMPLIANCE}


@dataclass(frozen=True, slots=True)
class Lock:
    """The lock that an original gets as it is received.

    Attributes:
        mode: `governance`, which somebody with a right of their own can lift, or `compliance`, which nobody can.
        days: its term; it can be made longer later, never shorter.
    """

    mode: str
    days: int

    def from_now(self) -> Retention:
        """Return the term as the client wants it."""
        return self.until(datetime.now(UTC) + timedelta(days=self.days))

    def until(self, end: datetime) -> Retention:
        """Return a term with this end as the client wants it."""
        return Retention(_MODES[self.mode], end)


def locked_until(head: Mapping[str, str]) -> datetime | None:
    """Return until when an object is locked by what its head says; services write the moment down in several ways."""
    told = {name.lower(): value for name, value in head.items()}.get("x-amz-object-lock-retain-until-date")
    return datetime.fromisoformat(f"{told[:19]}+00:00") if told else None


def protection_of(client: Minio, bucket: str, told_in: str, *, keeps_versions: bool) -> Protection:
    """Return what protects the objects of a bucket: a canary is locked for a minute and its deletion is tried.

    Raises:
        StorageError: the service cannot be asked now.
    """
    if not keeps_versions:
        return Protection.NOTHING
    key = f"{CANARIES}{uuid.uuid4().hex}"
    with faults_told_apart(key, told_in):
        _clear_away(client, bucket)
        version = _put_locked(client, bucket, key)
        if version is None or _can_be_destroyed(client, bucket, key, version):
            return Protection.VERSIONS
    return Protection.LOCK


def _put_locked(client: Minio, bucket: str, key: str) -> str | None:
    """Return the version of a locked canary; None where the service locks nothing."""
    term = Retention(GOVERNANCE, datetime.now(UTC) + _CANARY_TERM)
    try:
        return client.put_object(bucket, key, io.BytesIO(b"canary"), 6, retention=term).version_id
    except S3Error as fault:
        if fault.code in _NOT_THERE:
            return None
        raise


def _can_be_destroyed(client: Minio, bucket: str, key: str, version: str) -> bool:
    try:
        client.remove_object(bucket, key, version_id=version)
        client.stat_object(bucket, key, version_id=version)
    except S3Error as fault:
        return fault.code != "AccessDenied"
    return False  # it says that it did, and it is still there


def _clear_away(client: Minio, bucket: str) -> None:
    """Destroy the canaries whose term has ended."""
    ended = datetime.now(UTC) - _CANARY_TERM
    for found in list(client.list_objects(bucket, CANARIES, include_version=True)):
        if found.object_name and found.last_modified and found.last_modified < ended:
            try:
                client.remove_object(bucket, found.object_name, version_id=found.version_id)
            except (S3Error, InvalidResponseError):  # the clocks differ: the next trial takes it
                continue
