"""Whether a mail passes another one on, whose that was, and what our own servers say of when it came to us first.

Before: `read_message` has a parsed mail. After: where one of our own officers passed it on, it counts from its first
arrival at the council (`domain/receipt_date.py`). Only a mail that is attached as a whole can prove that: the topmost
line of its trace must be one of our own servers'. What stands in a text, or in `Resent-` fields, anybody types.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from datetime import datetime
from email.message import Message
from typing import Any

from mailroom.sandbox.tasks.mail_body import inner_message, leaves
from mailroom.sandbox.tasks.mail_headers import header, mailbox
from mailroom.sandbox.tasks.mail_trace import is_by, is_own, moment_of, trace_fields

_SEARCHED = 20_000
"""Letters of a text in which the beginning of another mail is looked for."""

_MARK = re.compile(
    r"^[ \t>]*(?:-{2,}[ ]?Original Message[ ]?-{2,}|-{2,}[ ]?Forwarded message[ ]?-{2,}|Begin forwarded message:)",
    re.IGNORECASE | re.MULTILINE,
)
_HEAD = re.compile(r"^[ \t>*]*From:.{1,500}\n[ \t>*]*(?:Sent|Date):.{1,200}\n", re.IGNORECASE | re.MULTILINE)
_FROM = re.compile(
    r"^[ \t>*]*From:[ \t*]*(?P<name>[^<\[\n]{0,200}?)[ \t]*"
    r"(?:<|\[mailto:)?(?P<address>[^\s<>\[\]@]{1,64}@[^\s<>\[\]@]{1,255})",
    re.IGNORECASE | re.MULTILINE,
)
_PASSED_ON = re.compile(r"(?:fw|fwd)\s*:", re.IGNORECASE)
_NOBODY = {"name": "", "address": ""}


def forwarded(message: Message, text: str, own: Collection[str]) -> dict[str, Any] | None:
    """Return what is known of the mail that is passed on; None where none is.

    Args:
        message: the mail that came in.
        text: its text.
        own: names of our servers and domains, as `mail_trace.is_own` takes them.

    Keys: `first_arrival`, the earliest moment (ISO, UTC) at which our own servers took an attached one in, None where
    none says so; `proven`, whether all of them say so; `sender` (`name`, `address`), as the first one names it.
    """
    if message.get_content_type() == "multipart/report":
        return None
    attached = [_first_of_a_chain(inner, own) for inner in _attached(message)]
    if attached:
        moments = [_arrival(one, own) for one in attached]
        known = [moment for moment in moments if moment]
        first = min(known).isoformat() if known else None
        return {"first_arrival": first, "proven": all(moments), "sender": _not_ours(mailbox(attached[0], "From"), own)}
    if any(name.lower().startswith("resent-") for name in message):
        return {"first_arrival": None, "proven": False, "sender": _not_ours(mailbox(message, "From"), own)}
    begins = _begins_in(text[:_SEARCHED], header(message, "Subject"))
    if begins is None:
        return None
    return {"first_arrival": None, "proven": False, "sender": _not_ours(_written_in(text[begins:_SEARCHED]), own)}


def _attached(message: Message) -> Iterator[Message]:
    for part in leaves(message):
        inner = inner_message(part)
        if inner is not None and part.get_content_type() in {"message/rfc822", "message/global"}:
            yield inner


def _first_of_a_chain(message: Message, own: Collection[str]) -> Message:
    """Return the mail with which it began, where it went from one of us to the next before."""
    while _is_ours(mailbox(message, "From"), own):
        inside = next(_attached(message), None)
        if inside is None:
            break
        message = inside
    return message


def _arrival(message: Message, own: Collection[str]) -> datetime | None:
    topmost = next(trace_fields(message, "received"), None)
    return moment_of(topmost[1]) if topmost and is_by(topmost[1], own) else None


def _begins_in(text: str, subject: str) -> int | None:
    """Return where the text of another mail begins; without a mark for it, only where the subject says so; pure."""
    found = _MARK.search(text) or (_HEAD.search(text) if _PASSED_ON.match(subject.strip()) else None)
    return found.start() if found else None


def _written_in(text: str) -> dict[str, str]:
    found = _FROM.search(text)
    return {"name": found["name"].strip(" \"'*\t"), "address": found["address"].rstrip(".,;:*)")} if found else _NOBODY


def _is_ours(sender: dict[str, str], own: Collection[str]) -> bool:
    return is_own(sender["address"].rpartition("@")[2], own)


def _not_ours(sender: dict[str, str], own: Collection[str]) -> dict[str, str]:
    return _NOBODY if _is_ours(sender, own) else sender
