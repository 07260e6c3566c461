"""The bytes of an object sealed by its data key, and that by a master key: in the format of age, by the library pyrage.

Before: somebody has bytes and a key. After: a file that `age`, which Debian has, opens with the same key. Nothing of
the cryptography is our own (https://age-encryption.org/v1).
"""

from __future__ import annotations

import hashlib
import shutil
import tempfile
from io import BufferedIOBase
from typing import IO, cast

import pyrage
from pyrage import x25519

_IN_MEMORY_BYTES = 1 << 23
MARK = b"age-encryption.org/v1\n"
"""What sealed bytes begin with."""


class NotSealed(Exception):
    """These bytes were not sealed by this key, or are not whole any more."""


def new_key() -> str:
    """Return a new data key or master key, as age writes the private half: `AGE-SECRET-KEY-1...`."""
    return str(x25519.Identity.generate())


def public_half(key: str) -> str:
    """Return by what a key is named, and sealed for: `age1...`.

    Raises:
        ValueError: it is no key of age.
    """
    try:
        return str(x25519.Identity.from_str(key).to_public())
    except pyrage.IdentityError as fault:
        raise ValueError("not a private key of age") from fault


def seal(source: IO[bytes], target: IO[bytes], key: str) -> tuple[str, int]:
    """Write what is left in `source` to `target`, sealed; return SHA-256 and count of the plain bytes."""
    reading, writing = _Reading(source), _Writing(target)
    try:
        pyrage.encrypt_io(_file(reading), _file(writing), [x25519.Identity.from_str(key).to_public()])
    except (pyrage.EncryptError, OSError):
        _raise_own(reading, writing)
        raise
    return reading.digest.hexdigest(), reading.size


def unseal(source: IO[bytes], target: IO[bytes], key: str) -> None:
    """Write the plain bytes of what is left in `source` to `target`.

    Raises:
        NotSealed: they are not to be had; some may have been written.
    """
    reading, writing = _Reading(source), _Writing(target)
    try:
        pyrage.decrypt_io(_file(reading), _file(writing), [x25519.Identity.from_str(key)])
    except (pyrage.DecryptError, OSError) as fault:
        _raise_own(reading, writing)
        raise NotSealed(str(fault)) from fault


def opened(lying: IO[bytes], key: str) -> IO[bytes]:
    """Return the plain bytes of what lies somewhere, which is closed; the caller closes what is returned.

    What this key does not open is returned as it lies: it was kept before anything was sealed, or is damaged, and
    whoever holds it against its digest knows which.
    """
    copy = tempfile.SpooledTemporaryFile(max_size=_IN_MEMORY_BYTES)  # noqa: SIM115 - one of the two is returned
    plain = tempfile.SpooledTemporaryFile(max_size=_IN_MEMORY_BYTES)  # noqa: SIM115
    wanted = copy
    try:
        with lying:
            shutil.copyfileobj(lying, copy, 1 << 20)
        copy.seek(0)
        unseal(copy, plain, key)
        wanted = plain
    except NotSealed:
        plain.close()
    except BaseException:
        plain.close()
        copy.close()
        raise
    else:
        copy.close()
    wanted.seek(0)
    return wanted


def wrap(key: str, public: str) -> bytes:
    """Return a data key sealed for a master key, of which the public half is enough."""
    return pyrage.encrypt(key.encode(), [x25519.Recipient.from_str(public)])


def unwrap(wrapped: bytes, master: str) -> str:
    """Return a data key that was sealed for this master key.

    Raises:
        NotSealed: it was not, or is damaged.
    """
    try:
        return pyrage.decrypt(wrapped, [x25519.Identity.from_str(master)]).decode()
    except pyrage.DecryptError as fault:
        raise NotSealed(str(fault)) from fault


class _Reading:
    """Digests what the library reads, and remembers an error of the source: the library makes it one of its own."""

    def __init__(self, source: IO[bytes]) -> None:
        self._source = source
        self.digest = hashlib.sha256()
        self.size = 0
        self.fault: Exception | None = None

    def read(self, most: int = -1) -> bytes:
        """Read on."""
        try:
            block = self._source.read(most)
        except Exception as fault:
            self.fault = fault
            raise
        self.digest.update(block)
        self.size += len(block)
        return block


class _Writing:
    """Remembers an error of the target."""

    def __init__(self, target: IO[bytes]) -> None:
        self._target = target
        self.fault: Exception | None = None

    def write(self, block: bytes) -> int:
        """Write on."""
        try:
            return self._target.write(block)
        except Exception as fault:
            self.fault = fault
            raise

    def flush(self) -> None:
        """Leave it to whoever closes."""


def _file(read_or_written: _Reading | _Writing) -> BufferedIOBase:
    """Pass for all of a file: the library only reads, or only writes and flushes."""
    return cast("BufferedIOBase", read_or_written)


def _raise_own(reading: _Reading, writing: _Writing) -> None:
    for fault in (reading.fault, writing.fault):
        if fault is not None:
            raise fault
