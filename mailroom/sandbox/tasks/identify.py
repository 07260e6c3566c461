"""Task: what kind of file is it, by its content; the name that the sender gave it says nothing.

Before: `unpack` has an original. After: it reads what is readable and gives the rest to a person with the sentence that
stands in `obstacle`. Looks at bytes and at lists of contents only.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from mailroom.domain.errors import Cause
from mailroom.sandbox.tasks import signatures
from mailroom.sandbox.tasks.charsets import guess_charset
from mailroom.sandbox.tasks.ole import kind_of_ole
from mailroom.sandbox.tasks.signatures import Kind

_HEAD = 1 << 16
_PDF_WITHIN = 1024  # ISO 32000-1, Annex H, note 13: readers accept the header anywhere within the first 1024 bytes
# Header fields of RFC 5322, RFC 2045 and mail transport: one that only mail has, or two that a memo might have as well.
_MAIL_ONLY = re.compile(
    rb"(?:received|return-path|delivered-to|message-id|mime-version|content-type|dkim-signature|arc-seal|"
    rb"authentication-results)[ \t]*:",
    re.IGNORECASE,
)
_MAIL_OR_MEMO = re.compile(rb"(?:from|sender|reply-to|to|cc|bcc|date|subject)[ \t]*:", re.IGNORECASE)
_HEADER_OR_FOLD = re.compile(rb"[!-9;-~]+[ \t]*:|[ \t]|From ")
_LINES_LOOKED_AT = 60
# RFC 4880 sections 4.2, 5.1 and 5.3: a packet with a session key, its length, and its version.
_PGP_ENCRYPTED = re.compile(rb"(?:\x84.|\x85..|\xc1.{1,2})\x03|(?:\x8c|\xc3).\x04", re.DOTALL)
_SMIME_WITHIN = 32


def identify(source: Path, _scratch: Path, _arguments: Mapping[str, Any]) -> dict[str, Any]:
    """Return `media_type`, `words` for a clerk, `size` in bytes, and `obstacle`: None, or `cause` and `sentence`."""
    kind, size = kind_of_file(source), source.stat().st_size
    return {"media_type": kind.media_type, "words": kind.words, "size": size, "obstacle": _obstacle(kind)}


def kind_of_file(source: Path) -> Kind:
    """Return the kind of a file from its first bytes, and where they are those of a container from what it lists."""
    with source.open("rb") as file:
        head = file.read(_HEAD)
        kind = kind_of(head)
        if kind is signatures.ZIP:
            file.seek(max(0, source.stat().st_size - _HEAD))
            return _kind_of_zip(head, head + file.read(_HEAD))
    return kind_of_ole(source) if kind is signatures.OLE else kind


def kind_of(head: bytes) -> Kind:
    """Return the kind of a file from its first bytes."""
    if not head:
        return signatures.EMPTY
    for offset, magic, kind in signatures.SIGNATURES:
        if head.startswith(magic, offset) and not _is_a_word(magic, head):
            return kind
    return _kind_of_text(head)


def _is_a_word(magic: bytes, head: bytes) -> bool:
    """Whether a magic number of two letters is but the beginning of a text: the formats have zeros soon after it."""
    return len(magic) == 2 and magic.isalpha() and b"\0" not in head[:64]


def _kind_of_zip(head: bytes, listed: bytes) -> Kind:
    """Return the kind of a ZIP file; its list of contents stands at its end, but is not the only place with names."""
    if signatures.MADE_BY_OFFICE in listed:
        for name, kind in signatures.OFFICE_CONTENTS:
            if name in listed:
                return kind
    for name, kind in signatures.ZIP_CONTENTS:
        if name in head:
            return kind
    return signatures.ZIP


def _kind_of_text(head: bytes) -> Kind:
    if _looks_like_mail(head):
        return signatures.MESSAGE
    if b"%PDF-" in head[:_PDF_WITHIN]:
        return signatures.PDF
    beginning = head.lstrip(b"\xef\xbb\xbf \t\r\n")[:512].lower()
    if beginning.startswith((b"<!doctype html", b"<html")):
        return signatures.HTML
    if beginning.startswith(b"begin:vcalendar"):
        return signatures.CALENDAR
    return _kind_of_noise(head) if guess_charset(head) is None else signatures.TEXT


def _kind_of_noise(head: bytes) -> Kind:
    """Return the kind of what is no text and begins like nothing else: encrypted files have hardly a beginning."""
    if _PGP_ENCRYPTED.match(head):
        return signatures.LOCKED_PGP
    if head.startswith(b"0"):
        return next((kind for sign, kind in signatures.SMIME if sign in head[:_SMIME_WITHIN]), signatures.UNKNOWN)
    return signatures.UNKNOWN


def _looks_like_mail(head: bytes) -> bool:
    """Whether the file begins with the header of a mail."""
    memo_headers: set[bytes] = set()
    for line in head.lstrip(b"\xef\xbb\xbf\r\n").splitlines()[:_LINES_LOOKED_AT]:
        if not _HEADER_OR_FOLD.match(line):
            break
        if _MAIL_ONLY.match(line):
            return True
        if _MAIL_OR_MEMO.match(line):
            memo_headers.add(line.split(b":")[0].strip().lower())
    return len(memo_headers) >= 2


def _obstacle(kind: Kind) -> dict[str, str] | None:
    if kind.media_type in signatures.READABLE:
        return None
    if kind is signatures.EMPTY:
        sentence = "The file is empty. Ask the sender to send it again."
        return {"cause": Cause.EMPTY, "sentence": sentence}
    if kind.media_type in signatures.LOCKED:
        sentence = f"This is {kind.words}, which cannot be opened here. Ask the sender for an unlocked copy."
        return {"cause": Cause.ENCRYPTED, "sentence": sentence}
    sentence = f"This is {kind.words}, which the mailroom cannot read. Open the original and index it by hand."
    return {"cause": Cause.UNKNOWN_FORMAT, "sentence": sentence}
