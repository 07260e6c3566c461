"""Objects in a bucket of an S3 service: AWS, Ceph, or whatever a council's data centre offers.

S3 has no writing once: what is put under a key that is taken becomes a newer version, or replaces it. So this looks
first, one writer of a process at a time; keys of originals are their digests, and those of renditions are made up anew,
so two processes can put under one key but equal bytes. An upload is checked by the digest that the service gives back.
"""

from __future__ import annotations

import hashlib
import io
import tempfile
import threading
import uuid
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import IO, BinaryIO, cast

import urllib3
from minio import Minio
from minio.commonconfig import ENABLED, CopySource
from minio.error import InvalidResponseError
from minio.versioningconfig import SUSPENDED

from storage.digest import copy_with_digest, digest_of
from storage.errors import KeyTaken, ObjectMissing, SourceChanged, StoreUnavailable
from storage.s3_body import Body
from storage.s3_faults import faults_told_apart
from storage.s3_half_uploads import abort_half_uploads
from storage.s3_lock import CANARIES, Lock, locked_until, protection_of
from storage.store import SET_ASIDE, Protection, StoredObject, check_key

_PART_BYTES = 64 << 20
_IN_MEMORY_BYTES = 8 << 20
_CONNECT_SECONDS, _READ_SECONDS = 5.0, 20.0
_TRIES = urllib3.Retry(total=2, read=1, backoff_factor=0.2, status_forcelist=[500, 502, 503, 504])
"""What takes the connection and says nothing is asked twice: whoever waits has an answer in less than a minute."""

_ONE_WRITER = tuple(threading.Lock() for _ in range(64))
_UNVERSIONED = "null"
"""What S3 calls the version of an object that was put while its bucket kept none."""

_LOCKED = ("originals/", "heads/")
"""What is locked: a rendition can be made again."""


@dataclass(frozen=True, slots=True)
class Bucket:
    """A bucket and the account that may use it.

    Attributes:
        endpoint: `https://host[:port]`; `http://` only where the network is the council's own.
        bucket: its name; it is never made here.
        access_key: of the account.
        secret_key: of the account.
        region: as the service calls it.
        authority: file with the certificate of the authority that signed the service's; None: those of the system.
        lock: what an original is locked by; None: by nothing that we ask for.
        told_in: the table of the settings that says all this, for the sentences about what is wrong in it.
    """

    endpoint: str
    bucket: str
    access_key: str
    secret_key: str
    region: str
    authority: Path | None = None
    lock: Lock | None = None
    told_in: str = "[s3]"

    def __repr__(self) -> str:
        """Return where it is; the secret is never shown."""
        return f"Bucket({self.endpoint}/{self.bucket})"

    def client(self) -> Minio:
        """Return a client that gives up after seconds, so that a call ends while whoever waits is still there."""
        scheme, _, host = self.endpoint.rstrip("/").partition("://")
        timeout = urllib3.Timeout(connect=_CONNECT_SECONDS, read=_READ_SECONDS)
        authority = str(self.authority) if self.authority else None
        pool = urllib3.PoolManager(
            timeout=timeout, retries=_TRIES, maxsize=16, cert_reqs="CERT_REQUIRED", ca_certs=authority
        )
        return Minio(
            host,
            self.access_key,
            self.secret_key,
            secure=scheme == "https",
            region=self.region,
            http_client=pool,
        )


