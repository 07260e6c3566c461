"""The parts of a mail: which is its text, which are attachments.

Before: `read_message` has a parsed mail. After: its result holds the text and a list of the rest. A message inside the
message is an attachment; it is never opened here.
"""

from __future__ import annotations

import binascii
from collections.abc import Iterator, Sequence
from email.message import Message
from typing import Any

from mailroom.sandbox.tasks.charsets import decode, for_display
from mailroom.sandbox.tasks.html_text import html_to_text
from mailroom.sandbox.tasks.mail_headers import decode_words, header

_LONGEST_NAME = 255


def leaves(message: Message) -> Iterator[Message]:
    """Yield the parts that hold content, in the order of the mail; a message inside it is one part."""
    waiting = [message]
    while waiting:
        part = waiting.pop()
        children = part.get_payload()
        if isinstance(children, list) and part.get_content_maintype() != "message":
            waiting.extend(child for child in reversed(children) if isinstance(child, Message))
        else:
            yield part


def body_text(parts: Sequence[Message]) -> str:
    """Return the plain text of a mail, or that of its HTML where it has none; empty where it has neither."""
    plain = [_text_of(part) for part in parts if is_body(part) and part.get_content_type() != "text/html"]
    if any(text.strip() for text in plain):
        return "\n\n".join(text.strip("\n") for text in plain if text.strip())
    return "\n\n".join(html_to_text(_text_of(part)) for part in parts if is_body(part))


def body_html(parts: Sequence[Message]) -> str:
    """Return the HTML of a mail, one part below the other; empty where it has none."""
    return "\n".join(_text_of(part) for part in parts if is_body(part) and part.get_content_type() == "text/html")


def is_body(part: Message) -> bool:
    """Whether a part is text to be shown with the mail rather than something attached to it."""
    if part.get_content_disposition() == "attachment" or attachment_name(part):
        return False
    # A multipart type whose parts are missing is shown as the text it is.
    return part.get_content_type() in {"text/plain", "text/html"} or part.get_content_maintype() == "multipart"


def describe_attachment(part: Message) -> dict[str, Any]:
    """Return `name` (data, never a path), `media_type` as declared, and `size` in bytes, None for a message inside."""
    inside = inner_message(part)
    name = attachment_name(part) or (header(inside, "Subject") if inside is not None else "")
    size = None if isinstance(part.get_payload(), list) else len(content_of(part))
    return {"name": name[:_LONGEST_NAME], "media_type": part.get_content_type(), "size": size}


def inner_message(part: Message) -> Message | None:
    """Return the message inside a part, or None where it holds none."""
    payload = part.get_payload()
    return payload[0] if isinstance(payload, list) and payload and isinstance(payload[0], Message) else None


def attachment_name(part: Message) -> str:
    """Return the name that the sender gave a part, fit to be shown; empty where there is none."""
    try:
        return decode_words((part.get_filename() or "")[: 4 * _LONGEST_NAME])
    except (LookupError, ValueError):  # a parameter in pieces (RFC 2231) with an impossible charset or number
        return ""


def _text_of(part: Message) -> str:
    return for_display(decode(content_of(part), part.get_content_charset()))


def content_of(part: Message) -> bytes:
    """Return the bytes of a part, as they were before they were encoded for the way; none of a message inside."""
    content = _from_base64(part)
    if content is not None:
        return content
    payload = part.get_payload(decode=True)
    return payload if isinstance(payload, bytes) else b""


def _from_base64(part: Message) -> bytes | None:
    """Decode proper base64 without the four copies that the library makes of it; None leaves it to the library."""
    if str(part.get("Content-Transfer-Encoding", "")).strip().lower() != "base64":
        return None
    encoded = part.get_payload()
    try:
        return binascii.a2b_base64(encoded) if isinstance(encoded, str) else None
    except ValueError:
        return None
