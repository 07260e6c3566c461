"""Ports of this machine that nobody listens to, for servers that tests start.

Each process of the suite has a range of its own, below those that the machine gives out to whoever connects: a port
that was free when it was named is still free when its server begins, whatever the tests beside it do.
"""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator
from contextlib import suppress
from itertools import cycle

_FIRST, _EACH = 12_000, 2_000


def _range() -> Iterator[int]:
    """Our ports over and over, from a place that differs where several people run the suite on one machine."""
    first = _FIRST + _EACH * int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
    start = os.getpid() % _EACH
    return cycle([*range(first + start, first + _EACH), *range(first, first + start)])


_ours = _range()


def free_port() -> int:
    """Return one that nobody listens to, and that nobody here has been given lately."""
    for port in _ours:
        with suppress(OSError), socket.socket() as probe:
            probe.bind(("127.0.0.1", port))
            return port
    raise AssertionError
