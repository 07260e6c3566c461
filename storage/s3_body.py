"""The bytes of an object on their way from an S3 service, as a stream whose connection goes back when it is closed.

Before: `s3.py` has the answer's head. After: the vault reads, and digests what it reads.
"""

from __future__ import annotations

import io

from urllib3.response import BaseHTTPResponse

from storage.s3_faults import faults_told_apart


class Body(io.RawIOBase):
    """Reads an answer; one that breaks off is an error, not the end.

    Args:
        answer: of the service.
        key: of the object, for the error's sentence.
        told_in: the table of the settings that names the service, likewise.
    """

    def __init__(self, answer: BaseHTTPResponse, key: str, told_in: str) -> None:
        super().__init__()
        self._answer = answer
        self._key = key
        self._told_in = told_in

    def readable(self) -> bool:
        """Return that it can be read."""
        return True

    def readinto(self, buffer: bytearray | memoryview) -> int:  # type: ignore[override]  # whatever io hands over
        """Read into the buffer; 0 at the end.

        Raises:
            StoreUnavailable: the connection broke off.
        """
        with faults_told_apart(self._key, self._told_in):
            block = self._answer.read(len(buffer))
        buffer[: len(block)] = block
        return len(block)

    def close(self) -> None:
        """Give the connection back."""
        if not self.closed:
            self._answer.close()
            self._answer.release_conn()
        super().close()
