"""The bytes of an object on their way from an S3 service, as a stream whose connection goes back when it is closed.

Before: `s3.py` has the answer's head. After: the vault reads, and digests what it reads. A service that sends a byte
now and then keeps within every time-out of its connection, so what comes is held against the time waited for it.
"""

from __future__ import annotations

import io
import time

from urllib3.response import BaseHTTPResponse

from storage.errors import StoreUnavailable
from storage.s3_faults import faults_told_apart

_LEAST_BYTES_A_SECOND = 16 << 10
_PATIENCE_SECONDS = 20.0


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
        self._came, self._waited = 0, 0.0

    def readable(self) -> bool:
        """Return that it can be read."""
        return True

    def readinto(self, buffer: bytearray | memoryview) -> int:  # type: ignore[override]  # whatever io hands over
        """Read into the buffer; 0 at the end.

        Raises:
            StoreUnavailable: the connection broke off, or hardly anything comes.
        """
        began = time.monotonic()
        with faults_told_apart(self._key, self._told_in):
            block = self._answer.read1(len(buffer))
        self._came, self._waited = self._came + len(block), self._waited + time.monotonic() - began
        if block and self._waited > _PATIENCE_SECONDS + self._came / _LEAST_BYTES_A_SECOND:
            slow = f"{self._came} bytes came in {self._waited:.0f} seconds"
            raise StoreUnavailable(f"{self._key}: the service of {self._told_in} hardly answers: {slow}")
        buffer[: len(block)] = block
        return len(block)

    def close(self) -> None:
        """Give the connection back."""
        if not self.closed:
            self._answer.close()
            self._answer.release_conn()
        super().close()
