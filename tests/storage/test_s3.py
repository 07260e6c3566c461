"""What an S3 store says when the service, the way to it or the settings are not as they should be."""

from __future__ import annotations

import hashlib
import io
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any, BinaryIO

import pytest
from minio import Minio
from minio.helpers import ObjectWriteResult
from notebook import Notebook
from object_servers import ObjectServer

from storage import s3, s3_body
from storage.damage import Copy, Damage
from storage.errors import ObjectMissing, StorageError, StoreRefused, StoreUnavailable
from storage.local import LocalStore
from storage.memory import MemoryStore
from storage.s3 import Bucket, S3Store
from storage.s3_lock import Lock
from storage.spool import SpoolingStore
from storage.vault import Vault
from storage.whereabouts import Whereabouts


def error_of(bucket: Bucket, letter: Path) -> StorageError:
    with pytest.raises(StorageError) as caught:
        S3Store(bucket).put_new("one", letter)
    return caught.value


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"secret_key": "another"}, "the secret in the file that [s3] secret_key_file names"),
        ({"access_key": "another"}, "the access key in the file that [s3] access_key_file names"),
        ({"bucket": "nowhere"}, "no such bucket. Make it, with object lock"),
        ({"authority": None}, "did not prove who it is"),
    ],
    ids=["secret", "access key", "bucket", "authority"],
)
def test_a_wrong_setting_is_named(server: ObjectServer, letter: Path, wrong: dict[str, str], says: str) -> None:
    fault = error_of(replace(server.bucket(tls=True), **wrong), letter)
    assert isinstance(fault, StoreRefused)
    assert says in str(fault)


def test_the_secret_is_never_shown(server: ObjectServer) -> None:
    bucket = server.bucket()
    assert bucket.secret_key not in repr(bucket)


def test_a_service_that_is_not_there_can_be_tried_again(letter: Path) -> None:
    fault = error_of(Bucket("http://127.0.0.1:9", "originals", "a", "b", "default"), letter)
    assert isinstance(fault, StoreUnavailable)
    assert "cannot be reached" in str(fault)


def test_an_upload_in_parts_comes_back_byte_for_byte(server: ObjectServer, tmp_path: Path) -> None:
    large, digest = tmp_path / "large", hashlib.sha256()
    with large.open("wb") as file:
        for number in range(130):
            block = bytes([number]) * (1 << 20)
            file.write(block)
            digest.update(block)
    store = S3Store(server.bucket(lock=True, tls=True))
    assert store.put_new("large", large, digest.hexdigest()).size == 130 << 20
    with store.open("large") as kept:
        assert hashlib.file_digest(kept, "sha256").hexdigest() == digest.hexdigest()


def test_a_deletion_leaves_an_older_version_and_destroying_leaves_none(server: ObjectServer, letter: Path) -> None:
    bucket = server.bucket(lock=True)
    store, client = S3Store(bucket), server.client()
    store.put_new("one", letter)
    client.remove_object(bucket.bucket, "one")
    with pytest.raises(ObjectMissing):
        store.open("one")
    store.delete("one")
    assert list(client.list_objects(bucket.bucket, include_version=True)) == []


