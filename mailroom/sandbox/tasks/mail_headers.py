"""Header fields of a mail as text for people, each cut to a length before anything is decoded.

Before: `read_message` has a parsed mail. After: sender, subject and flags stand in its result. Everything here is data
from outside: an address read from a header proves nothing about who sent the mail.
"""

from __future__ import annotations

import binascii
import re
from collections.abc import Iterator
from email.message import Message
from email.utils import parseaddr

from mailroom.sandbox.tasks.charsets import decode, for_display

_MOST_BYTES = 4096
_MOST_RECEIVED = 50
_LONGEST_ADDRESS = 320  # RFC 5321 section 4.5.3.1: 64 for the local part, the sign, 255 for the domain
# RFC 2047 section 2, and the language of RFC 2231 section 5; spaces inside are against the rule but common.
_MAILBOX = re.compile(r'\s*(?:"(?P<quoted>[^"]{0,1000})"|(?P<plain>[^<>,"]{0,1000}))\s*<(?P<address>[^<>\s]{1,400})>')
_BEFORE_A_KEYWORD = re.compile(r"^(?:\s*\([^()]*\))+")
_ENCODED_WORD = re.compile(r"=\?([^?*\s]{1,40})(?:\*[^?\s]{0,40})?\?([bBqQ])\?([^?]*)\?=")


def header(message: Message, name: str) -> str:
    """Return the first header field of that name, decoded; empty where there is none."""
    return decode_words(raw_header(message, name))


def raw_header(message: Message, name: str) -> str:
    """Return the first header field of that name, unfolded and cut, with encoded words left as they are."""
    return next(_raw_headers(message, name), "")


def _raw_headers(message: Message, name: str) -> Iterator[str]:
    for field, value in message.raw_items():
        if field.lower() == name.lower():
            content = str(value)[:_MOST_BYTES].encode("utf-8", "surrogateescape")
            yield " ".join(decode(content).split())


def mailbox(message: Message, name: str) -> dict[str, str]:
    """Return `name` and `address` of the first mailbox in a header field; both empty where there is none."""
    raw = raw_header(message, name)
    try:
        name_part, address = parseaddr(raw)
    except RecursionError:  # Python's reader of addresses goes one call deeper for each bracket
        name_part, address = raw, ""
    if not name_part and not address:
        name_part, address = _first_mailbox(raw)
    address = for_display(address)
    return {"name": decode_words(name_part), "address": address if len(address) <= _LONGEST_ADDRESS else ""}


def _first_mailbox(raw: str) -> tuple[str, str]:
    """Return the first mailbox of a field that Python refuses to read; some versions refuse more than others."""
    found = _MAILBOX.match(raw)
    if found is not None:
        return (found["quoted"] or found["plain"] or "").strip(), found["address"]
    first = raw.partition(",")[0].strip()
    return ("", first) if "@" in first and " " not in first else (raw, "")


def decode_words(text: str) -> str:
    """Return the text with its encoded words decoded; a word that cannot be decoded stays as it is."""
    pieces: list[str] = []
    pending, pending_charset, end = b"", "", 0
    for word in _ENCODED_WORD.finditer(text):
        between = text[end : word.start()]
        content = _decode_word(word.group(2), word.group(3))
        if content is None:
            continue
        if between.strip() or word.group(1).lower() != pending_charset:
            pieces.append(decode(pending, pending_charset))
            pieces.append(between if between.strip() or end == 0 else "")
            pending, pending_charset = b"", word.group(1).lower()
        pending += content  # a character may be split between two words of one charset
        end = word.end()
    # One line, whatever was encoded: a line feed in here would be a header of its own in the next mail that quotes it.
    return " ".join(for_display("".join([*pieces, decode(pending, pending_charset), text[end:]])).split())


def flags(message: Message) -> list[str]:
    """Return what the headers say about how the mail was sent: the signs of RFC 3834 section 2, and loops."""
    automatic = {_keyword(value) for value in _raw_headers(message, "Auto-Submitted")}
    signs = {
        "automatic": bool(automatic - {"", "no"}),
        "replied": "auto-replied" in automatic,
        "bulk": any(_keyword(value) in {"bulk", "junk", "list"} for value in _raw_headers(message, "Precedence")),
        "list": any(name.lower().startswith("list-") for name in message),  # RFC 2369, RFC 2919
        "null_sender": raw_header(message, "Return-Path") == "<>",
        "report": message.get_content_type() == "multipart/report",
        "loop": len(message.get_all("Received", [])) > _MOST_RECEIVED,
    }
    return [sign for sign, found in signs.items() if found]


def _keyword(value: str) -> str:
    """Return the word that a field begins with, without a comment or parameters behind it; pure."""
    return (_BEFORE_A_KEYWORD.sub("", value.lower()).replace("(", ";").split(";")[0].split() or [""])[0]


def _decode_word(encoding: str, content: str) -> bytes | None:
    try:
        if encoding in "bB":
            return binascii.a2b_base64(content + "=" * (-len(content) % 4))
        return binascii.a2b_qp(content, header=True)
    except (binascii.Error, ValueError):
        return None
