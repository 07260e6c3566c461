"""The listener against a real client: yes is said to what is on the ledger, and to nothing else."""

from __future__ import annotations

import shutil
import smtplib
import socket
import ssl
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from mailroom.bootstrap.mail import mail_routes
from mailroom.bootstrap.places import spool_of
from mailroom.bootstrap.ways_in import door
from mailroom.channels.mail_routes import MailRoutes
from mailroom.channels.smtp import SmtpChannel
from mailroom.channels.smtp_reception import Reception
from mailroom.channels.smtp_settings import Protocol, SmtpSettings
from mailroom.domain.capture import Hints, Receipt
from mailroom.domain.errors import Transient
from mailroom.duties.reconcile import reconcile
from mailroom.journey.refuse import refuse
from mailroom.records.session_log import SessionLog, answers_in
from mailroom.records.tables import Item, ReceiptRow
from mailroom.services import Services

US = "contact@harrowdale.example"
MESSAGE = (
    b"Message-ID: <1@client.example>\r\nFrom: Ann Lee <ann@client.example>\r\nTo: contact@harrowdale.example\r\n"
    b"Subject: Refund\r\n\r\nPlease refund my council tax.\r\n.\r\n..\r\n"
)
Serve = Callable[..., "Listener"]
_KERNEL_WAITS = 0.035
"""Seconds, nearly: Linux says after 40 ms that it has something, unless it has something else to say."""

_OPENSSL = (
    *("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2"),
    *("-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1"),
)


class Listener:
    """The listener as it runs, and the way to its port."""

    def __init__(self, channel: SmtpChannel) -> None:
        self.channel = channel

    @contextmanager
    def client(self, kind: type[smtplib.SMTP] = smtplib.SMTP) -> Iterator[smtplib.SMTP]:
        with closing(kind("127.0.0.1", self.channel.port, timeout=30)) as client:  # type: ignore[call-arg]
            yield client

    def send(self, message: bytes = MESSAGE, *to: str, sender: str = "ann@client.example") -> None:
        with self.client() as client:
            client.sendmail(sender, to or (US,), message)

    def raw(self, *sent: bytes) -> list[str]:
        """The first line that comes back after each of these was sent."""
        with closing(socket.create_connection(("127.0.0.1", self.channel.port), 30)) as wire:
            stream = wire.makefile("rb")
            answers = [stream.readline().decode()]
            for piece in sent:
                wire.sendall(piece)
                line = stream.readline()
                while line[3:4] == b"-":
                    line = stream.readline()
                answers.append(line.decode())
        return answers


@pytest.fixture
def serve(services: Services) -> Iterator[Serve]:
    """Starts a listener: `serve(most_bytes=..., deliver=..., ...)`."""
    stop, threads = threading.Event(), []

    def start(**other: Any) -> Listener:  # noqa: ANN401  # settings of any kind
        deliver = other.pop("deliver", door(services))
        refused = other.pop("refuse", partial(refuse, services=services))
        settings = SmtpSettings("127.0.0.1", 0, Protocol.SMTP, mail_routes(services), least_free_bytes=1)
        log = SessionLog(services.settings.data, "smtp")
        reception = Reception(
            replace(settings, **other),
            deliver,
            refused,
            spool_of(services),
            log,
            services.now,
        )
        channel = SmtpChannel(reception)
        threads.append(threading.Thread(target=channel.run, args=(stop,)))
        threads[-1].start()
        while not channel.port and threads[-1].is_alive():
            time.sleep(0.01)
        return Listener(channel)

    yield start
    stop.set()
    for thread in threads:
        thread.join()


@pytest.fixture(autouse=True)
def in_balance(services: Services) -> Iterator[None]:
    """Whatever happens: the ledger is at zero, nothing lies about in the spool, and the log says the same."""
    yield
    found = reconcile(services)
    assert (found["difference"], found["missing"]) == (0, [])
    assert list(spool_of(services).iterdir()) == []


@pytest.fixture
def answers(services: Services) -> Callable[[], list[int]]:
    return lambda: [line.answer for line in answers_in(services.settings.data)]


def original_of(item: Item, services: Services) -> bytes:
    with services.records.look() as session:
        (original,) = session.get_one(Item, item.id).originals
        with services.vault.open(original.sha256) as stream:
            content: bytes = stream.read()
    return content


