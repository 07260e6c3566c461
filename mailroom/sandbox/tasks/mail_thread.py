"""What a mail says of the mails before it: its own name, what it answers, and what it reports as not delivered.

Before: `read_message` has a parsed mail. After: threading looks for these names among our own messages and the mails
that came in. All of it is data from outside: a name that is quoted proves nothing by itself.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from email import policy
from email.message import Message
from email.parser import HeaderParser
from typing import Any

from mailroom.sandbox.tasks.charsets import for_display
from mailroom.sandbox.tasks.mail_headers import raw_header

MOST_NAMED = 50
"""References that are followed: the newest, which stand last (RFC 5322 section 3.6.4)."""

_MOST_WORDS = 500
_MOST_OF_A_FIELD = 16_384
_MOST_OF_A_HEAD = 65_536
# RFC 5322 section 3.6.4, as loosely as mail programs write it: what stands between two angle brackets.
_MESSAGE_ID = re.compile(r"<([^<>\s]{1,250})>")
_HEADER_PARTS = frozenset({"message/rfc822", "text/rfc822-headers", "message/rfc822-headers", "message/global-headers"})


def thread_of(message: Message) -> dict[str, Any]:
    """Return `message_id` (empty where it has none), `answers` (ids, newest last), and `bounced` (None, or see below).

    `bounced` tells of a delivery report (RFC 3464): `message_id` of the mail that it is about, `recipient`, `status`
    (such as `5.1.1`) and `diagnostic`, in the words of the server that refused it.
    """
    answers = [*_ids(message, "References"), *_ids(message, "In-Reply-To")]
    own = _ids(message, "Message-ID")
    return {
        "message_id": own[0] if own else "",
        "answers": list(dict.fromkeys(answers))[-MOST_NAMED:],
        "bounced": _bounced(message) if message.get_content_type() == "multipart/report" else None,
    }


def _ids(message: Message, field: str) -> list[str]:
    """Return the names in the first field of that name, of a long one those at its end."""
    value = next((str(value) for name, value in message.raw_items() if name.lower() == field.lower()), "")
    return [f"<{found}>" for found in _MESSAGE_ID.findall(for_display(value[-_MOST_OF_A_FIELD:]))]


def _bounced(report: Message) -> dict[str, str] | None:
    """Return what a delivery report says; None where it names no mail, or tells of one that arrived or is delayed."""
    told = next((part for part in _parts(report) if part.get_content_type() == "message/delivery-status"), None)
    about = next((part for part in _parts(report) if part.get_content_type() in _HEADER_PARTS), None)
    ids = _ids(_head_in(about), "Message-ID") if about is not None else []
    if not ids or told is None:
        return None
    fields = _status_fields(told)
    if fields.get("action", "failed").lower() != "failed":
        return None
    recipient = fields.get("original-recipient") or fields.get("final-recipient", "")
    return {
        "message_id": ids[0],
        "recipient": recipient.rpartition(";")[2].strip(),
        "status": fields.get("status", ""),
        "diagnostic": fields.get("diagnostic-code", "").rpartition(";")[2].strip(),
    }


def _parts(report: Message) -> Iterator[Message]:
    children = report.get_payload()
    yield from (child for child in children if isinstance(child, Message)) if isinstance(children, list) else ()


def _head_in(part: Message) -> Message:
    """Return the head of the mail that a part holds, whole or as its header lines alone."""
    inside = part.get_payload()
    if isinstance(inside, list):
        return next((child for child in inside if isinstance(child, Message)), Message())
    return HeaderParser(policy=policy.compat32).parsestr(str(inside)[:_MOST_OF_A_HEAD], headersonly=True)


def _status_fields(told: Message) -> dict[str, str]:
    """Return the fields of a delivery report, those of the first recipient over those of the message."""
    groups = told.get_payload()
    found: dict[str, str] = {}
    for group in groups[:2] if isinstance(groups, list) else ():
        if isinstance(group, Message):
            found.update({name.lower(): _words(group, name) for name in group.keys()})  # noqa: SIM118
    return found


def _words(group: Message, name: str) -> str:
    return for_display(raw_header(group, name))[:_MOST_WORDS]
