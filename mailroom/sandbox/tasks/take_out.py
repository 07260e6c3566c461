"""Task: the attachments of a mail, or what an archive or document holds, as files of their own, to be read as post is.

Before: `look_inside` found something inside an original, or an archive. After: `unpack` keeps each file and looks
into it in turn. What only dresses a mail (a signature's logo, a contact card, the seal of a signed one, the machine's
part of a report) stays folded in it, where the original has it still. Names are data: files are numbered.
"""

from __future__ import annotations

from collections.abc import Mapping
from email.message import Message
from pathlib import Path
from typing import Any

from mailroom.domain.errors import Cause
from mailroom.sandbox.tasks.identify import kind_of_file
from mailroom.sandbox.tasks.mail_body import content_of, describe_attachment, inner_message, is_body, leaves
from mailroom.sandbox.tasks.office_holdings import HOLDERS, is_held, name_of
from mailroom.sandbox.tasks.read_message import parse
from mailroom.sandbox.tasks.signatures import MESSAGES
from mailroom.sandbox.tasks.unzip import ArchiveLimits, unzip

FILES = "attachment-"
"""What the names of files begin with that were taken out."""

_SMALL = 20_000
"""Bytes up to which a picture shown within a mail is taken for decoration: photographs of anything are larger."""

_DRESS = frozenset(
    {
        "application/pkcs7-signature",
        "application/x-pkcs7-signature",
        "application/pgp-signature",
        "application/pgp-keys",
        "message/delivery-status",
        "message/disposition-notification",
        "text/rfc822-headers",
        "text/vcard",
        "text/x-vcard",
    }
)


def file_of(number: int) -> str:
    """Return the name of the file with the attachment of this number, from 1, in the scratch folder."""
    return f"{FILES}{number}"


def take_out(source: Path, scratch: Path, arguments: Mapping[str, Any]) -> dict[str, Any]:
    """Write the attachments into the scratch folder.

    Args:
        source: the mail, archive or document.
        scratch: where to.
        arguments: `most_files` and `most_bytes` that may still be taken out of archives.

    Returns:
        `names`: of the attachments that were taken out, in their order, each in the file of its number (`file_of`);
        `left`: what could not be taken out, each as name and cause.

    Raises:
        TaskRefused: the mail holds more than `MailLimits` allow, the archive more than `ArchiveLimits`.
    """
    kind = kind_of_file(source)
    if kind.media_type in MESSAGES:
        return _out_of_a_mail(source, scratch)
    limits = ArchiveLimits(files=arguments["most_files"], unpacked_bytes=arguments["most_bytes"])
    if kind.media_type in HOLDERS:
        names, _ = unzip(source, lambda number: scratch / file_of(number), limits, is_held)
        return {"names": [name_of(name) for name in names], "left": []}
    names, locked = unzip(source, lambda number: scratch / file_of(number), limits)
    return {"names": names, "left": [(name, Cause.ENCRYPTED) for name in locked]}


def _out_of_a_mail(source: Path, scratch: Path) -> dict[str, Any]:
    names: list[str] = []
    left: list[tuple[str, Cause]] = []
    for part in leaves(parse(source)):
        if is_body(part) or is_dress(part):
            continue
        content, name = _bytes_of(part), describe_attachment(part)["name"]
        if content:
            names.append(name)
            (scratch / file_of(len(names))).write_bytes(content)
        else:
            left.append((name, Cause.EMPTY))
    return {"names": names, "left": left}


def is_dress(part: Message) -> bool:
    """Return whether a part only dresses the mail; pure."""
    if part.get_content_type() in _DRESS:
        return True
    is_shown_within = bool(part.get("Content-ID")) or part.get_content_disposition() == "inline"
    is_picture = part.get_content_maintype() == "image" and part.get_content_disposition() != "attachment"
    return is_picture and is_shown_within and len(content_of(part)) <= _SMALL


def _bytes_of(part: Message) -> bytes:
    """Return what is attached; nothing where a message inside cannot be written out again."""
    inside = inner_message(part)
    if inside is None:
        return content_of(part)
    try:
        return inside.as_bytes()
    except (UnicodeError, LookupError, ValueError, TypeError, AttributeError):  # headers that no writer can write
        return b""
