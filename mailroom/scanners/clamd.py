"""Asks clamd, the daemon of ClamAV, by its own protocol: PING, and INSTREAM for a file in pieces.

Before: `bootstrap` has read where it listens. After: the journey knows whether a file may be opened. The commands are
those of clamd(8) in the form that begins with `z`, in which commands and answers end with a zero byte. Only one piece
of the file is held at a time.
"""

from __future__ import annotations

import re
import select
import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import partial
from typing import IO

from mailroom.domain.errors import Misconfigured, Transient, Unreachable
from mailroom.ports import Scanned

_PIECE = 64 * 1024
_LONGEST_ANSWER = 4096
_LONGEST_NAME = 100
_LENGTH_BYTES = 4
_NOT_IN_A_NAME = re.compile(r"[^A-Za-z0-9_.:/+-]")
_BEYOND_ITS_LIMITS = "Heuristics.Limits.Exceeded"
"""How the names begin that clamd gives, with `AlertExceedsMax`, to what it has not looked at as a whole."""


class Clamd:
    """A clamd on this machine or another.

    Args:
        address: `host:port`, or the path of its local socket.
        timeout_seconds: of silence after which it is taken for gone.
    """

    def __init__(self, address: str, timeout_seconds: float) -> None:
        self._address = address
        self._timeout = timeout_seconds

    def ping(self) -> None:
        """Ask whether it is there; see `mailroom.ports.Scanner`."""
        with self._connection() as wire:
            answer = _talk(wire, b"zPING\0")
        if not answer:
            raise Unreachable(f"The malware scanner at {self._address} does not answer. Start it.")
        if answer != b"PONG\0":
            raise self._no_clamd()

    def scan(self, file: IO[bytes]) -> Scanned:
        """Look at a file; see `mailroom.ports.Scanner`."""
        self.ping()  # what breaks off from here on is about this file
        with self._connection() as wire:
            answer = _stream(wire, file)
        said, ended, _ = answer.partition(b"\0")
        if not ended and len(said) <= _LONGEST_ANSWER:
            raise Transient(f"The malware scanner at {self._address} broke off in the middle of a file.")
        return self._read(said.decode("utf-8", "replace"))

    def _read(self, answer: str) -> Scanned:
        said = answer.removeprefix("stream: ")
        if said == "OK":
            return Scanned()
        if said.endswith(" FOUND"):
            name = _NOT_IN_A_NAME.sub("?", said.removesuffix(" FOUND"))[:_LONGEST_NAME]
            return Scanned(whole=False) if name.startswith(_BEYOND_ITS_LIMITS) else Scanned(found=name)
        if "size limit exceeded" in said:
            return Scanned(whole=False)
        if said.endswith("ERROR"):
            raise Transient(f"The malware scanner at {self._address} could not look at a file. Its log says why.")
        raise self._no_clamd()

    def _no_clamd(self) -> Misconfigured:
        return Misconfigured(f"malware.address: what answers at {self._address} is no clamd. Correct the address.")

    @contextmanager
    def _connection(self) -> Iterator[socket.socket]:
        try:
            wire = self._connect()
        except (OSError, ValueError) as fault:
            sentence = f"The malware scanner at {self._address} cannot be reached ({fault}). Start it."
            raise Unreachable(sentence) from fault
        with wire:
            yield wire

    def _connect(self) -> socket.socket:
        if not self._address.startswith("/"):
            host, _, port = self._address.rpartition(":")
            return socket.create_connection((host.strip("[]"), int(port)), self._timeout)
        wire = socket.socket(socket.AF_UNIX)
        try:
            wire.settimeout(self._timeout)
            wire.connect(self._address)
        except OSError:
            wire.close()
            raise
        return wire


def _stream(wire: socket.socket, file: IO[bytes]) -> bytes:
    """Send a file in pieces, each after its length, and return the answer, as far as it came."""
    if not _sent(wire, b"zINSTREAM\0"):
        return _answer(wire)
    for piece in iter(partial(file.read, _PIECE), b""):
        if _has_answered(wire) or not _sent(wire, len(piece).to_bytes(_LENGTH_BYTES, "big") + piece):
            return _answer(wire)
    return _talk(wire, bytes(_LENGTH_BYTES))


def _talk(wire: socket.socket, said: bytes) -> bytes:
    _sent(wire, said)
    return _answer(wire)


def _sent(wire: socket.socket, said: bytes) -> bool:
    """Send it; False where the other side hung up, which may have said why before."""
    try:
        wire.sendall(said)
    except OSError:
        return False
    return True


def _has_answered(wire: socket.socket) -> bool:
    """Whether it has said something, or hung up, before the end of the file: it has heard enough."""
    asked = select.poll()
    asked.register(wire, select.POLLIN)
    return bool(asked.poll(0))


def _answer(wire: socket.socket) -> bytes:
    """Return what it says up to the zero byte, or as far as it got."""
    said = b""
    with suppress(OSError):
        while b"\0" not in said and len(said) <= _LONGEST_ANSWER and (more := wire.recv(_LONGEST_ANSWER)):
            said += more
    return said