def test_a_message_is_on_the_ledger_byte_for_byte_when_its_server_hears_yes(
    serve: Serve, services: Services, items: Callable[[], list[Item]], answers: Callable[[], list[int]]
) -> None:
    with serve().client() as client:
        client.ehlo()
        assert {"size", "8bitmime", "smtputf8"} <= set(client.esmtp_features)
        client.mail("ann@client.example")
        client.rcpt(US)
        code, said = client.data(MESSAGE)
    (item,) = items()
    assert (code, item.reference in said.decode()) == (250, True)
    assert (item.channel, item.proven_sender, item.received_at) == ("email", "ann@client.example", services.now())
    assert original_of(item, services) == MESSAGE
    assert answers() == [250]


def test_a_delivery_made_again_is_the_same_item_and_another_message_is_not(
    serve: Serve, items: Callable[[], list[Item]]
) -> None:
    listener = serve()
    listener.send()
    listener.send()
    assert len(items()) == 1
    listener.send(MESSAGE.replace(b"refund", b"repay"))
    listener.send(MESSAGE, "planning@harrowdale.example")
    assert len(items()) == 3


def test_a_delivery_that_comes_in_other_pieces_is_still_the_same(serve: Serve, items: Callable[[], list[Item]]) -> None:
    listener = serve()
    listener.send()
    with listener.client() as client:
        client.ehlo()
        client.mail("ann@client.example")
        client.rcpt(US)
        client.docmd("DATA")
        for start in range(0, 60, 3):
            client.send(MESSAGE[start : start + 3])
            time.sleep(0.01)  # so that each is a block of its own
        client.send(MESSAGE[60:].replace(b"\r\n.", b"\r\n..") + b".\r\n")
        assert client.getreply()[0] == 250
    assert len(items()) == 1


def test_a_client_that_holds_back_the_end_until_it_has_our_receipt_does_not_wait_for_the_kernel(serve: Serve) -> None:
    def shut(_capture: object) -> Receipt:
        raise Transient("only the wire is timed")

    waited = []
    with serve(deliver=shut).client() as client:
        client.ehlo()
        for _ in range(10):
            client.mail("ann@client.example")
            client.rcpt(US)
            client.docmd("DATA")
            client.send(MESSAGE.replace(b"\r\n.", b"\r\n.."))
            began = time.perf_counter()
            client.send(b".\r\n")  # held back by its own kernel (RFC 896) until ours has said that it has the rest
            assert client.getreply()[0] == 451
            waited.append(time.perf_counter() - began)
    assert min(waited) < _KERNEL_WAITS


def test_a_name_in_the_text_of_a_message_is_not_its_own(serve: Serve, items: Callable[[], list[Item]]) -> None:
    listener = serve()
    for _ in range(2):
        listener.send(b"Subject: Missed bin\r\n\r\nMessage-ID: <quoted@client.example>\r\n")
    assert len(items()) == 2


def test_two_messages_that_say_neither_their_way_nor_their_name_are_two(
    serve: Serve, items: Callable[[], list[Item]]
) -> None:
    listener = serve()
    for _ in range(2):
        listener.send(b"Subject: Missed bin\r\n\r\nAgain.\r\n")
    first, second = items()
    assert second.repeat_of == first.id


def test_addresses_hint_at_a_team_and_a_tag_goes_before_its_mailbox(
    serve: Serve, items: Callable[[], list[Item]]
) -> None:
    listener = serve()
    listener.send(MESSAGE, "Planning@Harrowdale.Example")
    listener.send(MESSAGE, "planning+revenues@harrowdale.example")
    listener.send(MESSAGE, "planning@harrowdale.example", "contact+revenues@harrowdale.example")
    assert [item.hint_team for item in items()] == ["planning", "revenues", None]


def test_the_ledger_says_to_which_of_our_mailboxes_a_message_came(serve: Serve, services: Services) -> None:
    named = {"planning@harrowdale.example": Hints(), "bins+missed@harrowdale.example": Hints()}
    listener = serve(routes=MailRoutes(mailboxes=named))
    listener.send(MESSAGE, "contact@harrowdale.example", "Planning+revenues@harrowdale.example")
    listener.send(MESSAGE, "bins+missed@harrowdale.example")
    listener.send(MESSAGE, "contact@harrowdale.example")
    with services.records.look() as session:
        ways = session.scalars(select(ReceiptRow.way).order_by(ReceiptRow.id)).all()
    assert ways == ["address:planning@harrowdale.example", "address:bins+missed@harrowdale.example", "address:"]


