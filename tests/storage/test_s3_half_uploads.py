"""What a killed upload leaves in a bucket is found there and cleared away; what is being put this moment is not."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from minio import Minio
from object_servers import ObjectServer

from storage import s3_half_uploads
from storage.errors import StoreRefused
from storage.local import LocalStore
from storage.s3 import Bucket, S3Store
from storage.vault import Vault

HOUR = timedelta(hours=1)
KEY = "originals/ab/large"
UPLOAD = """
import sys, time
from pathlib import Path
from minio import Minio
from storage.s3 import Bucket, S3Store

whole = Minio._upload_part
def stop_at_the_second(client, *told):
    if told[-1] == 2:
        print("half", flush=True)
        time.sleep(600)
    return whole(client, *told)
Minio._upload_part = stop_at_the_second
_, key, source, *bucket = sys.argv
S3Store(Bucket(*bucket)).put_new(key, Path(source))
"""
Begin = Callable[[Bucket, str], None]


def uploads(server: ObjectServer, bucket: Bucket) -> list[str | None]:
    return [one.object_name for one in server.client()._list_multipart_uploads(bucket.bucket).uploads]


@pytest.fixture
def killed_upload(tmp_path: Path) -> Begin:
    """Puts something large in a process of its own, which is killed when half of it is there."""
    with (tmp_path / "large").open("wb") as file:
        file.truncate(65 << 20)

    def put(bucket: Bucket, key: str) -> None:
        told = (bucket.endpoint, bucket.bucket, bucket.access_key, bucket.secret_key, bucket.region)
        code = [sys.executable, "-c", UPLOAD, key, str(tmp_path / "large"), *told]
        with subprocess.Popen(code, stdout=subprocess.PIPE) as process:
            assert process.stdout is not None
            assert process.stdout.readline() == b"half\n"
            process.kill()

    return put


def test_what_a_killed_upload_left_is_cleared_away_once_it_is_old(
    server: ObjectServer, killed_upload: Begin, letter: Path, tmp_path: Path
) -> None:
    bucket = server.bucket(lock=True)
    store, now = S3Store(bucket), datetime.now(UTC)
    store.put_new("originals/one", letter)
    killed_upload(bucket, KEY)
    assert uploads(server, bucket) == [KEY]
    assert [one.key for one in store.list()] == ["originals/one"]
    vault = Vault(LocalStore(tmp_path / "first"), second=store)
    assert (vault.clear_half_written(now - HOUR), uploads(server, bucket)) == (0, [KEY])
    assert store.clear_half_written("renditions/", now + HOUR) == 0
    assert (vault.clear_half_written(now + HOUR), uploads(server, bucket)) == (1, [])
    assert [one.key for one in store.list()] == ["originals/one"]


def test_more_than_a_page_of_them_is_cleared_away(server: ObjectServer, monkeypatch: pytest.MonkeyPatch) -> None:
    bucket, client = server.bucket(), server.client()
    for number in range(5):
        client._create_multipart_upload(bucket.bucket, f"originals/{number}", {})
    whole = Minio._list_multipart_uploads
    monkeypatch.setattr(Minio, "_list_multipart_uploads", lambda *told, **more: whole(*told, **more, max_uploads=2))
    assert s3_half_uploads.abort_half_uploads(client, bucket.bucket, "originals/", datetime.now(UTC) + HOUR) == 5
    assert uploads(server, bucket) == []


def test_a_bucket_that_is_not_ours_to_look_into_says_so(server: ObjectServer) -> None:
    with pytest.raises(StoreRefused, match="uploads that broke off: The service does not accept the secret"):
        S3Store(replace(server.bucket(), secret_key="another")).clear_half_written("originals/", datetime.now(UTC))
