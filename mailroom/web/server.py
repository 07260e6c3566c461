"""Serves the pages from a thread of the service, until the service closes."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import uvicorn
from fastapi import FastAPI

from mailroom.domain.errors import Misconfigured
from mailroom.settings import Web

_WAIT_SECONDS = 15.0
_LOOK_EVERY = 0.02
_LAST_WORDS_SECONDS = 5


@contextmanager
def serving(app: FastAPI, web: Web) -> Iterator[None]:
    """Serve the application while the block runs; requests in hand are answered before it is left.

    Raises:
        Misconfigured: the address is taken or is none of this machine's.
    """
    config = uvicorn.Config(
        app,
        host=web.host,
        port=web.port,
        log_config=None,
        access_log=False,
        server_header=False,
        lifespan="off",
        proxy_headers=bool(web.proxies),
        forwarded_allow_ips=list(web.proxies),
        timeout_graceful_shutdown=_LAST_WORDS_SECONDS,
    )
    server = uvicorn.Server(config)
    thread = threading.Thread(target=_run, args=(server,), name="pages", daemon=True)
    thread.start()
    _wait_until_open(server, thread, web)
    try:
        yield
    finally:
        server.should_exit = True
        thread.join(2 * _LAST_WORDS_SECONDS)  # what does not end even then ends with the process, and holds nobody up


def _run(server: uvicorn.Server) -> None:
    try:
        server.run()
    except SystemExit:
        return  # it could not open its port and has said so in the log; whoever waits for it says it to people


def _wait_until_open(server: uvicorn.Server, thread: threading.Thread, web: Web) -> None:
    deadline = time.monotonic() + _WAIT_SECONDS
    while not server.started:
        if not thread.is_alive() or time.monotonic() > deadline:
            raise Misconfigured(
                f"web.host, web.port: the pages cannot be served on {web.host}:{web.port}. Another program may hold "
                "the port: stop it, or name another port in config/mailroom.toml."
            )
        time.sleep(_LOOK_EVERY)
