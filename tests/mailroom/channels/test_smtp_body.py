"""However the wire cuts a message up, what is kept is what was sent, and its end is found where it is."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as some

from mailroom.channels.smtp_body import Fault, MessageBody

_PIECES = some.lists(some.sampled_from([b"a", b".", b"..", b"\r\n", b"Subject: x", b"\xe9", b"\r\n\r\n"]), max_size=30)


def stuffed(message: bytes) -> bytes:
    """The message as it goes over the wire: RFC 5321 section 4.5.2, and its end."""
    lines = message.split(b"\r\n")
    return b"\r\n".join(b"." + line if line.startswith(b".") else line for line in lines) + b".\r\n"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("spool")


def fed(body: MessageBody, wire: bytes, step: int) -> bytes | None:
    """What follows on the end of the message, when the wire brings so many bytes at once."""
    for start in range(0, len(wire), step):
        rest = body.feed(wire[start : start + step])
        if rest is not None:
            return rest + wire[start + step :]
    return None


@given(pieces=_PIECES, step=some.integers(1, 12), after=some.sampled_from([b"", b"QUIT\r\n", b".\r\n"]))
def test_what_is_kept_is_what_was_sent_and_what_follows_is_left(
    folder: Path, pieces: list[bytes], step: int, after: bytes
) -> None:
    message = b"".join(pieces)
    message += b"" if message.endswith(b"\r\n") or not message else b"\r\n"
    target = folder / "message"
    body = MessageBody(target, 1 << 20)
    try:
        assert fed(body, stuffed(message) + after, step) == after
        assert body.fault is None
        body.keep()
        assert target.read_bytes() == message
        assert (body.size, body.sha256) == (len(message), hashlib.sha256(message).hexdigest())
        assert body.begins == message
    finally:
        body.drop()
    assert not target.exists()


@pytest.mark.parametrize("step", [1, 2, 3, 7, 1000])
@pytest.mark.parametrize(
    "wire",
    [
        b"a\nb\r\n.\r\n",
        b"a\rb\r\n.\r\n",
        b"a\r\r\n.\r\n",
        b"a\n\r\n.\r\n",
        b"\n.\r\n\r\n.\r\n",
        b"a\n.\nMAIL FROM:<x@y>\r\n.\r\n",
        b"a\r\n.\nb\r\n.\r\n",
        b"a\r.\r\nb\r\n.\r\n",
    ],
)
def test_a_cr_or_lf_by_itself_is_a_fault_and_never_an_end(folder: Path, wire: bytes, step: int) -> None:
    body = MessageBody(folder / "bare", 1000)
    assert fed(body, wire, step) == b""
    assert body.fault is Fault.BARE
    body.drop()


def test_what_is_over_the_limit_is_read_to_its_end_and_not_kept(folder: Path) -> None:
    body = MessageBody(folder / "large", 1000)
    for _ in range(100):
        assert body.feed(b"x" * 98 + b"\r\n") is None
    assert (folder / "large").stat().st_size <= 1000
    assert body.feed(b".\r\nQUIT\r\n") == b"QUIT\r\n"
    assert (body.fault, body.size) == (Fault.TOO_LARGE, 10_000)
    body.drop()


def test_a_full_disk_is_a_fault(folder: Path) -> None:
    body = MessageBody(folder / "full", 1 << 30)
    body._file.close()
    body._file = Path("/dev/full").open("wb", buffering=0)  # noqa: SIM115
    assert body.feed(b"x" * 100_000 + b"\r\n.\r\n") == b""
    assert body.fault is Fault.NOT_WRITTEN
    body.drop()
