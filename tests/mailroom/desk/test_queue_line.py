"""Whom a line of a queue is from: the name that a mail gives, beside the address that is proven, never in its place."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from mailroom.desk.queue_line import from_whom
from mailroom.desk.queues import waiting
from mailroom.domain.access import Viewer
from mailroom.domain.capture import Channel, Receipt
from mailroom.records.tables import Item
from mailroom.services import Services

NOTHING = dict.fromkeys(("name", "address", "email", "phone", "postcode"))


@pytest.mark.parametrize(
    ("known", "named", "told"),
    [
        ({"address": "ann@example.org"}, "Ann Lowe", "Ann Lowe <ann@example.org>"),
        ({"address": "ann@example.org"}, None, "ann@example.org"),
        ({"address": "ann@example.org"}, "  Ann\n\tLowe ", "Ann Lowe <ann@example.org>"),
        ({"address": "ann@example.org"}, "A\u202en\x07n", "A n n <ann@example.org>"),
        ({"address": "x@evil.example"}, "mayor@harrowdale.example", "x@evil.example"),
        ({"address": "x@evil.example"}, "...", "x@evil.example"),
        ({"address": "x@evil.example"}, "A" * 200, "A" * 60 + "… <x@evil.example>"),
        ({"name": "Ann Lowe", "address": "ann@example.org"}, "Somebody Else", "Ann Lowe"),
        ({"email": "ann@example.org"}, "Somebody Else", "ann@example.org"),
        ({}, "Somebody Else", None),
    ],
)
def test_a_name_stands_beside_a_proven_address_alone(
    known: dict[str, str], named: str | None, told: str | None
) -> None:
    assert from_whom({**NOTHING, **known}, named) == told


def test_the_queue_tells_the_name_that_the_head_of_a_mail_gives(
    deliver: Callable[..., Receipt], go_on: Callable[[str], Item], clerk: Viewer, services: Services
) -> None:
    mail = b"From: Ann Lowe <ann@example.org>\r\nSubject: The papers\r\n\r\nI enclose the papers.\r\n"
    go_on(deliver(mail, channel=Channel.EMAIL, proven_sender="ann@example.org", file_name="mail.eml").item_id)
    go_on(deliver(b"Dear Sir or Madam\n\nI enclose the papers, all of them.\n").item_id)
    lines = {line["channel"]: line for line in waiting(clerk, services)}
    assert (lines["email"]["from"], lines["email"]["subject"]) == ("Ann Lowe <ann@example.org>", "The papers")
    assert lines["email"]["from_known"]
    assert (lines["post"]["from"], lines["post"]["subject"]) == (None, None)
