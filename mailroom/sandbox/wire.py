"""What crosses between worker, warm parent and child: descriptors, short messages, and JSON of limited length.

The worker speaks to the warm parent over one socket, on which each call is one message that carries four descriptors
and nothing to parse. Never pickle: an answer comes from a process that has read hostile bytes.
"""

from __future__ import annotations

import json
import os
import socket
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

MESSAGE_BYTES = 4096
_CALL = b"call"


@dataclass(frozen=True, slots=True)
class CallEnds:
    """The far ends of one call, as descriptors.

    Attributes:
        lifetime: socket between worker and warm parent; when the worker hangs up, the child's process group is killed.
        request: a file in memory with the request as JSON.
        answer: pipe for the answer as JSON.
        output: pipe for what the child writes to stdout and stderr.
    """

    lifetime: int
    request: int
    answer: int
    output: int

    def send(self, control: socket.socket) -> None:
        """Hand the four descriptors to the warm parent.

        Raises:
            OSError: it is gone.
        """
        socket.send_fds(control, [_CALL], [self.lifetime, self.request, self.answer, self.output])

    @classmethod
    def receive(cls, control: socket.socket) -> Self | None:
        """Take the four descriptors of the next call; None when the worker has gone."""
        message, descriptors, _, _ = socket.recv_fds(control, len(_CALL), 4)
        return cls(*descriptors) if message == _CALL else None

    def close(self) -> None:
        """Close all four in this process."""
        for descriptor in (self.lifetime, self.request, self.answer, self.output):
            os.close(descriptor)


def pack(value: Mapping[str, Any]) -> bytes:
    """Return the value as JSON in UTF-8; half surrogates, which no database stores, become question marks.

    Raises:
        ValueError: a number is not finite.
        TypeError: a value has no form in JSON.
    """
    return json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode("utf-8", "replace")


def unpack(message: bytes) -> dict[str, Any]:
    """Return the JSON object in the message.

    Raises:
        ValueError: it is no JSON object, or is nested beyond any use.
    """
    try:
        value = json.loads(message, parse_constant=_no_constant)
    except RecursionError as error:
        raise ValueError("nested too deeply") from error
    if not isinstance(value, dict):
        raise ValueError("not an object")  # noqa: TRY004 - one kind of error for one kind of fault: an unusable message
    return value


def _no_constant(name: str) -> None:
    raise ValueError(f"{name} is not JSON")
