"""`make bench-archive`: how quickly an archive of a million items is searched, on SQLite and on PostgreSQL.

Makes the items (`archive_letters.py`, `archive_rows.py`), has `mailroom reindex` make the index of their words, asks a
fixed mix of questions (`archive_mix.py`) as a page asks them, and takes further items in (`archive_arrivals.py`).
`make bench-archive ITEMS=20000` is a quick look, `ON=sqlite` and `ON=postgresql` are one database alone. Prints a
table for each and writes `bench/archive-sqlite.json` and `bench/archive-postgresql.json`. A million takes the better
part of an hour for each, and some 12 GB below `build/` and `/tmp`, which are cleared away.

Milliseconds are those that whoever asks waits, on a warm database; where other work goes on they are too many.
"""

from __future__ import annotations

import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import mean, quantiles
from typing import NamedTuple

from database_server import PostgreSql, postgresql

from bench.archive_arrivals import cost_of_a_journey, cost_of_index_writes, one_letter
from bench.archive_mix import EACH, Kind, Mix
from bench.archive_pages import choose_address, pages
from bench.archive_rows import NEWEST, Archive, load
from bench.database_clock import DatabaseClock
from bench.figures import Figure, publish
from mailroom.bootstrap import open_mailroom
from mailroom.desk.audit import open_original
from mailroom.desk.searching import search
from mailroom.domain.access import Role, Viewer
from mailroom.records.finding import find
from mailroom.services import Services

