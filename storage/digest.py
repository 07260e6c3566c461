"""SHA-256 of a stream, computed while it is copied, so that no byte is trusted that was not seen on its way."""

from __future__ import annotations

import hashlib
from typing import IO

_CHUNK_BYTES = 1 << 20


def digest_of(source: IO[bytes]) -> tuple[str, int]:
    """Return the SHA-256 (64 lower-case hexadecimal digits) and the number of bytes left in `source`."""
    return copy_with_digest(source, None)


def copy_with_digest(source: IO[bytes], target: IO[bytes] | None) -> tuple[str, int]:
    """Copy what is left in `source` to `target` (where there is one); return SHA-256 in hexadecimal and byte count."""
    digest = hashlib.sha256()
    size = 0
    while chunk := source.read(_CHUNK_BYTES):
        digest.update(chunk)
        size += len(chunk)
        if target is not None:
            target.write(chunk)
    return digest.hexdigest(), size
