"""What our own mail server wrote about a mail is told from what came with it, however it is dressed up."""

from __future__ import annotations

from email import message_from_bytes, policy

import pytest

from mailroom.sandbox.tasks.mail_authentication import authentication

FRONT = "mx.harrowdale.example"
OWN = ["harrowdale.example"]
OURS = (
    b"Received: from mail.example.org (mail.example.org [192.0.2.7]) by mx.harrowdale.example (Postfix)\r\n"
    b"\twith ESMTP; Mon, 16 Nov 2026 09:00:00 +0000\r\n"
)
STORE = b"Received: from mx.harrowdale.example by store.harrowdale.example; Mon, 16 Nov 2026 09:00:01 +0000\r\n"
FOREIGN = b"Received: from laptop by mail.example.org; Mon, 16 Nov 2026 08:59:00 +0000\r\n"
ALL = {"spf": "pass", "dkim": "pass", "dmarc": "fail"}
SAID = (
    b"Authentication-Results: mx.harrowdale.example;\r\n\tspf=pass smtp.mailfrom=example.org;\r\n"
    b'\tdkim=pass (2048-bit key; "quoted") header.d=example.org;\r\n\tdmarc=fail reason="p=none; dkim=none"\r\n'
)


def read(*fields: bytes, front: str = FRONT) -> dict[str, str]:
    raw = b"".join(fields) + b"From: jo@example.org\r\n\r\nHello\r\n"
    return authentication(message_from_bytes(raw, policy=policy.compat32), front, OWN)


def says(rest: bytes, by: bytes = b"mx.harrowdale.example") -> bytes:
    return b"Authentication-Results: " + by + rest + b"\r\n"


@pytest.mark.parametrize(
    "fields",
    [(SAID, OURS, FOREIGN), (OURS, SAID, FOREIGN), (STORE, SAID, OURS, FOREIGN), (STORE, OURS, SAID), (SAID,)],
    ids=["above", "below our own line, as Postfix does", "between two of ours", "nothing foreign", "no line at all"],
)
def test_what_our_server_wrote_is_read_wherever_it_puts_it(fields: tuple[bytes, ...]) -> None:
    assert read(*fields) == ALL


@pytest.mark.parametrize(
    "fields",
    [
        (OURS, FOREIGN, SAID),
        (FOREIGN, SAID),
        (FOREIGN.replace(b"mail.example.org", b"mx.harrowdale.example.evil.example"), SAID),
        (FOREIGN.replace(b"mail.example.org", b"evilharrowdale.example"), SAID),
        (b"Received: (by mx.harrowdale.example) by mail.example.org; now\r\n", SAID),
        (b'Received: from "by mx.harrowdale.example" by mail.example.org; now\r\n', SAID),
        (b"Received: nothing that makes sense\r\n", SAID),
    ],
)
def test_what_stands_below_the_first_foreign_line_came_with_the_mail(fields: tuple[bytes, ...]) -> None:
    assert read(*fields) == {}


def test_what_was_forged_below_what_our_server_wrote_changes_nothing() -> None:
    forged = OURS + says(b"; spf=fail; dkim=pass; dmarc=pass")
    assert read(OURS, says(b"; spf=pass; dkim=fail"), forged) == {"spf": "pass", "dkim": "fail"}


@pytest.mark.parametrize(
    "field",
    [
        says(b"; spf=pass", by=b"mail.example.org"),
        says(b"; spf=pass", by=b"mx.harrowdale.example.evil.example"),
        says(b"; spf=pass", by=b"mail.example.org (mx.harrowdale.example)"),
        says(b"; spf=pass", by=b"mail.example.org; mx.harrowdale.example"),
        says(b"; spf=pass", by=b"mx.harrowdale.example 2"),
        says(b"; spf=pass", by=b""),
        b"X-Authentication-Results: mx.harrowdale.example; spf=pass\r\n",
        b"ARC-Authentication-Results: i=1; mx.harrowdale.example; spf=pass\r\n",
    ],
)
def test_fields_of_others_are_ignored(field: bytes) -> None:
    assert read(field, OURS) == {}


def test_without_a_configured_server_nobody_is_believed() -> None:
    assert read(SAID, front="") == {}
    assert read(says(b"; spf=pass", by=b""), front="") == {}


@pytest.mark.parametrize(
    ("rest", "found"),
    [
        (b" 1; SPF=Pass", {"spf": "pass"}),
        (b"; none", {}),
        (b"; spf/1=softfail; dkim = none", {"spf": "softfail", "dkim": "none"}),
        (b"; dkim=fail header.d=a; dkim=pass header.d=b", {"dkim": "pass"}),
        (b"; dkim=pass; dkim=fail", {"dkim": "pass"}),
        (b"; spf=fail; spf=pass", {"spf": "fail"}),
        (b"; spf=passed; dkim=pass-ish; dmarc=<b>pass</b>", {}),
        (b"; spf=\x1b[31mpass; auth=pass; arc=pass", {}),
        (b"; (spf=pass; (dkim=pass)) dmarc=pass", {"dmarc": "pass"}),
        (b"; (spf=pass", {}),
        (b'; x="; spf=pass', {}),
        (b'; x=a\\"; spf=pass', {}),
        (b"; " + b"x=1; " * 5000 + b"spf=pass", {}),
        (b"; " + b"(" * 100_000, {}),
        (b"; spf=\xff\xfe", {}),
    ],
)
def test_only_the_words_of_the_standard_come_out_whatever_goes_in(rest: bytes, found: dict[str, str]) -> None:
    assert read(says(rest), OURS) == found
