"""How long the pages on a large archive take, from asking to the last byte, served by this very process.

Before: the archive is made, and its index too. After: for the look-ups of an auditor and the queue
of the post room, what whoever asks by a browser waits; `pages.py` has the other pages, on fewer items.
"""

from __future__ import annotations

import os
import socket
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from statistics import mean, quantiles
from urllib.parse import urlencode

import httpx

from bench.figures import Figure
from mailroom.bootstrap.ways_in import deliver_file
from mailroom.desk.accounts import Post, join
from mailroom.desk.signing_in import choose_password, sign_in
from mailroom.domain.access import Role, Viewer
from mailroom.records.wanted import Wanted
from mailroom.services import Services
from mailroom.web.app import application
from mailroom.web.server import serving

_PASSWORD = "three brown foxes"  # noqa: S105  # of accounts that live as long as the benchmark
_OPERATOR = Viewer("bench", frozenset({Role.ADMINISTRATOR}))
_LOOK_UP_GOAL, _QUEUE_GOAL = 50, 100
_QUEUE_TIMES = 60


def choose_address() -> None:
    """Have whatever is opened next serve its pages on a port that is free."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    os.environ.update(MAILROOM_WEB__PORT=str(port), MAILROOM_WEB__ADDRESS=f"http://127.0.0.1:{port}")


def pages(database: str, look_ups: dict[str, Sequence[Wanted]], services: Services) -> Iterator[Figure]:
    """Measure the page of each look-up, and the queue."""
    served = application(services, partial(deliver_file, services=services))
    with serving(served, services.settings.web):
        with _signed_in("ada", Role.AUDITOR, services) as auditor:
            for name, asked in look_ups.items():
                yield _figure(database, f"{name}, as a page", _LOOK_UP_GOAL, auditor, [_path(one) for one in asked])
        with _signed_in("kim", Role.POST_ROOM, services) as clerk:
            yield _figure(database, "queue of the post room", _QUEUE_GOAL, clerk, ["/post-room"] * _QUEUE_TIMES)


@contextmanager
def _signed_in(name: str, role: Role, services: Services) -> Iterator[httpx.Client]:
    new = join(name, name.title(), Post(frozenset({role})), _OPERATOR, services)
    choose_password(sign_in(name, new.password, "", services), new.password, _PASSWORD, services)
    with httpx.Client(base_url=services.settings.web.address, follow_redirects=True) as client:
        client.post("/sign-in", data={"name": name, "password": _PASSWORD}).raise_for_status()
        yield client


def _path(wanted: Wanted) -> str:
    return "/audit?" + urlencode({"words": wanted.words, "postcode": wanted.postcode})


def _figure(database: str, name: str, goal: float, client: httpx.Client, paths: Sequence[str]) -> Figure:
    waits = [_milliseconds(client, path) for path in (*paths, *paths)][len(paths) :]  # warm, the templates compiled
    value = round(quantiles(waits, n=20)[-1], 2)
    return Figure(f"{database}: {name}", value, "ms p95", goal, value <= goal, f"mean {mean(waits):.0f}")


def _milliseconds(client: httpx.Client, path: str) -> float:
    began = time.perf_counter()
    client.get(path).raise_for_status()
    return (time.perf_counter() - began) * 1000
