"""The key that signs heads of the log of custody: read from its file, or made where there is none yet.

Before: `[custody] key_file` names the file, or nothing does. After: the bundle has a signer. Whoever has this file can
sign in the council's name, so it is our own account's alone, and its public half belongs with the auditor.
"""

from __future__ import annotations

import os
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)

from mailroom.domain.errors import Misconfigured


class Ed25519Signer:
    """Signs with a key in memory; see `mailroom.ports.Signer`."""

    def __init__(self, key: Ed25519PrivateKey) -> None:
        self._key = key
        self._public = key.public_key()

    @property
    def public_key(self) -> bytes:
        """See `Signer.public_key`."""
        return self._public.public_bytes(Encoding.Raw, PublicFormat.Raw)

    def sign(self, content: bytes) -> bytes:
        """See `Signer.sign`."""
        return self._key.sign(content)

    def is_ours(self, signature: bytes, content: bytes) -> bool:
        """See `Signer.is_ours`."""
        try:
            self._public.verify(signature, content)
        except InvalidSignature:
            return False
        return True


def signer_in(file: Path) -> Ed25519Signer | None:
    """Return the signer whose private key is in this file, or None where there is no such file.

    Raises:
        Misconfigured: as `signer_from`.
    """
    return signer_from(file) if file.exists() else None


def signer_from(file: Path) -> Ed25519Signer:
    """Return the signer whose private key is in this file, made there where the file is missing.

    Raises:
        Misconfigured: the file cannot be read or made, or holds no Ed25519 key.
    """
    try:
        _make_where_missing(file)
        key = load_pem_private_key(file.read_bytes(), password=None)
    except OSError as fault:
        sentence = f"custody.key_file: {file} cannot be read or made ({fault.strerror})."
        raise Misconfigured(f"{sentence} Correct the path or its rights.") from fault
    except (ValueError, TypeError) as fault:
        raise Misconfigured(_no_key(file)) from fault
    if not isinstance(key, Ed25519PrivateKey):
        raise Misconfigured(_no_key(file))
    return Ed25519Signer(key)


def _make_where_missing(file: Path) -> None:
    made = Ed25519PrivateKey.generate().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    incoming = file.with_name(f".{file.name}.{os.getpid()}")
    if file.exists():
        return
    with open(os.open(incoming, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as new:  # noqa: PTH123 - its rights
        new.write(made)
        os.fsync(new.fileno())
    try:
        os.link(incoming, file)  # of two commands that start, one makes it
    except FileExistsError:
        pass
    finally:
        incoming.unlink()


def _no_key(file: Path) -> str:
    return (
        f"custody.key_file: {file} holds no Ed25519 private key (PEM, without a password). Make one with "
        "`openssl genpkey -algorithm ed25519`, or name another file."
    )