class S3Store:
    """Keeps objects in a bucket; see `ObjectStore`.

    Args:
        bucket: where.
    """

    def __init__(self, bucket: Bucket) -> None:
        self._bucket = bucket.bucket
        self._client = bucket.client()
        self._lock = bucket.lock
        self._told_in = bucket.told_in

    def put_new(self, key: str, source: Path, sha256: str | None = None) -> StoredObject:
        """See `ObjectStore.put_new`."""
        check_key(key)
        with ExitStack() as stack:
            copy = stack.enter_context(tempfile.SpooledTemporaryFile(max_size=_IN_MEMORY_BYTES))
            with source.open("rb") as stream:
                digest, size = copy_with_digest(stream, copy)
            if sha256 not in (None, digest):
                raise SourceChanged(f"the source of {key} does not have the promised digest")
            stack.enter_context(_ONE_WRITER[hash(key) % len(_ONE_WRITER)])
            version = None if self._is_there(key, digest) else self._put(key, copy, size)
        return self.stat(key, version)

    def open(self, key: str, version: str | None = None) -> BinaryIO:
        """See `ObjectStore.open`."""
        check_key(key)
        with self._faults_told_apart(key):
            try:
                answer = self._client.get_object(self._bucket, key, version_id=version)
            except InvalidResponseError:
                self.stat(
                    key, version
                )  # some services say why in a form that the client cannot read; to this, all say it
                raise
        return cast("BinaryIO", io.BufferedReader(Body(answer, key, self._told_in)))

    def stat(self, key: str, version: str | None = None) -> StoredObject:
        """See `ObjectStore.stat`."""
        check_key(key)
        with self._faults_told_apart(key):
            found = self._client.stat_object(self._bucket, key, version_id=version)
        if found.size is None or found.last_modified is None:
            raise StoreUnavailable(f"{key}: the service does not say how large it is or when it was written")
        version = found.version_id if found.version_id != _UNVERSIONED else None
        end = locked_until(found.metadata or {})
        return StoredObject(key, found.size, found.last_modified, version, locked_until=end)

    def list(self, prefix: str = "") -> Iterator[StoredObject]:
        """See `ObjectStore.list`."""
        with self._faults_told_apart("listing"):
            for found in self._client.list_objects(self._bucket, prefix, recursive=True):
                if not found.object_name or found.object_name.startswith(CANARIES):
                    continue
                if found.size is not None and found.last_modified is not None:
                    yield StoredObject(found.object_name, found.size, found.last_modified.replace(microsecond=0))

    def delete(self, key: str) -> None:
        """See `ObjectStore.delete`; every version goes, and one that is locked stays and is refused."""
        check_key(key)
        with self._faults_told_apart(key):
            for version in self._versions(key) if self._keeps_versions else [None]:
                self._client.remove_object(self._bucket, key, version_id=version)

    def set_aside(self, key: str) -> str | None:
        """See `ObjectStore.set_aside`: where there are versions it becomes an older one, else it is copied away."""
        try:
            lying = self.stat(key)
        except ObjectMissing:
            return None
        with self._faults_told_apart(key):
            if lying.version:
                self._client.remove_object(self._bucket, key)  # of all versions: it only marks the key as free
                return f"{self._bucket}/{key}, version {lying.version}"
            aside = f"{SET_ASIDE}{key}.{uuid.uuid4().hex[:8]}"
            self._client.copy_object(self._bucket, aside, CopySource(self._bucket, key))
            self._client.remove_object(self._bucket, key)
        return f"{self._bucket}/{aside}"

    def lock(self, key: str, until: datetime, version: str | None = None) -> datetime | None:
        """See `ObjectStore.lock`."""
        lies = self.stat(key, version)
        if self._lock is None or (lies.locked_until is not None and lies.locked_until >= until):
            return lies.locked_until
        with self._faults_told_apart(key):
            self._client.set_object_retention(self._bucket, key, self._lock.until(until), version_id=version)
        return self.stat(key, version).locked_until

    def hold(self, key: str, version: str | None = None, *, on: bool) -> bool:
        """See `ObjectStore.hold`."""
        self.stat(key, version)
        if self._lock is None:
            return False
        change = self._client.enable_object_legal_hold if on else self._client.disable_object_legal_hold
        with self._faults_told_apart(key):
            change(self._bucket, key, version_id=version)
        return True

    def clear_half_written(self, prefix: str, before: datetime) -> int:
        """See `ObjectStore.clear_half_written`: of an upload in parts nothing is listed, and its parts are paid for."""
        with self._faults_told_apart("uploads that broke off"):
            return abort_half_uploads(self._client, self._bucket, prefix, before)

    def protection(self) -> Protection:
        """See `ObjectStore.protection`."""
        with self._faults_told_apart(self._bucket):
            keeps_versions = self._keeps_versions
        return protection_of(self._client, self._bucket, self._told_in, keeps_versions=keeps_versions)

    def _faults_told_apart(self, what: str) -> AbstractContextManager[None]:
        return faults_told_apart(what, self._told_in)

    @cached_property
    def _keeps_versions(self) -> bool:
        """Whether the bucket has, or once had, versions: then what is put or deleted leaves older ones behind."""
        return self._client.get_bucket_versioning(self._bucket).status in {ENABLED, SUSPENDED}

    def _versions(self, key: str) -> Sequence[str | None]:
        found = self._client.list_objects(self._bucket, key, recursive=True, include_version=True)
        return [one.version_id for one in found if one.object_name == key]

    def _is_there(self, key: str, digest: str) -> bool:
        try:
            with self.open(key) as kept:
                found, _ = digest_of(kept)
        except ObjectMissing:
            return False
        if found != digest:
            raise KeyTaken(f"{key} holds other bytes")
        return True

    def _put(self, key: str, content: IO[bytes], size: int) -> str | None:
        """Put the bytes; return their version, where there are any: somebody may put others over it in this moment."""
        expected = _expected_tag(content, size)
        content.seek(0)
        with self._faults_told_apart(key):
            put = self._client.put_object(
                self._bucket,
                key,
                cast("BinaryIO", content),
                size,
                part_size=_PART_BYTES,
                num_parallel_uploads=1,
                retention=self._lock.from_now() if self._lock and key.startswith(_LOCKED) else None,
            )
        if (put.etag or "").strip('"') != expected:
            self._compare(key, put.version_id, content)
        return put.version_id

    def _compare(self, key: str, version: str | None, content: IO[bytes]) -> None:
        """Read back what was put: a service that encrypts, or parts uploads otherwise, gives no digest to compare."""
        content.seek(0)
        expected, _ = digest_of(content)
        with self.open(key, version) as kept:
            found, _ = digest_of(kept)
        if found != expected:
            raise StoreUnavailable(f"{key}: the service keeps other bytes than it was sent")


def _expected_tag(content: IO[bytes], size: int) -> str:
    """Return the ETag that S3 gives to these bytes: their MD5, or that of the MD5s of their parts and their number."""
    content.seek(0)
    parts = []
    for _ in range(max(1, -(-size // _PART_BYTES))):
        part = hashlib.md5(usedforsecurity=False)
        left = _PART_BYTES
        while left and (block := content.read(min(left, 1 << 20))):
            part.update(block)
            left -= len(block)
        parts.append(part)
    if len(parts) == 1:
        return parts[0].hexdigest()
    whole = hashlib.md5(b"".join(part.digest() for part in parts), usedforsecurity=False)
    return f"{whole.hexdigest()}-{len(parts)}"
