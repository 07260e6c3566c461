"""A way to a service that a test can break: what comes is let through, answered 500 instead, or heard in silence."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from enum import Enum, auto
from socketserver import BaseRequestHandler, ThreadingTCPServer

_LONGEST_HEAD = 1 << 16
_SAID = b"<?xml version='1.0'?><Error><Code>InternalError</Code><Message>An internal error.</Message></Error>"
_FAULT = (
    b"HTTP/1.1 500 Internal Server Error\r\nContent-Type: application/xml\r\nConnection: close\r\n"
    b"Content-Length: %d\r\n\r\n%s" % (len(_SAID), _SAID)
)


class Way(Enum):
    """What becomes of a request."""

    OPEN = auto()
    FAULTY = auto()
    SILENT = auto()


class BrokenWay(ThreadingTCPServer):
    """Listens on loopback in a service's stead.

    Args:
        port: of the service.

    Attributes:
        troubled: how many requests were not let through.
    """

    daemon_threads = True
    request_queue_size = 50

    def __init__(self, port: int) -> None:
        super().__init__(("127.0.0.1", 0), _Passage)
        self.to = port
        self.way = Way.OPEN
        self.troubled = 0
        self.under_way: set[socket.socket] = set()

    @property
    def endpoint(self) -> str:
        """Return the address that is to be called."""
        return f"http://127.0.0.1:{self.server_address[1]}"

    def turn(self, way: Way) -> None:
        """Treat so what comes from now on; what is under way breaks off, as when a service is restarted."""
        self.way = way
        for one in list(self.under_way):
            with suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)


class _Passage(BaseRequestHandler):
    request: socket.socket
    server: BrokenWay

    def handle(self) -> None:
        self.server.under_way.add(self.request)
        with suppress(OSError):
            (self._let_through if self.server.way is Way.OPEN else self._trouble)(self.server.way)
        self.server.under_way.discard(self.request)

    def _let_through(self, _way: Way) -> None:
        with closing(socket.create_connection(("127.0.0.1", self.server.to))) as service:
            threading.Thread(target=_carry, args=(self.request, service), daemon=True).start()
            _carry(service, self.request)

    def _trouble(self, way: Way) -> None:
        if self.request.recv(_LONGEST_HEAD):
            self.server.troubled += 1
        if way is Way.FAULTY:
            self.request.sendall(_FAULT)
        while way is Way.SILENT and self.request.recv(_LONGEST_HEAD):
            pass


def _carry(one: socket.socket, other: socket.socket) -> None:
    with suppress(OSError):
        while block := one.recv(_LONGEST_HEAD):
            other.sendall(block)
        other.shutdown(socket.SHUT_WR)


@contextmanager
def way_to(port: int) -> Iterator[BrokenWay]:
    """Open a way to a service on this machine; it is closed with the block."""
    with BrokenWay(port) as made:
        threading.Thread(target=made.serve_forever, daemon=True).start()
        try:
            yield made
        finally:
            made.turn(Way.FAULTY)
            made.shutdown()
