"""Task: an e-mail to sender, subject, text and a list of what is attached.

Before: `identify` found `message/rfc822`, or the channel is e-mail. After: the text is the one page of its document;
attachments are only listed. Parsed by Python's `email` with the compat32 policy, under limits counted beforehand.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from email import message_from_bytes, policy
from email.message import Message
from pathlib import Path
from typing import Any

from mailroom.domain.errors import Cause
from mailroom.sandbox.errors import TaskRefused
from mailroom.sandbox.limits import MEGABYTE
from mailroom.sandbox.tasks.mail_body import body_text, describe_attachment, is_body, leaves
from mailroom.sandbox.tasks.mail_headers import flags, header, mailbox
from mailroom.sandbox.tasks.mail_limits import MailLimits, count_mail, refuse_beyond

_MOST_TEXT = 1_000_000
_ENCRYPTED_TYPES = frozenset({"multipart/encrypted", "application/pkcs7-mime", "application/x-pkcs7-mime"})
_SIGNATURE_TYPES = frozenset(
    {"application/pkcs7-signature", "application/x-pkcs7-signature", "application/pgp-signature"}
)


def read_message(source: Path, _scratch: Path, _arguments: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a mail says and holds.

    Keys: `sender` and `to` (each `name`, `address`), `subject`, `date` and `message_id` as they stand in the headers,
    `text`, `text_cut` (it was longer), `attachments` (see `mail_body.describe_attachment`), `flags`, `pages` (always 1)
    and `obstacle` (None, or `cause` and `sentence`). All of it is data from outside and proves nothing.

    Raises:
        TaskRefused: it holds more than `MailLimits` allow.
    """
    message = _parse(source, MailLimits())
    parts = list(leaves(message))
    text = body_text(parts)
    attachments = [describe_attachment(part) for part in parts if not is_body(part)]
    found = [*flags(message), *_content_flags(message, parts, text)]
    subject = header(message, "Subject")
    return {
        "sender": mailbox(message, "From"),
        "to": mailbox(message, "To"),
        "subject": subject,
        "date": header(message, "Date"),
        "message_id": header(message, "Message-ID"),
        "text": text[:_MOST_TEXT],
        "text_cut": len(text) > _MOST_TEXT,
        "attachments": attachments,
        "flags": found,
        "pages": 1,
        "obstacle": _obstacle(found, has_content=bool(subject or text.strip() or attachments)),
    }


def _parse(source: Path, limits: MailLimits) -> Message:
    if source.stat().st_size > limits.message_bytes:
        sentence = f"This e-mail is larger than {limits.message_bytes // MEGABYTE} MB. Open the original with care."
        raise TaskRefused(Cause.TOO_LARGE, sentence)
    raw = source.read_bytes()
    refuse_beyond(count_mail(raw), limits)
    return message_from_bytes(raw, policy=policy.compat32)


def _content_flags(message: Message, parts: Sequence[Message], text: str) -> list[str]:
    types = {message.get_content_type(), *(part.get_content_type() for part in parts)}
    signs = {
        "encrypted": bool(types & _ENCRYPTED_TYPES) or "-----BEGIN PGP MESSAGE-----" in text,
        "signed": bool(types & _SIGNATURE_TYPES),
        "winmail": "application/ms-tnef" in types,
    }
    return [sign for sign, is_so in signs.items() if is_so]


def _obstacle(found: Sequence[str], *, has_content: bool) -> dict[str, str] | None:
    if "encrypted" in found:
        sentence = "This e-mail is encrypted and cannot be read here. Ask the sender to send it unencrypted or by post."
        return {"cause": Cause.ENCRYPTED, "sentence": sentence}
    if not has_content:
        sentence = "This e-mail has no subject, no text and no attachment. Ask the sender to send it again."
        return {"cause": Cause.EMPTY, "sentence": sentence}
    return None
