"""What a malware scanner must keep: proved with a real clamd, over TCP and over its local socket."""

from __future__ import annotations

import io
import os
import socket
import threading
import zipfile
from base64 import encodebytes
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from malware_server import EICAR, MOST_BYTES, NAME, ClamAv

from mailroom.domain.errors import Misconfigured, Transient, Unreachable
from mailroom.ports import Scanned, Scanner
from mailroom.scanners.clamd import Clamd

PATIENCE = 20.0


@pytest.fixture(params=["tcp", "local"])
def scanner(request: pytest.FixtureRequest, malware_server: ClamAv) -> Scanner:
    return Clamd(malware_server.address if request.param == "tcp" else malware_server.local_socket, PATIENCE)


def archive() -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as zipped:
        zipped.writestr("letter.txt", EICAR)
    return made.getvalue()


def mail() -> bytes:
    return (
        b"From: jo@example.org\r\nSubject: Bill\r\nMIME-Version: 1.0\r\n"
        b"Content-Type: multipart/mixed; boundary=b\r\n\r\n"
        b"--b\r\nContent-Type: text/plain\r\n\r\nSee attached.\r\n"
        b"--b\r\nContent-Type: application/octet-stream\r\nContent-Transfer-Encoding: base64\r\n"
        b'Content-Disposition: attachment; filename="bill.com"\r\n\r\n' + encodebytes(EICAR) + b"\r\n--b--\r\n"
    )


def test_it_says_that_it_is_there(scanner: Scanner) -> None:
    scanner.ping()


@pytest.mark.parametrize("content", [b"", b"Dear Sir", b"a letter " * 50_000], ids=["empty", "short", "long"])
def test_in_what_does_no_harm_it_finds_nothing(scanner: Scanner, content: bytes) -> None:
    assert scanner.scan(io.BytesIO(content)) == Scanned()


@pytest.mark.parametrize("content", [EICAR, archive(), mail()], ids=["bare", "in an archive", "attached to a mail"])
def test_it_finds_what_may_do_harm_and_names_it(scanner: Scanner, content: bytes) -> None:
    assert scanner.scan(io.BytesIO(content)) == Scanned(found=NAME)


@pytest.mark.parametrize("bytes_too_many", [1, 30 << 20], ids=["by a byte", "by far"])
def test_what_is_too_large_for_it_is_never_called_harmless(scanner: Scanner, bytes_too_many: int) -> None:
    assert scanner.scan(io.BytesIO(os.urandom(MOST_BYTES + bytes_too_many))) == Scanned(whole=False)


def test_what_unpacks_to_more_than_it_looks_at_is_never_called_harmless(scanner: Scanner) -> None:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as zipped:
        zipped.writestr("plan.bin", bytes(3 * MOST_BYTES) + EICAR)
    assert scanner.scan(io.BytesIO(made.getvalue())) == Scanned(whole=False)


def test_a_file_is_never_held_as_a_whole(scanner: Scanner) -> None:
    class Letter(io.BytesIO):
        largest = 0

        def read(self, size: int | None = -1, /) -> bytes:
            piece = super().read(size)
            self.largest = max(self.largest, len(piece))
            return piece

    letter = Letter(bytes(MOST_BYTES - 1))
    assert scanner.scan(letter) == Scanned()
    assert 0 < letter.largest <= 1 << 16


def test_one_that_is_not_there_is_unreachable(closed_port: int, tmp_path: Path) -> None:
    for address in (f"127.0.0.1:{closed_port}", str(tmp_path / "no-such-socket"), "no-such-host.invalid:3310"):
        gone = Clamd(address, PATIENCE)
        for ask in (gone.ping, lambda gone=gone: gone.scan(io.BytesIO(b"Dear Sir"))):
            with pytest.raises(Unreachable, match="malware scanner"):
                ask()


@contextmanager
def answering(*answers: bytes | None) -> Iterator[str]:
    """Something on a port that says each of these to one client after the other, and hangs up; None: says nothing."""
    ended = threading.Event()

    def serve(listener: socket.socket) -> None:
        for answer in answers:
            client, _ = listener.accept()
            with client:
                client.settimeout(PATIENCE)
                client.recv(5)
                if answer is None:
                    ended.wait(PATIENCE)
                else:
                    client.sendall(answer)

    with socket.create_server(("127.0.0.1", 0)) as listener:
        server = threading.Thread(target=serve, args=(listener,), daemon=True)
        server.start()
        yield f"127.0.0.1:{listener.getsockname()[1]}"
        ended.set()
        server.join(PATIENCE)


@pytest.mark.parametrize("nonsense", [b"220 mx.example ESMTP\r\n", b"\xff\xfe\0", b"P" * 100_000, b"stream: OK\0"])
def test_what_is_no_clamd_is_a_wrong_setting(nonsense: bytes) -> None:
    with answering(nonsense) as address, pytest.raises(Misconfigured, match=r"malware\.address"):
        Clamd(address, PATIENCE).ping()


@pytest.mark.parametrize("nonsense", [b"stream: MAYBE\0", b"OK so far\0", b"<html>OK</html>\0"])
def test_an_answer_that_means_nothing_is_not_taken_for_yes(nonsense: bytes) -> None:
    with answering(b"PONG\0", nonsense) as address, pytest.raises(Misconfigured):
        Clamd(address, PATIENCE).scan(io.BytesIO(b"Dear Sir"))


@pytest.mark.parametrize("last", [b"", b"stre", b"stream: Can't create temporary file ERROR\0"])
def test_one_that_breaks_off_over_a_file_is_told_from_one_that_is_gone(last: bytes) -> None:
    with answering(b"PONG\0", last) as address, pytest.raises(Transient) as fault:
        Clamd(address, PATIENCE).scan(io.BytesIO(b"Dear Sir" * 100_000))
    assert not isinstance(fault.value, Unreachable)


def test_one_that_falls_silent_is_not_waited_for_for_ever() -> None:
    with answering(None) as address, pytest.raises(Unreachable):
        Clamd(address, 0.2).ping()
    with answering(b"PONG\0", None) as address, pytest.raises(Transient):
        Clamd(address, 0.2).scan(io.BytesIO(b"Dear Sir"))


@pytest.mark.parametrize(
    ("said", "name"),
    [(b"stream: Evil<b>\x1b[0m\r\nX FOUND\0", "Evil?b???0m??X"), (b"stream: " + b"a" * 300 + b" FOUND\0", "a" * 100)],
)
def test_a_name_is_made_harmless(said: bytes, name: str, malware_server: ClamAv) -> None:
    with answering(b"PONG\0", said) as address:
        assert Clamd(address, PATIENCE).scan(io.BytesIO(b"Dear Sir")) == Scanned(found=name)
