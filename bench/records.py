"""How quickly an auditor finds and a manager measures with 100 000 items on record: the statements, without the pages.

Prints a table and writes `bench/records.json`. The records are made up (`many_items.py`); making them takes minutes.
CPU time is counted, so that what else the machine does meanwhile changes little.
"""

from __future__ import annotations

import os
import shutil
import statistics
import sys
import time
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from functools import partial
from pathlib import Path

from bench.figures import Figure, publish
from bench.many_items import fill
from mailroom.bootstrap import open_mailroom
from mailroom.desk.measuring import measure
from mailroom.desk.morning import morning
from mailroom.desk.performance import status
from mailroom.desk.searching import search
from mailroom.domain.access import Role, Viewer
from mailroom.domain.capture import Channel
from mailroom.domain.items import ItemState
from mailroom.records.ledger import Days
from mailroom.records.wanted import Wanted
from mailroom.services import Services

_DATA = Path(__file__).parent.parent / "build" / "bench" / "records"
_ITEMS = 100_000
_NOW = datetime(2026, 11, 26, 16, tzinfo=UTC)
_OCTOBER = Days(date(2026, 10, 1), date(2026, 10, 31))
_TIMES = 30
_GOAL = 100
_AUDITOR = Viewer("bench", frozenset({Role.AUDITOR}))
_MANAGER = Viewer("bench", frozenset({Role.MANAGER}))
_SEARCHES = {
    "everything": Wanted(),
    "a word of every letter": Wanted("w0"),
    "a word of a few letters": Wanted("w9000"),
    "a name": Wanted("Pemberton 3"),
    "a postcode": Wanted("HD7 4AB"),
    "a team and a word": Wanted("w0", team="licensing"),
    "a case type": Wanted(case_type="council_tax_refund"),
    "a team's exceptions": Wanted(team="revenues", state=ItemState.EXCEPTION),
    "a month, team and channel": Wanted(days=_OCTOBER, team="revenues", channel=Channel.EMAIL),
}


def main() -> int:
    """Make the records, measure, print the table and write `bench/records.json`."""
    shutil.rmtree(_DATA, ignore_errors=True)
    os.environ["MAILROOM_DATA"] = str(_DATA)
    with open_mailroom(lambda: _NOW) as services:
        fill(services.records, services, _ITEMS, _NOW)
        figures = [_figure(name, act) for name, act in _acts(services)]
    publish("records", figures)
    return 0


def _acts(services: Services) -> Iterator[tuple[str, Callable[[], object]]]:
    for name, wanted in _SEARCHES.items():
        yield f"find: {name}", partial(search, wanted, _AUDITOR, services)
    yield "figures of a month", lambda: measure(_OCTOBER, _MANAGER, services)
    yield "the morning", lambda: morning(_MANAGER, services)
    yield "status of a month", lambda: status(_MANAGER, services, _OCTOBER)


def _figure(name: str, act: Callable[[], object]) -> Figure:
    act()  # the first one fills the caches
    value = statistics.quantiles([_cpu_of(act) for _ in range(_TIMES)], n=20)[-1] * 1000
    return Figure(name, round(value, 1), "ms CPU p95", _GOAL, value <= _GOAL, f"{_TIMES} times, {_ITEMS} items")


def _cpu_of(act: Callable[[], object]) -> float:
    started = time.process_time()
    act()
    return time.process_time() - started


if __name__ == "__main__":
    sys.exit(main())
