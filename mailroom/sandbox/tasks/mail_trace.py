"""The trace that servers leave on a mail: which of them took it in, and when (RFC 5321 section 4.4).

Before: `read_message` has a parsed mail. After: what our own servers wrote is told from what came with the mail, which
anybody can have written. Each server writes its line above those of the servers before it.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from datetime import UTC, datetime
from email.message import Message
from email.utils import parsedate_to_datetime

from mailroom.sandbox.tasks.charsets import decode

_MOST_BYTES = 4096
_LONGEST_DATE = 100
_BY = re.compile(r"(?:^|\s)by\s+([^\s;]+)", re.IGNORECASE)


def trace_fields(message: Message, *names: str) -> Iterator[tuple[str, str]]:
    """Yield the header fields of these names (in small letters), topmost first, without comments and quoted texts."""
    for field, value in message.raw_items():
        if field.lower() in names:
            content = str(value)[:_MOST_BYTES].encode("utf-8", "surrogateescape")
            yield field.lower(), without_comments(decode(content))


def is_by(received: str, own: Collection[str]) -> bool:
    """Return whether this line says that one of our own servers wrote it; pure.

    Args:
        received: a `Received` field without comments.
        own: as in `is_own`.
    """
    by = _BY.search(received)
    return by is not None and is_own(by[1], own)


def is_own(host: str, own: Collection[str]) -> bool:
    """Return whether a server or domain is one of ours; pure.

    Args:
        host: its name.
        own: names of our servers and domains in small letters; a domain stands for all that is below it.
    """
    host = host.casefold().rstrip(".")
    return any(host == name or host.endswith(f".{name}") for name in own)


def moment_of(received: str) -> datetime | None:
    """Return when it was taken in, in UTC; None where that is not said as it should be; pure."""
    said = received.rpartition(";")[2].strip()[:_LONGEST_DATE]
    try:
        moment = parsedate_to_datetime(said)
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)
    except (TypeError, ValueError, IndexError, OverflowError):
        return None


def without_comments(text: str) -> str:
    """Return the text of a structured field without comments, which may lie in one another, and quoted texts; pure."""
    kept: list[str] = []
    depth, quoted, escaped = 0, False, False
    for sign in text:
        if escaped:
            escaped = False
        elif sign == "\\" and (depth or quoted):
            escaped = True
        elif sign == '"' and not depth:
            quoted = not quoted
        elif sign in "()" and not quoted:
            depth = max(0, depth + (1 if sign == "(" else -1))
        elif not depth and not quoted:
            kept.append(sign)
    return " ".join("".join(kept).split())