@contextmanager
def answering(status: int, body: bytes, promised: int | None = None) -> Iterator[str]:
    """A service that gives one answer to everything: its address."""

    class Answer(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.rfile.read(int(self.headers.get("Content-Length", 0)))
            self.send_response(status)
            self.send_header("Content-Length", str(len(body) if promised is None else promised))
            self.send_header("Last-Modified", "Fri, 27 Nov 2026 09:00:00 GMT")
            self.send_header("ETag", '"00000000000000000000000000000000"')
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(body)
            self.close_connection = True

        do_HEAD = do_PUT = do_GET  # noqa: N815

        def log_message(self, *_: object) -> None:
            pass

    service = HTTPServer(("127.0.0.1", 0), Answer)
    threading.Thread(target=service.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{service.server_port}"
    service.shutdown()
    service.server_close()


@pytest.mark.parametrize("status", [500, 503])
def test_a_service_that_fails_can_be_tried_again(letter: Path, status: int) -> None:
    with answering(status, b"") as endpoint:
        fault = error_of(Bucket(endpoint, "originals", "a", "b", "default"), letter)
    assert isinstance(fault, StoreUnavailable)


@pytest.mark.parametrize("wrong", ["500", "nobody there", "secret", "no bucket", "no lock"])
def test_whatever_keeps_a_service_from_taking_an_original_it_waits_here(
    server: ObjectServer, letter: Path, tmp_path: Path, wrong: str
) -> None:
    good = server.bucket()
    with answering(500, b"") as failing:
        bucket = {
            "500": replace(good, endpoint=failing),
            "nobody there": replace(good, endpoint="http://127.0.0.1:9"),
            "secret": replace(good, secret_key="another"),
            "no bucket": replace(good, bucket="nowhere"),
            "no lock": replace(good, lock=Lock("governance", 1)),
        }[wrong]
        store = SpoolingStore(S3Store(bucket), LocalStore(tmp_path / "spool"), 1 << 20, "here")
        assert store.put_new("originals/one", letter).waits_on == "here"
    with store.open("originals/one") as kept:
        assert kept.read() == b"a letter"
    there = SpoolingStore(S3Store(good), LocalStore(tmp_path / "spool"), 1 << 20, "here")
    assert there.hand_on("originals/one").stored.waits_on is None
    there.let_go("originals/one")
    with there.open("originals/one") as kept:
        assert kept.read() == b"a letter"


def test_an_answer_that_breaks_off_is_no_shorter_original() -> None:
    with (
        answering(200, b"half of a let", promised=20) as endpoint,
        S3Store(Bucket(endpoint, "originals", "a", "b", "default")).open("one") as kept,
        pytest.raises(StoreUnavailable),
    ):
        kept.read()


def test_a_service_that_keeps_other_bytes_than_it_was_sent_is_found_out(
    server: ObjectServer, letter: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put = Minio.put_object

    def put_another(client: Minio, bucket: str, key: str, _: BinaryIO, size: int, **options: int) -> ObjectWriteResult:
        return put(client, bucket, key, io.BytesIO(b"x" * size), size, **options)

    monkeypatch.setattr(Minio, "put_object", put_another)
    with pytest.raises(StoreUnavailable, match="keeps other bytes than it was sent"):
        S3Store(server.bucket()).put_new("one", letter)


@pytest.mark.parametrize("over", ["other bytes", "a deletion"])
def test_what_is_put_over_an_original_changes_nothing_in_what_is_read_and_is_found(
    server: ObjectServer, letter: Path, over: str
) -> None:
    bucket, client = server.bucket(lock=True), server.client()
    notebook = Notebook()
    vault = Vault(S3Store(bucket), register=notebook)
    kept = vault.keep(letter)
    assert vault.copies.newest_is_ours(Copy.FIRST, kept.key)
    if over == "a deletion":
        client.remove_object(bucket.bucket, kept.key)
    else:
        client.put_object(bucket.bucket, kept.key, io.BytesIO(b"forged"), 6)
    with vault.open(kept.sha256) as stream:
        assert stream.read() == b"a letter"
    assert not vault.copies.newest_is_ours(Copy.FIRST, kept.key)
    assert notebook.damage == []


def test_what_is_put_over_an_original_in_the_moment_of_its_receipt_is_not_taken_for_it(
    server: ObjectServer, letter: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put = Minio.put_object

    def put_over(client: Minio, bucket: str, key: str, content: BinaryIO, size: int, **options: int) -> Any:  # noqa: ANN401
        ours = put(client, bucket, key, content, size, **options)
        put(client, bucket, key, io.BytesIO(b"forged"), 6)
        return ours

    monkeypatch.setattr(Minio, "put_object", put_over)
    vault = Vault(S3Store(server.bucket(lock=True)), register=Notebook())
    kept = vault.keep(letter)
    with vault.open(kept.sha256) as stream:
        assert stream.read() == b"a letter"
    assert not vault.copies.newest_is_ours(Copy.FIRST, kept.key)


def test_an_original_is_mended_in_a_bucket_by_a_newer_version(server: ObjectServer, letter: Path) -> None:
    bucket, client, notebook = server.bucket(lock=True), server.client(), Notebook()
    vault = Vault(S3Store(bucket), MemoryStore(), notebook)
    kept = vault.keep(letter)
    copied = vault.copies.double(kept.sha256, kept.key)
    first = notebook.where[kept.key].version
    notebook.where[kept.key] = Whereabouts("no-such-version-any-more", None, True, copied.version)
    assert vault.copies.check(Copy.FIRST, kept.sha256, kept.key) == Damage(kept.key, kept.sha256, Copy.FIRST, None)
    stored, aside = vault.copies.mend(Copy.FIRST, kept.sha256, kept.key)
    assert aside is not None
    assert aside.endswith(f"version {first}")
    notebook.where[kept.key] = Whereabouts(stored.version)
    assert vault.copies.check(Copy.FIRST, kept.sha256, kept.key) is None
    versions = client.list_objects(bucket.bucket, kept.key, include_version=True)
    assert {one.version_id for one in versions if not one.is_delete_marker} == {first, stored.version}


@contextmanager
def listening(answer: bytes = b"", *, byte_by_byte: bool = False) -> Iterator[tuple[str, list[socket.socket]]]:
    """A service that takes every connection and says this, or nothing, and never ends it."""
    taken: list[socket.socket] = []
    door = socket.create_server(("127.0.0.1", 0))

    def take() -> None:
        with suppress(OSError):
            while True:
                taken.append(door.accept()[0])
                taken[-1].sendall(answer)
                while byte_by_byte:
                    taken[-1].sendall(b"x")
                    time.sleep(0.005)

    thread = threading.Thread(target=take)
    thread.start()
    try:
        yield f"http://127.0.0.1:{door.getsockname()[1]}", taken
    finally:
        door.shutdown(socket.SHUT_RDWR)
        for one in taken:
            one.close()
        door.close()
        thread.join()


def test_a_service_that_takes_the_connection_and_never_answers_is_left_within_a_minute(
    letter: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seconds = s3._READ_SECONDS
    monkeypatch.setattr(s3, "_READ_SECONDS", 0.05)
    with listening() as (address, taken):
        far = S3Store(Bucket(address, "originals", "a", "b", "default"))
        vault = Vault(SpoolingStore(far, LocalStore(tmp_path / "spool"), 1000, "here"))
        kept = vault.keep(letter)
        with vault.open(kept.sha256) as stream:
            assert stream.read() == letter.read_bytes()
        assert len(taken) * (seconds + s3._CONNECT_SECONDS) < 60


def test_an_original_that_comes_byte_by_byte_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(s3_body, "_PATIENCE_SECONDS", 0.05)
    answer = b"HTTP/1.1 200 OK\r\nContent-Length: 100000000\r\n\r\n"
    with listening(answer, byte_by_byte=True) as (address, _):
        store = S3Store(Bucket(address, "originals", "a", "b", "default"))
        with store.open("one") as slow, pytest.raises(StoreUnavailable, match="hardly answers"):
            slow.read()