def test_mail_to_others_is_not_passed_on(serve: Serve, items: Callable[[], list[Item]]) -> None:
    with pytest.raises(smtplib.SMTPRecipientsRefused) as refused:
        serve().send(MESSAGE, "somebody@elsewhere.example")
    assert refused.value.recipients["somebody@elsewhere.example"][0] == 550
    assert items() == []


def test_a_null_sender_is_taken_in_and_proves_that_nobody_is_to_be_answered(
    serve: Serve, items: Callable[[], list[Item]]
) -> None:
    serve().send(MESSAGE, sender="")
    assert [item.proven_sender for item in items()] == [""]


def test_a_message_over_the_limit_is_refused_and_stands_on_the_ledger(
    serve: Serve, items: Callable[[], list[Item]], answers: Callable[[], list[int]]
) -> None:
    listener = serve(most_bytes=100_000)
    large = MESSAGE + b"x" * 70 + b"\r\n" * 60_000
    with pytest.raises(smtplib.SMTPSenderRefused) as announced:
        listener.send(large)
    assert announced.value.smtp_code == 552
    with listener.client() as client:
        client.helo()
        client.mail("ann@client.example")
        client.rcpt(US)
        assert client.data(large)[0] == 552
        assert client.noop()[0] == 250, "the conversation goes on"
    assert [(item.state, item.proven_sender) for item in items()] == [("refused", "ann@client.example")] * 2
    assert answers() == [552, 552]


@pytest.mark.parametrize("bare", [b"a\nb", b"a\rb", b"end\n.\nMAIL FROM:<x@y.example>"])
def test_a_bare_cr_or_lf_is_refused_and_smuggles_nothing(
    serve: Serve, items: Callable[[], list[Item]], bare: bytes
) -> None:
    said = serve().raw(
        b"EHLO client.example\r\n",
        b"MAIL FROM:<ann@client.example>\r\n",
        b"RCPT TO:<contact@harrowdale.example>\r\n",
        b"DATA\r\n",
        b"Subject: x\r\n\r\n" + bare + b"\r\n.\r\n",
        b"NOOP\r\n",
    )
    assert [line[:3] for line in said] == ["220", "250", "250", "250", "354", "550", "250"]
    assert [item.state for item in items()] == ["refused"]


def test_what_follows_on_data_before_its_answer_is_refused(serve: Serve, items: Callable[[], list[Item]]) -> None:
    said = serve().raw(
        b"EHLO client.example\r\n",
        b"MAIL FROM:<ann@client.example>\r\n",
        b"RCPT TO:<contact@harrowdale.example>\r\n",
        b"DATA\r\nSubject: x\r\n\r\nearly\r\n.\r\n",
    )
    assert said[-1].startswith("503")
    assert items() == []


def test_while_the_door_takes_nothing_in_the_server_is_asked_to_come_again(
    serve: Serve, items: Callable[[], list[Item]], answers: Callable[[], list[int]]
) -> None:
    def shut(_capture: object) -> Receipt:
        raise Transient("the disk is full")

    with pytest.raises(smtplib.SMTPDataError) as refused:
        serve(deliver=shut).send()
    assert refused.value.smtp_code == 451
    assert "disk" not in str(refused.value.smtp_error)
    assert items() == []
    assert answers() == [451]


def test_a_fault_of_ours_keeps_the_message_with_its_server(serve: Serve, items: Callable[[], list[Item]]) -> None:
    def broken(_capture: object) -> Receipt:
        raise RuntimeError("a fault nobody thought of")

    with pytest.raises(smtplib.SMTPDataError, match="451"):
        serve(deliver=broken).send()
    assert items() == []


def test_a_refusal_that_cannot_be_put_on_the_ledger_is_not_given(
    serve: Serve, answers: Callable[[], list[int]]
) -> None:
    def out_of_reach(_refusal: object) -> str:
        raise Transient("the records are out of reach")

    with pytest.raises(smtplib.SMTPSenderRefused) as refused:
        serve(most_bytes=1000, refuse=out_of_reach).send(MESSAGE + b"x\r\n" * 1000)
    assert refused.value.smtp_code == 451
    assert answers() == [451]


