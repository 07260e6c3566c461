"""What protects originals is tried on services that lock, that only keep versions, and that do neither."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from minio import Minio
from minio.commonconfig import ENABLED
from minio.versioningconfig import VersioningConfig
from object_servers import ObjectServer, rclone

from storage.errors import StoreRefused
from storage.s3 import S3Store
from storage.s3_lock import Lock
from storage.store import Protection


def test_a_bucket_with_object_lock_is_told_from_one_with_versions_alone_and_one_without(server: ObjectServer) -> None:
    versions = server.bucket()
    server.client().set_bucket_versioning(versions.bucket, VersioningConfig(ENABLED))
    found = [S3Store(bucket).protection() for bucket in (server.bucket(lock=True), versions, server.bucket())]
    assert found == [Protection.LOCK, Protection.VERSIONS, Protection.NOTHING]


def test_a_service_without_versions_protects_nothing() -> None:
    with rclone() as server:
        assert S3Store(server.bucket()).protection() is Protection.NOTHING


def test_a_service_that_takes_the_lock_and_deletes_all_the_same_is_found_out(
    server: ObjectServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    put = Minio.put_object

    def forgetting(client: Minio, *told: object, retention: object = None, **options: object) -> object:
        return put(client, *told, **options)  # type: ignore[arg-type]

    monkeypatch.setattr(Minio, "put_object", forgetting)
    assert S3Store(server.bucket(lock=True)).protection() is Protection.VERSIONS


def test_the_trial_leaves_nothing_to_be_listed(server: ObjectServer) -> None:
    store = S3Store(server.bucket(lock=True))
    store.protection()
    assert list(store.list()) == []


@pytest.mark.parametrize("mode", ["governance", "compliance"])
@pytest.mark.parametrize("tls", [False, True])
def test_an_original_is_locked_from_its_receipt_and_a_rendition_is_not(
    server: ObjectServer, letter: Path, mode: str, tls: bool
) -> None:
    bucket = replace(server.bucket(lock=True, tls=tls), lock=Lock(mode, 3))
    store, client = S3Store(bucket), server.client()
    for key in ("originals/one", "renditions/one"):
        store.put_new(key, letter)
    store.delete("renditions/one")
    with pytest.raises(StoreRefused, match="a lock forbids it"):
        store.delete("originals/one")
    with store.open("originals/one") as kept:
        assert kept.read() == b"a letter"
    head = client.stat_object(bucket.bucket, "originals/one").metadata or {}
    assert head["x-amz-object-lock-mode"] == mode.upper()


@pytest.mark.parametrize("mode", ["governance", "compliance"])
def test_a_lock_is_made_longer_and_never_shorter(server: ObjectServer, letter: Path, mode: str) -> None:
    store = S3Store(replace(server.bucket(lock=True), lock=Lock(mode, 3)))
    put = store.put_new("originals/one", letter)
    assert put.locked_until is not None
    assert timedelta(days=2.9) < put.locked_until - datetime.now(UTC) < timedelta(days=3.1)
    later = put.locked_until + timedelta(days=30)
    assert store.lock("originals/one", later, put.version) == later
    assert store.lock("originals/one", put.locked_until, put.version) == later
    assert store.stat("originals/one").locked_until == later


def test_what_is_under_legal_hold_cannot_be_destroyed_until_that_is_lifted(server: ObjectServer, letter: Path) -> None:
    store = S3Store(replace(server.bucket(lock=True), lock=Lock("governance", 3)))
    put = store.put_new("renditions/one", letter)  # nothing else locks it
    assert store.hold("renditions/one", put.version, on=True)
    with pytest.raises(StoreRefused):
        store.delete("renditions/one")
    assert store.hold("renditions/one", put.version, on=False)
    store.delete("renditions/one")
