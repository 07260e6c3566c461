"""`make test-corpus-mail CORPUS=DIR`: every file of a folder by SMTP, as a message; each is answered, none is lost.

Before: files as they lie there. A mail server writes its own line ends (RFC 5321 section 2.3.8), and so does this: bare
CR and LF become CR LF. After: whatever was answered with yes is an item with a case, byte for byte. Prints how many
came to which end, the largest memory of the service, and the longest times. Not part of `make test`, as `corpus.py`.
"""

from __future__ import annotations

import hashlib
import os
import re
import socket
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from place import Place, Process

CORPUS = Path(os.environ["CORPUS"])
_BARE = re.compile(rb"\r\n|\r|\n")
_HIDDEN_DOT = re.compile(rb"^\.", re.MULTILINE)


@dataclass(frozen=True)
class Sent:
    """A file, what was sent of it, what was answered, and after how many seconds."""

    file: Path
    content: bytes
    answer: str
    seconds: float


def as_sent(content: bytes) -> bytes:
    """Return the message with the line ends of a mail server, the last one included."""
    lines = _BARE.sub(b"\r\n", content)
    return lines if lines.endswith(b"\r\n") else lines + b"\r\n"


def send(file: Path, port: int) -> Sent:
    content = as_sent(file.read_bytes())
    with socket.create_connection(("127.0.0.1", port), 120) as wire, wire.makefile("rb") as answers:
        _answer(answers)
        for command in (
            "EHLO client.example",
            "MAIL FROM:<ann@client.example>",
            "RCPT TO:<contact@harrowdale.example>",
        ):
            wire.sendall(f"{command}\r\n".encode())
            _answer(answers)
        wire.sendall(b"DATA\r\n")
        _answer(answers)
        wire.sendall(_HIDDEN_DOT.sub(b"..", content))
        begun = time.monotonic()
        wire.sendall(b".\r\n")
        answer = _answer(answers)
    return Sent(file, content, answer, time.monotonic() - begun)


def _answer(answers: Iterator[bytes]) -> str:
    line = next(answers)
    while line[3:4] == b"-":
        line = next(answers)
    return line.decode().strip()


def peak_megabytes(process: Process) -> int:
    """Return the largest resident memory that the process has had."""
    status = Path(f"/proc/{process.pid}/status").read_text()
    return int(re.search(r"VmHWM:\s+(\d+) kB", status)[1]) // 1024  # type: ignore[index]


@pytest.mark.timeout(7200)
def test_every_message_is_answered_and_what_is_ours_has_a_case(place: Place, closed_port: int) -> None:
    files = sorted(file for file in CORPUS.rglob("*") if file.is_file())
    assert files, f"there is no file in {CORPUS}"
    with place.running("run", settings={"SMTP__PORT": str(closed_port), "SMTP__PROTOCOL": "smtp"}) as service:
        place.wait_until_open(service)
        first = peak_megabytes(service)
        sent = [send(file, closed_port) for file in files]
        taken = [one for one in sent if one.answer.startswith("250")]
        place.wait_until(lambda: not place.under_way() and place.through() >= len(taken), "the end of all", 3600)
        print(
            Counter(one.answer[:3] for one in sent), Counter(state for (state,) in place.ask("SELECT state FROM item"))
        )
        print(f"service: {first} MB at first, {peak_megabytes(service)} MB at most")
        for one in sorted(sent, key=lambda one: -one.seconds)[:3]:
            print(f"{one.seconds:.2f} s to the answer: {one.file.name}, {len(one.content)} bytes")
        place.wait_until(lambda: place.ask("SELECT count(*) FROM custody_pending") == [(0,)], "a whole log")
    assert {one.answer[:3] for one in sent} <= {"250", "550", "552"}
    kept = {sha256 for (sha256,) in place.ask("SELECT sha256 FROM original WHERE ordinal = 1")}
    assert [one.file for one in taken if hashlib.sha256(one.content).hexdigest() not in kept] == []
    assert place.ask("SELECT count(*) FROM item WHERE state != 'refused' AND case_id IS NULL") == [(0,)]
    assert place.call("reconcile", "--json").returncode == 0
    assert place.call("verify").returncode == 0
