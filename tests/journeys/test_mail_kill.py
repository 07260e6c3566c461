"""Wherever the service dies between the first byte of a message and its answer, the next try ends in one item."""

from __future__ import annotations

import json
import smtplib
import socket
from collections.abc import Callable
from contextlib import closing, suppress
from pathlib import Path

from mailbox_server import PASSWORD, Dovecot
from place import Place, Process, finish

OF_SMTP = (
    "while it comes in",
    "all of it has come",
    "it is in the spool",
    "it is in the vault",
    "it is on the ledger",
    "the answer is written down",
    "the answer is to be given",
)
OF_IMAP = (
    "it is being copied",
    "it is copied",
    "its copy is remembered",
    "it is in the vault",
    "its move is to be written down",
    "the answer is written down",
    "it is known to be taken",
    "it is to be moved",
    "it is moved",
)
KILLS = Path(__file__).parent / "mail_kills"


def message(number: int, lines: int = 5_000) -> bytes:
    head = f"Message-ID: <{number}@client.example>\r\nFrom: ann@client.example\r\nSubject: Refund {number}\r\n\r\n"
    return head.encode() + b"Please refund my council tax.\r\n" * lines


class ServerInFront:
    """Keeps what it is given until it hears that it is ours, and tries again."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.queue: list[bytes] = []

    def try_all(self) -> None:
        for waiting in list(self.queue):
            with suppress(OSError, smtplib.SMTPException):
                with closing(smtplib.SMTP("127.0.0.1", self.port, timeout=60)) as client:
                    client.sendmail("ann@client.example", ["contact@harrowdale.example"], waiting)
                self.queue.remove(waiting)


def listens(port: int) -> Callable[[], bool]:
    def ask() -> bool:
        with suppress(OSError), closing(socket.create_connection(("127.0.0.1", port), 5)) as wire:
            return wire.recv(3) == b"220"
        return False

    return ask


def test_each_message_is_one_item_wherever_the_service_dies(place: Place, closed_port: int) -> None:
    settings = {"SMTP__PORT": str(closed_port), "SMTP__PROTOCOL": "smtp"}
    front = ServerInFront(closed_port)
    for number, point in enumerate(OF_SMTP):
        service = dying(place, settings, point)
        place.wait_until(listens(closed_port), "a listener")
        front.queue.append(message(number))
        front.try_all()
        assert front.queue, f"{point}: it was answered with yes before it died"
        place.wait_until(lambda: service.poll() is not None, "the end of the service")  # noqa: B023
        assert service.returncode == -9, point
    with place.running("run", settings=settings):
        place.wait_until(listens(closed_port), "a listener")
        front.try_all()
        assert front.queue == []
        finish(place, len(OF_SMTP))
    each_is_one_item(place, len(OF_SMTP))


def test_each_message_of_a_mailbox_is_one_item_wherever_the_service_dies(
    place: Place, mailbox_server: Dovecot, tmp_path: Path
) -> None:
    user, password = mailbox_server.new_user(), tmp_path / "password"
    password.write_text(PASSWORD)
    box = {"host": "127.0.0.1", "port": mailbox_server.tls, "user": user, "password_file": str(password)}
    mailboxes = {"contact": {**box, "authority_file": str(mailbox_server.authority)}}
    settings = {"IMAP__MAILBOXES": json.dumps(mailboxes)}
    for number, point in enumerate(OF_IMAP):
        with mailbox_server.client(user) as desk:
            desk.append("INBOX", message(number, lines=2_000))
        service = dying(place, settings, point)
        place.wait_until(lambda: service.poll() is not None, "the end of the service")  # noqa: B023
        assert service.returncode == -9, point
    with place.running("run", settings=settings):
        finish(place, len(OF_IMAP))
        place.wait_until(lambda: lying(mailbox_server, user) == 0, "an empty mailbox")
    each_is_one_item(place, len(OF_IMAP))
    assert lying(mailbox_server, user, "Taken") == len(OF_IMAP)


def lying(server: Dovecot, user: str, folder: str = "INBOX") -> int:
    with server.client(user) as desk:
        return int(desk.select_folder(folder, readonly=True)[b"EXISTS"])


def each_is_one_item(place: Place, number: int) -> None:
    assert place.ask("SELECT count(*), count(DISTINCT sha256) FROM original") == [(number, number)]
    assert place.ask("SELECT count(*) FROM item WHERE repeat_of IS NOT NULL") == [(0,)]
    balance = place.call("reconcile", "--json")
    assert (balance.returncode, json.loads(balance.stdout)["missing"]) == (0, [])
    assert place.call("verify").returncode == 0


def dying(place: Place, settings: dict[str, str], point: str) -> Process:
    return place.start("run", settings=settings, path=KILLS, environment={"MAIL_KILL": point})
