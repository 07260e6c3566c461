"""Writes the ZIP of a bundle: one file behind the other, none of them held in memory, each digested on its way.

Before: `bundle.py` knows what belongs into it. After: the lists of its files can be made. Nothing is packed, so that
a reader need not unpack what it does not trust; order, times and modes are fixed, so that equal contents make equal
files.
"""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
from datetime import UTC, datetime
from typing import IO, Any, Self

_CHUNK = 1 << 18
_LARGE = 1 << 31
_PLAIN_FILE = 0o100644 << 16
_UNIX = 3


class Archive:
    """A ZIP in the making.

    Args:
        target: where it is written; it can be sought in.
        made_at: what stands as the time of every file.
    """

    def __init__(self, target: IO[bytes], made_at: datetime) -> None:
        self._zip = zipfile.ZipFile(target, "w", zipfile.ZIP_STORED)
        self._time = made_at.astimezone(UTC).timetuple()[:6]
        self.files: dict[str, tuple[str, int]] = {}

    def put(self, name: str, stream: IO[bytes], size: int) -> str:
        """Add a file from a stream; returns its SHA-256.

        Args:
            name: its path.
            stream: read to its end.
            size: bytes, as far as is known before.
        """
        entry = zipfile.ZipInfo(name, self._time)
        entry.create_system, entry.external_attr = _UNIX, _PLAIN_FILE
        digest, written = hashlib.sha256(), 0
        with self._zip.open(entry, "w", force_zip64=size >= _LARGE) as file:
            while chunk := stream.read(_CHUNK):
                digest.update(chunk)
                written += file.write(chunk)
        self.files[name] = (digest.hexdigest(), written)
        return digest.hexdigest()

    def put_bytes(self, name: str, content: bytes) -> str:
        """Add a file from memory; returns its SHA-256."""
        return self.put(name, io.BytesIO(content), len(content))

    def put_json(self, name: str, data: Any) -> str:  # noqa: ANN401  # whatever JSON can hold
        """Add a file of JSON that people can read; returns its SHA-256."""
        return self.put_bytes(name, (json.dumps(data, indent=1, ensure_ascii=False) + "\n").encode())

    def sums(self) -> bytes:
        """Return the digests of all files so far, as sha256sum writes and checks them."""
        return "".join(f"{digest}  {name}\n" for name, (digest, _) in sorted(self.files.items())).encode()

    def __enter__(self) -> Self:
        """Begin."""
        return self

    def __exit__(self, *_: object) -> None:
        """Write the list at the end, without which it is no archive."""
        self._zip.close()