_DATA = Path(__file__).parent.parent / "build" / "bench"
_ITEMS = int(os.environ.get("ITEMS") or 1_000_000)
_FEW = 1000
_NEW = min(4000, max(100, _ITEMS // 250))
_LOOK_UPS = ("reference", "name", "postcode")
_AUDITOR = Viewer("bench", frozenset({Role.AUDITOR}))
_CLERK = Viewer("kim", frozenset({Role.POST_ROOM}))
_SETTINGS = ("shared_buffers = '2GB'", "max_wal_size = '8GB'", "jit = off")
"""What a server that is there for this database alone would be given."""


class _Costs(NamedTuple):
    """CPU milliseconds of one more item: the writes to the index, and the journey of a typed letter."""

    writes: float
    journey: float


def main() -> int:
    """Make the archives, measure, print the tables and write them down."""
    on = os.environ.get("ON")
    for name, measured in (("sqlite", _on_sqlite), ("postgresql", _on_postgresql)):
        if on in (None, "", name):
            publish(f"archive-{name}", measured())
    return 0


def _on_sqlite() -> Iterator[Figure]:
    with _at("few", None) as services:
        few = _costs(services, _FEW)
    with _at("many", None) as services:
        yield from _measured("SQLite", 0, services, few)


def _on_postgresql() -> Iterator[Figure]:
    with postgresql(Path(tempfile.gettempdir())) as server:  # a million items have no room in memory
        server.tell(*(f"ALTER SYSTEM SET {setting}" for setting in _SETTINGS))
        server.stop()
        server.start()
        with _at("few", server) as services:
            few = _costs(services, _FEW)
        with _at("many", server) as services:
            yield from _measured("PostgreSQL", 1, services, few)


@contextmanager
def _at(name: str, server: PostgreSql | None) -> Iterator[Services]:
    """Have an empty mailroom; its folder is cleared away with the block."""
    data = _DATA / f"archive-{'postgresql' if server else 'sqlite'}" / name
    shutil.rmtree(data, ignore_errors=True)
    os.environ["MAILROOM_DATA"] = str(data)
    choose_address()
    for key, value in (server.settings(server.create()) if server else {}).items():
        os.environ[f"MAILROOM_{key}"] = value
    try:
        with open_mailroom(lambda: NEWEST) as services:
            yield services
    finally:
        shutil.rmtree(data, ignore_errors=True)


def _costs(services: Services, size: int) -> _Costs:
    _fill(services, size)
    _reindexed(services)
    return _Costs(cost_of_index_writes(services, _NEW), cost_of_a_journey(services))


def _fill(services: Services, size: int) -> Archive:
    types = [(key, service.team) for key, service in services.catalogue.services.items()]
    archive = Archive(size, types)
    _say(f"making {size} items")
    load(os.environ.get("MAILROOM_DATABASE_ADMIN_URL") or services.records.url, archive)
    return archive


def _measured(database: str, which: int, services: Services, few: _Costs) -> Iterator[Figure]:
    """Yield the figures of one database; `which` of two goals is its."""
    archive = _fill(services, _ITEMS)
    yield from _rebuild(database, services)
    with services.records.look() as session:
        kinds = list(Mix(session, archive).kinds())
    for kind in kinds:
        measure = _looked_up if kind.name in _LOOK_UPS else _answered
        yield measure(database, kind, kind.goal[which], services)
    yield from pages(database, {kind.name: kind.asked for kind in kinds if kind.name in _LOOK_UPS}, services)
    yield _original(database, services)
    many = _Costs(cost_of_index_writes(services, _NEW), cost_of_a_journey(services))
    for name, goal, at_few, at_many in (
        ("index writes of one more item", 3, few.writes, many.writes),
        ("whole journey of one more item", 1.1, few.journey, many.journey),
    ):
        how = f"{at_few:.2f} ms CPU with {_FEW} items, {at_many:.2f} with {_ITEMS}"
        yield _figure(f"{database}: {name}", at_many / at_few, "times", goal, how)


def _rebuild(database: str, services: Services) -> Iterator[Figure]:
    seconds, megabytes, cpu = _reindexed(services)
    how = f"{_ITEMS} items, {cpu:.0f} s CPU of the command"
    yield _figure(f"{database}: index made anew", seconds / 60, "min", 10, how)
    yield _figure(f"{database}: index made anew, memory", megabytes, "MB", 300, "the command, at the most")


def _reindexed(services: Services) -> tuple[float, float, float]:
    """Have the command make the index; return its seconds, its megabytes at the most, and its CPU seconds."""
    _say(f"making the index in {services.records.url.partition(':')[0]}")
    began, before = time.monotonic(), resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run([sys.executable, "-m", "mailroom", "reindex"], check=True, stdout=subprocess.DEVNULL)
    spent = resource.getrusage(resource.RUSAGE_CHILDREN)
    return time.monotonic() - began, spent.ru_maxrss / 1024, spent.ru_utime - before.ru_utime


def _answered(database: str, kind: Kind, goal: float, services: Services) -> Figure:
    """Ask all questions once to warm the database up, and once more."""
    for wanted in kind.asked:
        search(wanted, _AUDITOR, services, order=kind.order)
    waits, numbers = [], []
    for wanted in kind.asked:
        began = time.perf_counter()
        numbers.append(search(wanted, _AUDITOR, services, order=kind.order).count)
        waits.append((time.perf_counter() - began) * 1000)
    how = f"{EACH} questions, mean {mean(waits):.0f}, worst {max(waits):.0f}; {mean(numbers):.0f} found on average"
    return _figure(f"{database}: {kind.name}", quantiles(waits, n=20)[-1], "ms p95", goal, how)


def _looked_up(database: str, kind: Kind, goal: float, services: Services) -> Figure:
    """Time the database alone, while it finds: what a page then shows of what was found counts as the page."""
    clock = DatabaseClock(services.records)
    waits, numbers = [], []
    for wanted in (*kind.asked, *kind.asked):
        with services.records.look() as session:
            numbers.append(find(session, wanted, _AUDITOR, kind.order).number)
        waits.append(clock.read())
    waits = waits[EACH:]
    how = f"{EACH} questions, mean {mean(waits):.1f}, worst {max(waits):.1f}; {mean(numbers):.0f} found on average"
    return _figure(f"{database}: {kind.name}, in the database", quantiles(waits, n=20)[-1], "ms p95", goal, how)


def _original(database: str, services: Services) -> Figure:
    item = one_letter(services)
    waits = [_milliseconds(lambda: _read(item, services)) for _ in range(EACH)][EACH // 3 :]
    how = f"mean {mean(waits):.0f}"
    return _figure(f"{database}: original by reference, verified", quantiles(waits, n=20)[-1], "ms p95", 1000, how)


def _read(item: str, services: Services) -> None:
    with open_original(item, _CLERK, services).stream as stream:
        stream.read()


def _milliseconds(act: Callable[[], object]) -> float:
    began = time.perf_counter()
    act()
    return (time.perf_counter() - began) * 1000


def _figure(name: str, value: float, unit: str, goal: float, how: str) -> Figure:
    return Figure(name, round(value, 2), unit, goal, value <= goal, how)


def _say(what: str) -> None:
    sys.stderr.write(f"{what} ...\n")


if __name__ == "__main__":
    sys.exit(main())