def test_without_room_nothing_is_begun_and_the_log_says_why(
    serve: Serve, items: Callable[[], list[Item]], caplog: pytest.LogCaptureFixture
) -> None:
    with pytest.raises(smtplib.SMTPSenderRefused) as refused:
        serve(least_free_bytes=1 << 60).send()
    assert refused.value.smtp_code == 452
    assert items() == []
    assert "nothing is taken in: there is no room (intake.least_free_megabytes)" in caplog.text


def test_lmtp_answers_for_each_recipient(serve: Serve, items: Callable[[], list[Item]]) -> None:
    with serve(protocol=Protocol.LMTP).client(smtplib.LMTP) as client:
        client.ehlo()
        client.mail("ann@client.example")
        for name in ("contact", "planning"):
            client.rcpt(f"{name}@harrowdale.example")
        assert client.data(MESSAGE)[0] == 250
        assert client.getreply()[0] == 250
        assert client.noop()[0] == 250
    assert len(items()) == 1


def test_a_client_too_many_is_asked_to_come_again_and_served_when_another_has_gone(
    serve: Serve, items: Callable[[], list[Item]]
) -> None:
    listener = serve(most_clients=1)
    with listener.client() as first:
        first.noop()
        with pytest.raises(smtplib.SMTPConnectError) as refused, listener.client():
            pass
        assert refused.value.smtp_code == 421
        first.quit()
    for _ in range(100):
        try:
            listener.send()
            break
        except (smtplib.SMTPConnectError, smtplib.SMTPServerDisconnected):
            continue
    assert len(items()) == 1


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A certificate for 127.0.0.1 that vouches for itself, and its key."""
    folder = tmp_path_factory.mktemp("tls")
    made, key = folder / "cert.pem", folder / "key.pem"
    subprocess.run(
        [*_OPENSSL, "-keyout", str(key), "-out", str(made)],
        check=True,
        capture_output=True,
    )
    return made, key


def test_where_tls_is_required_nothing_is_said_before_it_and_who_signs_in_must_know_the_password(
    serve: Serve, certificate: tuple[Path, Path], items: Callable[[], list[Item]]
) -> None:
    made, key = certificate
    listener = serve(certificate=made, key=key, require_tls=True, user="postfix", password="secret")
    with listener.client() as client:
        client.ehlo()
        assert client.mail("ann@client.example")[0] == 530
        client.starttls(context=ssl.create_default_context(cafile=str(made)))
        client.ehlo()
        assert client.mail("ann@client.example")[0] == 530, "TLS alone does not sign in"
        with pytest.raises(smtplib.SMTPAuthenticationError):
            client.login("postfix", "guessed")
    with listener.client() as client:
        client.starttls(context=ssl.create_default_context(cafile=str(made)))
        client.login("postfix", "secret")
        client.sendmail("ann@client.example", [US], MESSAGE)
    assert len(items()) == 1


def test_what_was_answered_with_yes_and_is_not_on_the_ledger_is_missing(services: Services) -> None:
    SessionLog(services.settings.data, "smtp").note(services.now(), "10.0.0.1", "smtp:gone", 1234, 250)
    SessionLog(services.settings.data, "smtp").note(services.now(), "10.0.0.1", "smtp:kept", 1234, 451)
    with (services.settings.data / "mail-log" / "smtp-2026-11-16.jsonl").open("a") as file:
        file.write('{"at": "2026')
    (missing,) = reconcile(services)["missing"]
    assert "a message of 1234 bytes was taken from 10.0.0.1" in missing
    shutil.rmtree(services.settings.data / "mail-log")


def test_a_connection_lost_within_a_message_leaves_nothing(serve: Serve, items: Callable[[], list[Item]]) -> None:
    listener = serve()
    for cut in (b"Subject: x\r\n\r\nhalf", b"Subject: x\r\n\r\nwhole\r\n."):
        listener.raw(
            b"EHLO client.example\r\n",
            b"MAIL FROM:<ann@client.example>\r\n",
            b"RCPT TO:<contact@harrowdale.example>\r\n",
            b"DATA\r\n",
        )
        with closing(socket.create_connection(("127.0.0.1", listener.channel.port), 30)) as wire:
            stream = wire.makefile("rb")
            stream.readline()
            for line in (b"HELO x\r\n", b"MAIL FROM:<a@b.example>\r\n", b"RCPT TO:<contact@harrowdale.example>\r\n"):
                wire.sendall(line)
                stream.readline()
            wire.sendall(b"DATA\r\n")
            assert stream.readline().startswith(b"354")
            wire.sendall(cut)
    listener.send()
    assert len(items()) == 1
