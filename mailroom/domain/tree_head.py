"""A signed head of the log of custody as a text that can be kept, mailed and printed: what the log was at a moment.

Before: the tree over the log has a size and a root (`merkle.py`). After: a key has signed the text, and whoever has it
and the public key can hold the log against it. The form is that of transparency logs: C2SP tlog-checkpoint for the
body, C2SP signed-note for the signature, so their tools read it. Pure.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime

_ED25519 = b"\x01"
_DASH = "\N{EM DASH} "
_KEY_ID_BYTES = 4
_MOST_TEXT = 4096


@dataclass(frozen=True, slots=True)
class TreeHead:
    """What the log was.

    Attributes:
        origin: whose log it is, as a name without blanks or `+`, for instance the host of the mailroom.
        size: events in it.
        root: hash of the tree over them, 32 bytes.
        at: when it was found so (aware).
    """

    origin: str
    size: int
    root: bytes
    at: datetime


@dataclass(frozen=True, slots=True)
class SignedHead:
    """A head and who signed it; that the signature holds is for whoever has the public key to say.

    Attributes:
        head: what was signed.
        body: the very text that was signed.
        key_id: of the key that signed it, 4 bytes.
        signature: Ed25519, 64 bytes.
    """

    head: TreeHead
    body: str
    key_id: bytes
    signature: bytes


def body_of(head: TreeHead) -> str:
    """Return the text that is signed."""
    at = head.at.astimezone(UTC).isoformat(timespec="seconds")
    return f"{head.origin}\n{head.size}\n{_encoded(head.root)}\nat {at}\n"


def key_id(name: str, public_key: bytes) -> bytes:
    """Return the 4 bytes by which a signature names its key."""
    return hashlib.sha256(name.encode() + b"\n" + _ED25519 + public_key).digest()[:_KEY_ID_BYTES]


def verifier_key(name: str, public_key: bytes) -> str:
    """Return the public key as signed-note writes it: what whoever checks a head keeps."""
    return f"{name}+{key_id(name, public_key).hex()}+{_encoded(_ED25519 + public_key)}"


def signed_text(body: str, name: str, public_key: bytes, signature: bytes) -> str:
    """Return the whole text: what was signed, and the signature in the name of the key."""
    return f"{body}\n{_DASH}{name} {_encoded(key_id(name, public_key) + signature)}\n"


def read_signed(text: str) -> SignedHead:
    """Return what stands in a signed text.

    Raises:
        ValueError: it is not of this form.
    """
    if len(text) > _MOST_TEXT:
        raise ValueError("it is longer than any signed head")
    body, parted, signature = text.partition(f"\n\n{_DASH}")
    lines = body.split("\n")
    if not parted or len(lines) != 4 or not lines[3].startswith("at "):
        raise ValueError("it has not the lines of a signed head")
    try:
        name, encoded = signature.removesuffix("\n").split(" ")
        sealed, root = base64.b64decode(encoded, validate=True), base64.b64decode(lines[2], validate=True)
        head = TreeHead(lines[0], _natural(lines[1]), root, datetime.fromisoformat(lines[3].removeprefix("at ")))
    except (ValueError, binascii.Error) as fault:
        raise ValueError(f"it is not written as a signed head is: {fault}") from fault
    if name != head.origin or len(sealed) != _KEY_ID_BYTES + 64 or len(root) != 32 or body_of(head) != f"{body}\n":
        raise ValueError("it is not written as a signed head is")
    return SignedHead(head, f"{body}\n", sealed[:_KEY_ID_BYTES], sealed[_KEY_ID_BYTES:])


def _natural(text: str) -> int:
    if not (text.isascii() and text.isdecimal()):
        raise ValueError("its size is no number")
    return int(text)


def _encoded(content: bytes) -> str:
    return base64.b64encode(content).decode()
