"""An e-mail to sender, subject, text and a list of what is attached: a part of the task `look_inside`.

Before: `identify` found one of `MESSAGES`. After: the text is the one page of its document; attachments are listed.
Parsed by Python's `email` with the compat32 policy, under limits counted beforehand; what Outlook made is made a mail.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from email import policy
from email.message import Message
from email.parser import BytesFeedParser
from pathlib import Path
from typing import Any

from mailroom.domain.errors import Cause
from mailroom.sandbox.errors import TaskRefused
from mailroom.sandbox.limits import MEGABYTE
from mailroom.sandbox.tasks.html_safe import MADE_BY, page_of, safe_html
from mailroom.sandbox.tasks.identify import kind_of_file
from mailroom.sandbox.tasks.mail_authentication import authentication
from mailroom.sandbox.tasks.mail_body import body_html, body_text, content_of, describe_attachment, is_body, leaves
from mailroom.sandbox.tasks.mail_forwarded import forwarded
from mailroom.sandbox.tasks.mail_headers import flags, header, mailbox
from mailroom.sandbox.tasks.mail_limits import MailLimits, count_mail, refuse_beyond
from mailroom.sandbox.tasks.mail_thread import thread_of
from mailroom.sandbox.tasks.outlook import mail_of_outlook
from mailroom.sandbox.tasks.signatures import OUTLOOK, WINMAIL
from mailroom.sandbox.tasks.tnef import mail_of_winmail

_FORMATTED = "formatted.html"
_MOST_TEXT = 1_000_000
_WINMAIL_SIGN = b"\x78\x9f\x3e\x22"
_ENCRYPTED_TYPES = frozenset({"multipart/encrypted", "application/pkcs7-mime", "application/x-pkcs7-mime"})
_SEALED = frozenset({"signed-data", "certs-only"})  # RFC 8551 section 3.2.2
_SIGNATURE_TYPES = frozenset(
    {"application/pkcs7-signature", "application/x-pkcs7-signature", "application/pgp-signature"}
)


def read_message(source: Path, scratch: Path, arguments: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a mail says and holds.

    Args:
        source: the original.
        scratch: where the mail as it was formatted is written.
        arguments: `front`, the name that the mail server in front gives itself, and `own`, the names of our servers and
            domains, for a mail that came in by mail itself.

    Keys: `sender` and `to` (each `name`, `address`), `subject` and `date` as they stand in the headers, `message_id`,
    `answers` and `bounced` (see `mail_thread.thread_of`), `authentication` (see there; empty without `front`),
    `forwarded` (see there; None without `own`), `text`, `text_cut` (it was longer), `formatted` (`file` in the scratch
    folder and `made_by`; None where it has no HTML), `attachments` (see
    `mail_body.describe_attachment`), `flags`, `pages` (always 1) and `obstacle` (None, or `cause` and `sentence`). All
    of it is data from outside and proves nothing.

    Raises:
        TaskRefused: it holds more than `MailLimits` allow.
    """
    message = parse(source)
    parts = with_text(list(leaves(message)))
    text = body_text(parts)
    attachments = [describe_attachment(part) for part in parts if not is_body(part)]
    found = [*flags(message), *_content_flags(message, parts, text)]
    subject = header(message, "Subject")
    return {
        "sender": mailbox(message, "From"),
        "to": mailbox(message, "To"),
        "subject": subject,
        "date": header(message, "Date"),
        **thread_of(message),
        "authentication": authentication(message, arguments.get("front", ""), arguments.get("own", ())),
        "forwarded": forwarded(message, text, arguments["own"]) if arguments.get("own") else None,
        "text": text[:_MOST_TEXT],
        "text_cut": len(text) > _MOST_TEXT,
        "formatted": _write_formatted(parts, scratch),
        "attachments": attachments,
        "flags": found,
        "pages": 1,
        "obstacle": _obstacle(found, has_content=bool(subject or text.strip() or attachments)),
    }


def parse(source: Path) -> Message:
    """Return the mail in a file.

    Raises:
        TaskRefused: it holds more than `MailLimits` allow.
    """
    limits = MailLimits()
    kind = kind_of_file(source)
    most = limits.packed_bytes if kind in {OUTLOOK, WINMAIL} else limits.message_bytes
    if source.stat().st_size > most:
        sentence = f"This e-mail is larger than {most // MEGABYTE} MB. Open the original with care."
        raise TaskRefused(Cause.TOO_LARGE, sentence)
    if kind is OUTLOOK:
        return mail_of_outlook(source)
    if kind is WINMAIL:
        return mail_of_winmail(source.read_bytes())
    refuse_beyond(count_mail(source.open("rb")), limits)
    return _parse_in_pieces(source)


def _parse_in_pieces(source: Path) -> Message:
    """Return the parsed mail, which is then in memory once: the file beside it would be the most of what it takes."""
    parser = BytesFeedParser(policy=policy.compat32)
    with source.open("rb") as file:
        while piece := file.read(MEGABYTE):
            parser.feed(piece)
    return parser.close()


def with_text(parts: list[Message]) -> list[Message]:
    """Return the parts of a mail, and where none of them has text those of the text that Outlook packed away."""
    if body_text(parts).strip():
        return parts
    return [*(found for part in parts for found in _packed_text(part)), *parts]


def _packed_text(part: Message) -> list[Message]:
    content = content_of(part)
    if not content.startswith(_WINMAIL_SIGN):
        return []
    try:
        return [found for found in leaves(mail_of_winmail(content)) if is_body(found)]
    except TaskRefused:  # what is attached says so once more when it is looked into
        return []


def _write_formatted(parts: Sequence[Message], scratch: Path) -> dict[str, str] | None:
    """Write the mail as it was formatted, made harmless; None where it has no HTML, or too much of it."""
    harmless = safe_html(body_html(parts)[:_MOST_TEXT])
    if not harmless or not harmless.strip():
        return None
    (scratch / _FORMATTED).write_text(page_of(harmless), "utf-8")
    return {"file": _FORMATTED, "made_by": MADE_BY}


def _content_flags(message: Message, parts: Sequence[Message], text: str) -> list[str]:
    types = {message.get_content_type(), *(part.get_content_type() for part in parts)}
    signs = {
        "encrypted": any(map(_is_encrypted, (message, *parts))) or "-----BEGIN PGP MESSAGE-----" in text,
        "signed": bool(types & _SIGNATURE_TYPES),
        "winmail": "application/ms-tnef" in types,
    }
    return [sign for sign, is_so in signs.items() if is_so]


def _is_encrypted(part: Message) -> bool:
    """Whether a part is encrypted; what S/MIME has only sealed comes under the same type."""
    sealed = str(part.get_param("smime-type", "")).lower() in _SEALED
    return part.get_content_type() in _ENCRYPTED_TYPES and not sealed


def _obstacle(found: Sequence[str], *, has_content: bool) -> dict[str, str] | None:
    if "encrypted" in found:
        sentence = "This e-mail is encrypted and cannot be read here. Ask the sender to send it unencrypted or by post."
        return {"cause": Cause.ENCRYPTED, "sentence": sentence}
    if not has_content:
        sentence = "This e-mail has no subject, no text and no attachment. Ask the sender to send it again."
        return {"cause": Cause.EMPTY, "sentence": sentence}
    return None
