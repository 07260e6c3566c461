"""A token instead of a password, against a real mail server that asks the identity provider whose it is."""

from __future__ import annotations

import json
import ssl
import threading
from collections.abc import Iterator
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs

import pytest
from imapclient import IMAPClient
from imapclient.exceptions import LoginError
from mailbox_server import Dovecot

from mailroom.bootstrap.secret_file import SecretFile
from mailroom.channels.imap_sign_in import ByToken, Grant, Mechanism

SECRET = "opensesame"


class Provider:
    """Gives tokens for the right secret, and tells the mail server whose they are."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.user = ""
        self.given = 0
        self.revoked: set[str] = set()
        self.answer_with: tuple[int, bytes] | None = None
        self.asked: list[dict[str, str]] = []

    def grant(self, secret: str = SECRET) -> Grant:
        return Grant(f"http://127.0.0.1:{self.port}/token", "mailroom", lambda: secret, "mail")

    def token(self, asked: dict[str, str]) -> tuple[int, bytes]:
        self.asked.append(asked)
        if self.answer_with:
            return self.answer_with
        if asked["client_secret"] != SECRET:
            return 401, b"{}"
        self.given += 1
        return 200, json.dumps({"access_token": f"token-{self.given}", "expires_in": 3600}).encode()

    def introspect(self, asked: dict[str, str]) -> tuple[int, bytes]:
        active = asked.get("token") == f"token-{self.given}" and asked["token"] not in self.revoked
        return 200, json.dumps({"active": active, "username": self.user}).encode()


@pytest.fixture
def provider(mailbox_server: Dovecot) -> Iterator[Provider]:
    made = Provider(mailbox_server.provider)

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            asked = {name: values[0] for name, values in parse_qs(body).items()}
            status, answer = made.token(asked) if self.path == "/token" else made.introspect(asked)
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", made.port), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield made
    server.shutdown()
    thread.join()
    server.server_close()


def sign_in(server: Dovecot, way: ByToken, user: str) -> None:
    trusted = ssl.create_default_context(cafile=str(server.authority))
    with IMAPClient("127.0.0.1", server.tls, ssl=True, ssl_context=trusted, timeout=30) as client:
        way.to(client, user)
        client.select_folder("INBOX")


@pytest.mark.parametrize("mechanism", Mechanism)
def test_a_token_opens_the_mailbox_and_is_used_until_it_ends(
    mailbox_server: Dovecot, provider: Provider, mechanism: Mechanism
) -> None:
    provider.user = user = mailbox_server.new_user()
    clock = [0.0]
    way = ByToken(mechanism, provider.grant(), lambda: clock[0])
    for _ in range(3):
        sign_in(mailbox_server, way, user)
    assert provider.given == 1
    expected = {"grant_type": "client_credentials", "client_id": "mailroom", "client_secret": SECRET}
    assert provider.asked == [{**expected, "scope": "mail"}]
    clock[0] = 3541
    sign_in(mailbox_server, way, user)
    assert provider.given == 2


def test_a_token_that_the_server_does_not_take_is_not_shown_to_it_again(
    mailbox_server: Dovecot, provider: Provider
) -> None:
    provider.user = user = mailbox_server.new_user()
    way = ByToken(Mechanism.XOAUTH2, provider.grant())
    provider.revoked.add("token-1")
    with pytest.raises(LoginError):
        sign_in(mailbox_server, way, user)
    sign_in(mailbox_server, way, user)
    assert provider.given == 2


def test_a_secret_that_is_corrected_counts_with_the_next_token(
    mailbox_server: Dovecot, provider: Provider, tmp_path: Path
) -> None:
    provider.user = user = mailbox_server.new_user()
    file = tmp_path / "secret"
    file.write_text("expired")
    grant = replace(provider.grant(), secret=SecretFile("client_secret_file", file))
    way = ByToken(Mechanism.XOAUTH2, grant)
    with pytest.raises(OSError, match="gives no token"):
        sign_in(mailbox_server, way, user)
    file.write_text(SECRET)
    sign_in(mailbox_server, way, user)


def test_a_token_for_one_mailbox_opens_no_other(mailbox_server: Dovecot, provider: Provider) -> None:
    provider.user = mailbox_server.new_user()
    with pytest.raises(LoginError):
        sign_in(mailbox_server, ByToken(Mechanism.OAUTHBEARER, provider.grant()), mailbox_server.new_user())


@pytest.mark.parametrize("answer", [(200, b"no json"), (200, b"[]"), (200, b"{}"), (500, b""), (401, b"{}")])
def test_where_no_token_is_given_it_is_said_without_the_secret(
    mailbox_server: Dovecot, provider: Provider, answer: tuple[int, bytes]
) -> None:
    provider.answer_with = answer
    with pytest.raises(OSError, match=r"/token gives no token") as fault:
        sign_in(mailbox_server, ByToken(Mechanism.XOAUTH2, provider.grant("hidden")), mailbox_server.new_user())
    assert "hidden" not in str(fault.value)


def test_where_nobody_gives_tokens_it_is_said(mailbox_server: Dovecot) -> None:
    grant = Grant("http://127.0.0.1:1/token", "mailroom", lambda: "hidden")
    with pytest.raises(OSError, match=r"gives no token \(ConnectError\)"):
        sign_in(mailbox_server, ByToken(Mechanism.XOAUTH2, grant), mailbox_server.new_user())
