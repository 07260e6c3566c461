"""`make bench-mail`: how soon mail is answered for, what a plain one costs, and what a large one takes of memory.

Runs the real service on a fresh folder and hands mail over by SMTP, as the server in front does. Seconds are counted
from the last byte of a message to the answer; CPU seconds are those of the service and all its children. The mailboxes
of a Monday morning are emptied by IMAP (`bench/monday.py`).
"""

from __future__ import annotations

import base64
import os
import shutil
import smtplib
import socket
import sqlite3
import statistics
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager, suppress
from functools import partial
from pathlib import Path
from threading import Event, Thread

from bench.figures import Figure, publish
from bench.monday import seconds_until_accepted
from bench.service import cpu_of_tree, service, wait_for

_DATA = Path(__file__).parent.parent / "build" / "bench" / "mail"
_A_SECOND = 10
_STEADY_SECONDS = 600
_PLAIN, _PLAIN_TURNS = 50, 5
_STANDING_SECONDS = 10.0
_MEGABYTE = 1 << 20
_LARGE_MEGABYTES, _ATTACHMENTS = 150, 200
_MONDAY = 3000
_US = "contact@harrowdale.example"
_BODY = (
    "I have moved to 12 Bridge Street, Harrowdale HD4 2QJ, and paid council tax for the old house until March. "
    "Please refund what I paid too much. My account is 8001234567.\r\n"
)


def main() -> int:
    """Measure, print the table and write `bench/mail.json`."""
    with _service({}) as (pid, port):
        plain = _cost_of_plain_mail(pid, port)
    with _service({}) as (pid, port):
        answered = _steady(port)
    with _service({"MAILROOM_MAIL__MEGABYTES": str(2 * _LARGE_MEGABYTES)}) as (pid, port):
        grown, seconds = _large(pid, port)
    monday = seconds_until_accepted(_MONDAY, _DATA, _plain, _service)
    how = f"{_A_SECOND} a second for {_STEADY_SECONDS} s, last byte to 250, the journey going on beside it"
    publish(
        "mail",
        [
            _figure("answer to a message p95", statistics.quantiles(answered, n=20)[-1] * 1000, "ms", 100, how),
            _figure(
                "a plain mail", plain * 1000, "ms CPU", 80, f"acceptance to hand-over, least of {_PLAIN_TURNS} turns"
            ),
            _figure(
                "memory for a large mail",
                grown / _MEGABYTE,
                "MB more",
                50,
                f"{_LARGE_MEGABYTES} MB, {_ATTACHMENTS} attachments; accepted in {seconds:.1f} s; the service itself",
            ),
            _figure(
                "a Monday start", monday, "s", 300, f"{_MONDAY} mails in nine mailboxes, till all are on the ledger"
            ),
        ],
    )
    return 0


def _figure(name: str, value: float, unit: str, goal: float, how: str) -> Figure:
    return Figure(name, round(value, 1), unit, goal, value <= goal, how)


def _cost_of_plain_mail(pid: int, port: int) -> float:
    """Return the CPU seconds of a mail, without those that the service needs with nothing to do."""
    _send_all(port, range(_PLAIN))
    wait_for(lambda: _through() == _PLAIN)  # the first ones fill the caches
    before = cpu_of_tree(pid)
    time.sleep(_STANDING_SECONDS)
    standing = (cpu_of_tree(pid) - before) / _STANDING_SECONDS
    turns = []
    for turn in range(1, _PLAIN_TURNS + 1):
        before, began = cpu_of_tree(pid), time.monotonic()
        _send_all(port, range(turn * _PLAIN, (turn + 1) * _PLAIN))
        wait_for(partial(_are_through, (turn + 1) * _PLAIN))
        turns.append((cpu_of_tree(pid) - before - standing * (time.monotonic() - began)) / _PLAIN)
    return min(turns)


def _send_all(port: int, numbers: range) -> None:
    with closing(smtplib.SMTP("127.0.0.1", port)) as client:
        for number in numbers:
            client.sendmail("ann@client.example", [_US], _plain(number))


