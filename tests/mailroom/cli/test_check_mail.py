"""`check` on the ways of mail, with a real Dovecot and a mail server: what is wrong is said before a mail is late."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest
from mailbox_server import PASSWORD, Dovecot

from mailroom.bootstrap import open_mailroom
from mailroom.bootstrap.mail_check import check_mail
from mailroom.duties.check import Finding

CONFIG = Path(__file__).parents[3] / "config"
Server = Any  # the mail server of tests/conftest.py


@pytest.fixture
def settings_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, data: Path) -> Path:
    """The settings of a configuration that a test may add to."""
    monkeypatch.setenv("MAILROOM_CONFIG", str(shutil.copytree(CONFIG, tmp_path / "config")))
    return tmp_path / "config" / "mailroom.toml"


def add(file: Path, lines: str) -> None:
    file.write_text(f"{file.read_text(encoding='utf-8')}\n{lines}\n", encoding="utf-8")


def checked() -> dict[str, Finding]:
    with open_mailroom() as services:
        return {found.name: found for found in check_mail(services)}


def mailbox(server: Dovecot, tmp_path: Path, user: str, *, password: str = PASSWORD, port: int | None = None) -> str:
    file = tmp_path / password
    file.write_text(f"{password}\n", encoding="utf-8")
    return (
        f'[imap.mailboxes.contact]\nhost = "127.0.0.1"\nport = {port or server.tls}\nuser = "{user}"\n'
        f'authority_file = "{server.authority}"\npassword_file = "{file}"'
    )


def test_a_mailroom_without_mail_says_so(data: Path) -> None:
    found = checked()
    assert found["mail"].sentence == "No mail is handed over to us: smtp.port is 0."
    assert "becomes a letter to print" in found["acknowledge"].sentence


def test_where_mail_is_taken_in_is_said(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MAILROOM_SMTP__PORT", "2424")
    told = checked()["mail"].sentence
    assert told == "Taken in by LMTP on 127.0.0.1, port 2424, for harrowdale.example."


@pytest.mark.parametrize(
    ("key", "value", "named"),
    [
        ("CERTIFICATE_FILE", "/nope.pem", "smtp.certificate_file: '/nope.pem' cannot be read"),
        ("CERTIFICATE_FILE", str(CONFIG / "teams.toml"), "are no certificate with its key"),
        ("PASSWORD_FILE", "/nope", "smtp.password_file: '/nope' cannot be read"),
        ("REQUIRE_TLS", "true", "smtp.require_tls is true, and smtp.certificate_file names no certificate"),
        ("USER", "postfix", "smtp.user is asked for after STARTTLS, and smtp.certificate_file names no certificate"),
    ],
)
def test_what_is_wrong_with_the_listener_is_said(
    data: Path, monkeypatch: pytest.MonkeyPatch, key: str, value: str, named: str
) -> None:
    monkeypatch.setenv("MAILROOM_SMTP__PORT", "2424")
    monkeypatch.setenv(f"MAILROOM_SMTP__{key}", value)
    found = checked()["mail"]
    assert (found.sound, named in found.sentence) == (False, True), found


def test_an_address_that_hints_at_no_team_is_found_though_no_mail_comes_in_yet(settings_file: Path) -> None:
    add(settings_file, '[mail.mailboxes."licensing@harrowdale.example"]\nteam = "licencing"')
    found = checked()["mail"]
    assert (found.sound, "[teams.licencing]" in found.sentence) == (False, True)


def test_a_mailbox_is_signed_in_to_and_nothing_in_it_is_changed(
    settings_file: Path, mailbox_server: Dovecot, tmp_path: Path
) -> None:
    user = mailbox_server.new_user()
    with mailbox_server.client(user) as client:
        client.append("INBOX", b"Subject: One\r\n\r\nText.\r\n")
    add(settings_file, mailbox(mailbox_server, tmp_path, user))
    told = checked()["mailbox contact"].sentence
    where = f"{user} signs in at 127.0.0.1, port {mailbox_server.tls}"
    assert told == f"{where}; 1 wait in INBOX; the folder Taken is made with the first mail."
    with mailbox_server.client(user) as client:
        assert not client.folder_exists("Taken")
        client.create_folder("Taken")
        client.select_folder("INBOX")
        assert [found[b"FLAGS"] for found in client.fetch([1], ["FLAGS"]).values()] in ([()], [(b"\\Recent",)])
    assert checked()["mailbox contact"].sentence.endswith("the folder Taken is there.")


def test_a_wrong_password_a_strange_certificate_and_a_server_that_is_gone_are_told_apart(
    settings_file: Path, mailbox_server: Dovecot, tmp_path: Path, closed_port: int
) -> None:
    user = mailbox_server.new_user()
    before = settings_file.read_text(encoding="utf-8")
    ours = f'authority_file = "{mailbox_server.authority}"\n'
    for lines, named in (
        (mailbox(mailbox_server, tmp_path, user, password="wrong"), f"it does not let {user} in"),
        (mailbox(mailbox_server, tmp_path, user).replace(ours, ""), "certificate is not to be trusted"),
        (mailbox(mailbox_server, tmp_path, user, port=closed_port), "Connection refused"),
    ):
        settings_file.write_text(f"{before}\n{lines}\n", encoding="utf-8")
        found = checked()["mailbox contact"]
        assert (found.sound, named in found.sentence) == (False, True), found
        assert "[imap.mailboxes.contact]" in found.sentence


@pytest.mark.parametrize(
    ("line", "named"),
    [
        ('password_file = "/nope"', "imap.mailboxes.contact.password_file"),
        ('sign_in = "xoauth2"', "xoauth2 needs token_url, client_id and client_secret_file"),
    ],
)
def test_a_mailbox_that_lacks_what_it_needs_is_named(settings_file: Path, line: str, named: str) -> None:
    add(settings_file, f'[imap.mailboxes.contact]\nhost = "127.0.0.1"\nuser = "contact"\n{line}')
    found = checked()
    assert [name for name, one in found.items() if not one.sound] == ["mailbox contact"]
    assert named in found["mailbox contact"].sentence


def test_the_server_that_takes_our_mail_is_asked_whether_it_is_there(
    data: Path, monkeypatch: pytest.MonkeyPatch, mail_server: Server
) -> None:
    monkeypatch.setenv("MAILROOM_ACKNOWLEDGE__SMTP_HOST", "127.0.0.1")
    monkeypatch.setenv("MAILROOM_ACKNOWLEDGE__SMTP_PORT", str(mail_server.port))
    told = checked()["acknowledge"].sentence
    assert told == f"Mail goes out by 127.0.0.1:{mail_server.port}, from no-reply@harrowdale.example."
    assert mail_server.taken == []


@pytest.mark.parametrize(
    ("command", "answer", "is_ours"),
    [
        ("RCPT", "554 5.7.1 <nobody@example.com>: Relay access denied", True),
        ("RCPT", "530 5.7.0 Must issue a STARTTLS command first", True),
        ("MAIL", "530 Authentication required", True),
        ("MAIL", "501 5.1.7 An empty sender is not allowed", True),
        ("RCPT", "550 5.1.2 There is no such domain", False),
        ("RCPT", "451 4.7.1 Come again later", False),
    ],
)
def test_a_server_that_would_take_none_of_our_mail_is_named_and_is_sent_none(
    data: Path, monkeypatch: pytest.MonkeyPatch, mail_server: Server, command: str, answer: str, is_ours: bool
) -> None:
    monkeypatch.setenv("MAILROOM_ACKNOWLEDGE__SMTP_HOST", "127.0.0.1")
    monkeypatch.setenv("MAILROOM_ACKNOWLEDGE__SMTP_PORT", str(mail_server.port))
    mail_server.says[command] = answer
    found = checked()["acknowledge"]
    assert found.sound is not is_ours
    if is_ours:
        where = f"The mail server at 127.0.0.1:{mail_server.port}"
        assert found.sentence.startswith(
            f"{where} takes no mail of ours: {answer}. What we write to senders waits. Have"
        )
        assert "(Postfix: mynetworks)" in found.sentence
    assert mail_server.taken == []


def test_a_server_that_takes_our_mail_and_is_gone_is_named(
    data: Path, monkeypatch: pytest.MonkeyPatch, closed_port: int
) -> None:
    monkeypatch.setenv("MAILROOM_ACKNOWLEDGE__SMTP_HOST", "127.0.0.1")
    monkeypatch.setenv("MAILROOM_ACKNOWLEDGE__SMTP_PORT", str(closed_port))
    found = checked()["acknowledge"]
    assert not found.sound
    assert f"The mail server at 127.0.0.1:{closed_port} cannot be reached" in found.sentence
