"""Much mail at once: one message as large as they come, and all that nine mailboxes gathered in a week's outage.

Either is taken in whole, and the service itself grows by no more than what it holds at a time.
"""

from __future__ import annotations

import base64
import hashlib
import json
import os
import re
import smtplib
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from fpdf import FPDF
from mailbox_server import PASSWORD, Dovecot, dovecot
from place import Place, Process, finish

MEGABYTE = 1 << 20
ATTACHMENTS = 200
MOST_GROWTH = 60 * MEGABYTE
MAILBOXES, A_DAY = 9, 2
OUTAGE = [datetime(2026, 11, 9, 8, tzinfo=UTC) + timedelta(days=day) for day in range(7)]


def peak(process: Process) -> int:
    """Return the largest resident memory that the process itself has had; its sandbox has limits of its own."""
    status = Path(f"/proc/{process.pid}/status").read_text()
    found = re.search(r"VmHWM:\s+(\d+) kB", status)
    assert found
    return int(found[1]) * 1024


def sound(place: Place) -> None:
    balance = place.call("reconcile", "--json")
    assert (balance.returncode, json.loads(balance.stdout)["missing"]) == (0, [])
    assert place.call("verify").returncode == 0


def plan(number: int, size: int) -> bytes:
    """A page with words, and a drawing in it that makes the file as large as plans are."""
    pdf = FPDF()
    pdf.add_page()
    pdf.set_font("helvetica", size=12)
    pdf.multi_cell(0, 8, f"Plan {number} of the extension at 4 Quarry View, Harrowdale HD7 4QT.")
    pdf.embed_file(basename="drawing.dwg", bytes=os.urandom(size))
    return bytes(pdf.output())


def large_message(size: int) -> Iterator[bytes]:
    """Yield a message of about this size in pieces."""
    yield b"Message-ID: <large@client.example>\r\nFrom: ann@client.example\r\nSubject: Plans\r\nMIME-Version: 1.0\r\n"
    yield b"Content-Type: multipart/mixed; boundary=cut\r\n\r\n--cut\r\nContent-Type: text/plain\r\n\r\n"
    yield b"Please find the plans for my planning application, an extension at 4 Quarry View.\r\n"
    for number in range(ATTACHMENTS):
        yield f"--cut\r\nContent-Type: application/pdf; name=plan{number}.pdf\r\n".encode()
        yield b"Content-Disposition: attachment\r\nContent-Transfer-Encoding: base64\r\n\r\n"
        yield base64.encodebytes(plan(number, size // ATTACHMENTS * 57 // 78 - 4096)).replace(b"\n", b"\r\n")
    yield b"--cut--\r\n"


def send(parts: Iterator[bytes], port: int) -> tuple[int, str]:
    """Send a message piece by piece; return how large it was, and its digest."""
    size, digest = 0, hashlib.sha256()
    with closing(smtplib.SMTP("127.0.0.1", port, timeout=600)) as client:
        client.ehlo()
        client.mail("ann@client.example")
        client.rcpt("contact@harrowdale.example")
        client.docmd("DATA")
        for part in parts:
            client.send(part)
            digest.update(part)
            size += len(part)
        client.send(b".\r\n")
        assert client.getreply()[0] == 250
    return size, digest.hexdigest()


@pytest.fixture
def carried(place: Place, closed_port: int) -> Iterator[Callable[[int], tuple[int, int]]]:
    """Sends a message of about this size to a service, until it is through; gives its size and the service's growth."""

    def carry(wanted: int) -> tuple[int, int]:
        with place.running("run", settings={"SMTP__PORT": str(closed_port), "SMTP__PROTOCOL": "smtp"}) as service:
            place.wait_until_open(service)
            before = peak(service)
            size, sha256 = send(large_message(wanted), closed_port)
            finish(place, 1, 400)
            grown = peak(service) - before
        assert place.ask("SELECT sha256, size FROM original WHERE ordinal = 1") == [(sha256, size)]
        assert place.ask("SELECT count(*) FROM item WHERE case_id IS NOT NULL") == [(1,)]
        return size, grown

    yield carry
    sound(place)


@pytest.mark.timeout(600)
def test_all_200_attachments_of_150_megabytes_are_read_and_the_service_holds_none_of_them(
    place: Place, carried: Callable[[int], tuple[int, int]]
) -> None:
    size, grown = carried(149 * MEGABYTE)
    assert 140 * MEGABYTE < size <= 150 * MEGABYTE
    assert place.ask("SELECT count(*), count(DISTINCT sha256) FROM original") == [(1 + ATTACHMENTS, 1 + ATTACHMENTS)]
    assert place.ask("SELECT count(*) FROM page WHERE text LIKE '%Plan % of the extension%'") == [(ATTACHMENTS,)]
    assert grown < MOST_GROWTH, f"it grew by {grown // MEGABYTE} MB"


def message(box: int, number: int) -> bytes:
    head = (
        f"Message-ID: <{box}.{number}@client.example>\r\nFrom: ann@client.example\r\nSubject: Refund {number}\r\n\r\n"
    )
    return f"{head}Please refund my council tax. My account is 80{box}{number:05}.\r\n".encode()


def gather(server: Dovecot, users: Sequence[str]) -> dict[str, datetime]:
    """Have mail come into each mailbox on each day; return when each message came, by its digest."""
    came = {}
    with server.running():
        for box, user in enumerate(users):
            with server.client(user) as client:
                for number in range(A_DAY * len(OUTAGE)):
                    content, at = message(box, number), OUTAGE[number // A_DAY] + timedelta(minutes=box)
                    client.append("INBOX", content, msg_time=at)
                    came[hashlib.sha256(content).hexdigest()] = at
    return came


@pytest.mark.timeout(600)
def test_what_nine_mailboxes_gathered_in_a_week_is_taken_in_with_the_time_at_which_it_came(
    place: Place, tmp_path: Path
) -> None:
    password = tmp_path / "password"
    password.write_text(PASSWORD)
    with dovecot() as server:
        users = [server.new_user() for _ in range(MAILBOXES)]
        came = gather(server, users)
        common = {"host": "127.0.0.1", "port": server.tls, "authority_file": str(server.authority)}
        boxes = {user: {**common, "user": user, "password_file": str(password)} for user in users}
        settings = {"IMAP__MAILBOXES": json.dumps(boxes), "IMAP__ALARM_AFTER_SECONDS": "0"}
        with place.running("run", settings=settings) as service:
            place.wait_until(lambda: alarms(place) == MAILBOXES, "an alarm for each mailbox")
            before = peak(service)
            with server.running():
                finish(place, len(came), 400)
                place.wait_until(lambda: alarms(place) == 0, "the end of the alarms")
                grown = peak(service) - before
    found = place.ask("SELECT sha256, received_at FROM item JOIN original ON original.item_id = item.id")
    assert {sha256: datetime.fromisoformat(at).replace(tzinfo=UTC) for sha256, at in found} == came
    assert len(found) == len(came) == MAILBOXES * A_DAY * len(OUTAGE)
    assert place.ask("SELECT count(*) FROM item WHERE case_id IS NULL") == [(0,)]
    assert place.ask("SELECT sum(taken), sum(lying), sum(accepted) FROM mailbox_count") == [(len(came), 0, len(came))]
    assert grown < MOST_GROWTH, f"it grew by {grown // MEGABYTE} MB"
    sound(place)


def alarms(place: Place) -> int:
    found = place.ask("SELECT count(*) FROM alarm WHERE subject LIKE 'mailbox %' AND cleared_at IS NULL")
    return int(found[0][0]) if found else 0
