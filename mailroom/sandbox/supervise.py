"""Watches one child from outside while it works: wall time, resident memory, and how much it says.

Before: `Sandbox` has handed the call to the warm parent. After: `settle` decides what the ending means. To stop a child
the worker hangs up the call's lifetime socket; the warm parent, which alone knows which process it is, kills its group
and still reports the end, so that nobody writes into the scratch folder any more when this returns.
"""

from __future__ import annotations

import os
import selectors
import socket
import time
from contextlib import suppress
from dataclasses import dataclass
from enum import StrEnum

from mailroom.sandbox.limits import Limits
from mailroom.sandbox.wire import MESSAGE_BYTES, unpack

_LOOK_EVERY = 0.05
_PATIENCE_AFTER_A_KILL = 10.0
_NOISE_KEPT = 4096
_CHUNK = 1 << 16
_PAGE_BYTES = os.sysconf("SC_PAGE_SIZE")


class Stop(StrEnum):
    """Why the worker stopped a child."""

    WALL = "wall"
    MEMORY = "memory"
    ANSWER = "answer"


@dataclass(frozen=True, slots=True)
class Ending:
    """How one call ended, as seen from outside.

    Attributes:
        answer: what the child answered, at most one byte more than allowed.
        status: wait status of the child; None when the warm parent went away or fell silent.
        peak: largest resident memory in bytes, from the kernel's own account.
        stopped: why the worker stopped it, or None.
        noise: the last bytes of its stdout and stderr.
    """

    answer: bytes
    status: int | None
    peak: int
    stopped: Stop | None
    noise: bytes


class Watch:
    """One call while it runs.

    Args:
        lifetime: this side of the socket to the warm parent.
        answer: read end of the child's answer.
        output: read end of the child's stdout and stderr.
        limits: what the child may use.
    """

    def __init__(self, lifetime: socket.socket, answer: int, output: int, limits: Limits) -> None:
        self._lifetime = lifetime
        self._answer_pipe = answer
        self._output_pipe = output
        self._limits = limits
        self._answer = bytearray()
        self._noise = b""
        self._pid: int | None = None
        self._status: int | None = None
        self._peak = 0
        self._over = False

    def until_the_end(self) -> Ending:
        """Wait for the end of the child, stopping it where it goes beyond its limits."""
        with selectors.PollSelector() as selector:
            selector.register(self._lifetime, selectors.EVENT_READ, self._hear)
            selector.register(self._answer_pipe, selectors.EVENT_READ, self._read_answer)
            selector.register(self._output_pipe, selectors.EVENT_READ, self._read_noise)
            stopped = self._wait(selector)
        self._read_what_is_left()
        return Ending(bytes(self._answer), self._status, self._peak, stopped, self._noise)

    def _wait(self, selector: selectors.BaseSelector) -> Stop | None:
        deadline = time.monotonic() + self._limits.wall_seconds
        give_up = float("inf")
        stopped: Stop | None = None
        while not self._over and time.monotonic() < give_up:
            for key, _ in selector.select(_LOOK_EVERY):
                goes_on = key.data()
                if not goes_on:
                    selector.unregister(key.fileobj)
            if stopped is None and (stopped := self._beyond_a_limit(deadline)):
                self._lifetime.shutdown(socket.SHUT_WR)
                give_up = time.monotonic() + _PATIENCE_AFTER_A_KILL
        return stopped

    def _beyond_a_limit(self, deadline: float) -> Stop | None:
        if self._over:
            return None
        if len(self._answer) > self._limits.result_bytes:
            return Stop.ANSWER
        if self._pid is not None and resident_bytes(self._pid) > self._limits.resident:
            return Stop.MEMORY
        return Stop.WALL if time.monotonic() >= deadline else None

    def _hear(self) -> bool:
        """Take one message of the warm parent: first the child's number, then how it ended."""
        message = self._lifetime.recv(MESSAGE_BYTES)
        told = unpack(message) if message else {}
        self._pid = told.get("pid", self._pid)
        self._status = told.get("status")
        self._peak = told.get("peak", 0)
        self._over = not message or self._status is not None
        return not self._over

    def _read_answer(self) -> bool:
        room = self._limits.result_bytes + 1 - len(self._answer)
        chunk = os.read(self._answer_pipe, min(room, _CHUNK))
        self._answer += chunk
        return bool(chunk) and len(self._answer) <= self._limits.result_bytes

    def _read_noise(self) -> bool:
        chunk = os.read(self._output_pipe, _CHUNK)
        self._noise = (self._noise + chunk)[-_NOISE_KEPT:]
        return bool(chunk)

    def _read_what_is_left(self) -> None:
        """Read what lies in the pipes, without waiting for a writer that outlived the child."""
        for pipe, read in ((self._answer_pipe, self._read_answer), (self._output_pipe, self._read_noise)):
            os.set_blocking(pipe, False)
            with suppress(BlockingIOError):
                while read():
                    pass


def resident_bytes(pid: int) -> int:
    """Return the resident memory of a process; 0 when it is gone."""
    try:
        with open(f"/proc/{pid}/statm", "rb", buffering=0) as account:  # noqa: PTH123  # twenty times a second: no more
            pages = account.read().split()[1]
    except (FileNotFoundError, ProcessLookupError, IndexError):
        return 0
    return int(pages) * _PAGE_BYTES
