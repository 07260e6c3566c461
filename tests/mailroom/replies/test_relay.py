"""Mail goes out by a server that asks for TLS and a sign-in; who is turned away there is told, and loses no message."""

from __future__ import annotations

import ssl
import subprocess
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, LoginPassword

from mailroom.bootstrap import open_mailroom
from mailroom.bootstrap.mail_check import check_mail
from mailroom.domain.errors import RefusedForGood, Transient, TurnedAway, Unreachable
from mailroom.duties.check import Finding
from mailroom.ports import Message
from mailroom.replies.email_reply import EmailReply
from mailroom.replies.relay import Relay, Security

_OPENSSL = (
    *("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2"),
    *("-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1"),
)
MESSAGE = Message("<1@harrowdale.example>", "mary@example.org", "We have received your request", "Thank you.\n")
SENDER = "no-reply@harrowdale.example"
Server = Any  # the mail server of tests/conftest.py, which listens a second time here
Serve = Callable[[Security], AbstractContextManager[Relay]]


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A certificate for 127.0.0.1 that vouches for itself, and its key."""
    folder = tmp_path_factory.mktemp("tls")
    made, key = folder / "cert.pem", folder / "key.pem"
    subprocess.run([*_OPENSSL, "-keyout", str(key), "-out", str(made)], check=True, capture_output=True)
    return made, key


@pytest.fixture
def serve(mail_server: Server, certificate: tuple[Path, Path], closed_ports: Callable[[int], list[int]]) -> Serve:
    """Starts a server that takes nothing before somebody has signed in as `mailroom` on a way that is encrypted."""
    made, key = certificate
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(made, key)

    def lets_in(_server: object, _session: object, _envelope: object, _mechanism: str, told: object) -> AuthResult:
        assert isinstance(told, LoginPassword)
        return AuthResult(success=(told.login, told.password) == (b"mailroom", b"secret"), handled=False)

    @contextmanager
    def run(security: Security) -> Iterator[Relay]:
        (port,) = closed_ports(1)
        asked: dict[Security, dict[str, Any]] = {
            Security.TLS: {"ssl_context": context, "auth_require_tls": False},
            Security.STARTTLS: {"tls_context": context, "require_starttls": True},
            Security.NONE: {},
        }
        controller = Controller(
            mail_server, "127.0.0.1", port, authenticator=lets_in, auth_required=True, **asked[security]
        )
        controller.start()
        yield Relay("127.0.0.1", port, security, made, "mailroom", lambda: "secret")
        controller.stop()

    return run


@pytest.mark.filterwarnings("ignore:Requiring AUTH")
@pytest.mark.parametrize("security", [Security.STARTTLS, Security.TLS])
def test_a_mail_goes_out_encrypted_and_signed_in(serve: Serve, mail_server: Server, security: Security) -> None:
    with serve(security) as relay:
        EmailReply(relay, SENDER).send(MESSAGE)
    (mail,) = mail_server.mails()
    assert mail["Message-ID"] == MESSAGE.message_id


def no_password() -> str:
    raise OSError("acknowledge.smtp_password_file: 'gone' cannot be read")


@pytest.mark.parametrize(
    ("changed", "named"),
    [
        ({"password": lambda: "wrong"}, "does not let mailroom in (535 "),
        ({"password": lambda: "p\u00e4ss"}, "the password may have ASCII characters alone"),
        ({"password": no_password}, "acknowledge.smtp_password_file: 'gone' cannot be read"),
        ({"authority": None}, "set acknowledge.smtp_authority_file to a PEM file"),
        ({"host": "localhost"}, "set acknowledge.smtp_host to a name that stands in it"),
        ({"user": ""}, "takes no mail of ours: 530 "),
        ({"user": "", "security": Security.NONE}, "takes no mail of ours: 530 "),
    ],
)
def test_who_is_turned_away_reads_which_setting_is_wrong(
    serve: Serve, mail_server: Server, changed: dict[str, Any], named: str
) -> None:
    with serve(Security.STARTTLS) as relay, pytest.raises(TurnedAway) as told:
        EmailReply(replace(relay, **changed), SENDER).send(MESSAGE)
    assert named in str(told.value)
    assert "p\u00e4ss" not in str(told.value)
    assert not mail_server.taken


def test_no_password_leaves_where_the_way_is_not_encrypted(serve: Serve, mail_server: Server) -> None:
    with serve(Security.NONE) as relay, pytest.raises(TurnedAway, match="does not offer STARTTLS"):
        EmailReply(replace(relay, security=Security.STARTTLS), SENDER).send(MESSAGE)
    assert not mail_server.taken


def test_a_server_that_knows_no_sign_in_is_named(mail_server: Server) -> None:
    plain = Relay("127.0.0.1", mail_server.port, user="mailroom", password=lambda: "secret")
    with pytest.raises(TurnedAway, match="lets nobody sign in by a password"):
        EmailReply(plain, SENDER).send(MESSAGE)


@pytest.mark.parametrize(
    ("command", "answer", "error"),
    [
        ("MAIL", "550 5.7.1 no null senders here", TurnedAway),
        ("MAIL", "451 4.3.0 try later", Transient),
        ("RCPT", "554 5.7.1 <mail.example>: Client host rejected: Access denied", TurnedAway),
        ("RCPT", "530 5.7.0 Authentication required", TurnedAway),
        ("RCPT", "550 5.1.1 no such user", RefusedForGood),
        ("DATA", "554 5.2.252 SendAsDenied; mailroom not allowed to send as no-reply", TurnedAway),
        ("DATA", "554 5.7.1 refused", RefusedForGood),
    ],
)
def test_a_refusal_of_us_is_none_of_the_address(
    mail_server: Server, command: str, answer: str, error: type[Exception]
) -> None:
    mail_server.says[command] = answer
    with pytest.raises(error) as told:
        EmailReply(Relay("127.0.0.1", mail_server.port), SENDER).send(MESSAGE)
    assert isinstance(told.value, error)
    assert isinstance(told.value, TurnedAway) == (error is TurnedAway)


def test_one_address_that_is_refused_by_policy_is_refused_for_good(
    mail_server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def only_mary(_server: object, _session: object, _envelope: object, address: str, _options: object) -> str:
        return "550 5.7.1 not wanted" if address == MESSAGE.address else "250 OK"

    monkeypatch.setattr(mail_server, "handle_RCPT", only_mary)
    with pytest.raises(RefusedForGood):
        EmailReply(Relay("127.0.0.1", mail_server.port), SENDER).send(MESSAGE)


def test_a_server_that_speaks_no_tls_is_waited_for(mail_server: Server) -> None:
    with pytest.raises(Unreachable, match=r"Correct acknowledge\.smtp_host, smtp_port and smtp_security"):
        EmailReply(Relay("127.0.0.1", mail_server.port, Security.TLS), SENDER).send(MESSAGE)


def checked(monkeypatch: pytest.MonkeyPatch, **settings: object) -> Finding:
    for key, value in settings.items():
        monkeypatch.setenv(f"MAILROOM_ACKNOWLEDGE__SMTP_{key.upper()}", str(value))
    with open_mailroom() as services:
        return next(found for found in check_mail(services) if found.name == "acknowledge")


def test_check_signs_in_and_sends_nothing(
    data: Path, serve: Serve, mail_server: Server, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    file = tmp_path / "password"
    with serve(Security.STARTTLS) as relay:
        told = {"host": relay.host, "port": relay.port, "security": "starttls", "authority_file": relay.authority}
        for password, sentence in (
            ("secret\n", f"by 127.0.0.1:{relay.port}, by STARTTLS, signed in as mailroom, from {SENDER}."),
            ("wrong\n", "Correct acknowledge.smtp_user and the password in acknowledge.smtp_password_file"),
        ):
            file.write_text(password, encoding="utf-8")
            found = checked(monkeypatch, **told, user="mailroom", password_file=file)
            assert sentence in found.sentence
            assert found.sound == (password == "secret\n")
    assert not mail_server.taken


@pytest.mark.parametrize(
    ("settings", "named"),
    [
        ({"user": "mailroom"}, 'Set acknowledge.smtp_security to "starttls" or "tls"'),
        ({"user": "mailroom", "security": "tls"}, "acknowledge.smtp_password_file: name a file"),
        (
            {"user": "mailroom", "security": "tls", "password_file": "/nope"},
            "smtp_password_file: '/nope' cannot be read",
        ),
        ({"password_file": "/nope"}, "acknowledge.smtp_user: say whose password"),
        ({"authority_file": "/nope"}, "acknowledge.smtp_authority_file: '/nope' holds no certificates"),
        ({"authority_file": __file__}, "holds no certificates"),
    ],
)
def test_settings_that_do_not_stand_together_are_named(
    data: Path, monkeypatch: pytest.MonkeyPatch, settings: dict[str, object], named: str
) -> None:
    found = checked(monkeypatch, host="127.0.0.1", **settings)
    assert (found.sound, named in found.sentence) == (False, True), found.sentence