def _steady(port: int) -> list[float]:
    """Return the seconds from the last byte of each message to its answer."""
    began, answered = time.monotonic(), []
    with closing(smtplib.SMTP("127.0.0.1", port)) as client:
        client.ehlo()
        for number in range(_STEADY_SECONDS * _A_SECOND):
            time.sleep(max(0.0, began + number / _A_SECOND - time.monotonic()))
            answered.append(_answer_to(client, _plain(number)))
    return answered


def _answer_to(client: smtplib.SMTP, message: bytes) -> float:
    client.mail("ann@client.example")
    client.rcpt(_US)
    client.docmd("DATA")
    client.send(message)
    sent = time.perf_counter()
    client.send(b".\r\n")
    code, said = client.getreply()
    if code != 250:
        raise RuntimeError(f"{code} {said!r}")
    return time.perf_counter() - sent


def _plain(number: int) -> bytes:
    head = f"Message-ID: <{number}@client.example>\r\nFrom: Ann Lee <ann@client.example>\r\nTo: {_US}\r\n"
    return f"{head}Subject: Council tax refund {number}\r\n\r\n{_BODY}".encode()


def _large(pid: int, port: int) -> tuple[int, float]:
    """Return by how many bytes the service's own memory grew at most, and the seconds from first byte to answer."""
    before = _resident(pid)
    most, done = before, Event()

    def watch() -> None:
        nonlocal most
        while not done.wait(0.02):
            most = max(most, _resident(pid))

    watcher = Thread(target=watch)
    watcher.start()
    began = time.monotonic()
    with closing(smtplib.SMTP("127.0.0.1", port, timeout=600)) as client:
        client.ehlo()
        client.mail("ann@client.example")
        client.rcpt(_US)
        client.docmd("DATA")
        for part in _large_message():
            client.send(part)
        client.send(b".\r\n")
        if client.getreply()[0] != 250:
            raise RuntimeError("the large mail was not taken in")
    seconds = time.monotonic() - began
    wait_for(lambda: _through() == 1)
    done.set()
    watcher.join()
    return most - before, seconds


def _large_message() -> Iterator[bytes]:
    yield b"Message-ID: <large@client.example>\r\nFrom: ann@client.example\r\nSubject: Plans\r\nMIME-Version: 1.0\r\n"
    yield b"Content-Type: multipart/mixed; boundary=cut\r\n\r\n--cut\r\nContent-Type: text/plain\r\n\r\nThe plans.\r\n"
    size = _LARGE_MEGABYTES * _MEGABYTE // _ATTACHMENTS * 57 // 78
    for number in range(_ATTACHMENTS):
        yield f"--cut\r\nContent-Type: application/pdf; name=plan{number}.pdf\r\n".encode()
        yield b"Content-Disposition: attachment\r\nContent-Transfer-Encoding: base64\r\n\r\n"
        yield base64.encodebytes(os.urandom(size)).replace(b"\n", b"\r\n")
    yield b"--cut--\r\n"


def _resident(pid: int) -> int:
    pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE")


@contextmanager
def _service(settings: Mapping[str, str]) -> Iterator[tuple[int, int]]:
    """Run the service on an empty folder while the block runs; gives its process id and where it takes mail in."""
    shutil.rmtree(_DATA, ignore_errors=True)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    own = {
        "MAILROOM_DATA": str(_DATA),
        "MAILROOM_WEB__PORT": "0",
        "MAILROOM_SMTP__PORT": str(port),
        "MAILROOM_SMTP__PROTOCOL": "smtp",
    }
    with service({**own, **settings}) as pid:
        wait_for(lambda: _listens(port))
        yield pid, port


def _listens(port: int) -> bool:
    with suppress(OSError), closing(socket.create_connection(("127.0.0.1", port), 5)) as wire:
        return wire.recv(3) == b"220"
    return False


def _are_through(number: int) -> bool:
    return _through() == number


def _through() -> int:
    with closing(sqlite3.connect(_DATA / "mailroom.sqlite")) as connection:
        found: int = connection.execute("SELECT count(*) FROM item WHERE next_stage IS NULL").fetchone()[0]
        return found


if __name__ == "__main__":
    sys.exit(main())
