"""What it costs to bring an archive over: `mailroom import` of an index with 100 000 closed matters, as people run it.

Prints a table and writes `bench/import.json`. The index and its files, a few words each, are made here; so what is
measured is the import itself, and neither the disk nor the reading of pages. CPU time and memory are those of each
command alone, as the system counts them, so that what else the machine does meanwhile changes little.
"""

from __future__ import annotations

import csv
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from bench.figures import Figure, publish

_HOME = Path(__file__).parent.parent / "build" / "bench" / "import"
_ITEMS = int(os.environ.get("ITEMS") or 100_000)
_A_FEW = min(1000, max(100, _ITEMS // 10))
"""So many are brought over before all the others, and as many after them: the last ones may not cost more."""

_IN_A_FOLDER = 1000
_COLUMNS = (
    "file",
    "received",
    "reference",
    "case_type",
    "title",
    "sender_name",
    "sender_postcode",
    "closed",
    "outcome",
)
_TYPES = ("missed_bin", "council_tax_refund", "abandoned_vehicle", "foi", "council_tax_single_person_discount")
_NAMES = ("Pemberton", "Treharne", "Osgood", "Walsh", "Iqbal", "Novak", "Adeyemi", "Price", "Hughes", "Kaur")
_FIRST_DAY, _DAYS = date(2015, 1, 1), 3000


@dataclass(frozen=True, slots=True)
class Ran:
    """What a command printed, its seconds of CPU time and its peak of memory in MB."""

    told: dict[str, Any]
    cpu: float
    memory: float


def main() -> int:
    """Make the indexes, bring them over, print the table and write `bench/import.json`."""
    shutil.rmtree(_HOME, ignore_errors=True)
    (_HOME / "data").mkdir(parents=True)
    os.environ["MAILROOM_DATA"] = str(_HOME / "data")
    for name, first, number in (("before", 0, _A_FEW), ("archive", _A_FEW, _ITEMS), ("after", _A_FEW + _ITEMS, _A_FEW)):
        _make_index(_HOME / name, first, number)
    publish("import", _measured())
    shutil.rmtree(_HOME)
    return 0


def _measured() -> Iterator[Figure]:
    how = f"{_ITEMS} closed matters, on SQLite and one disk"
    before = _import("before")
    checked = _import("archive", "--dry-run")
    yield _cpu("checking a row", checked, 0.5, how)
    yield _memory("memory of checking", checked)
    brought = _import("archive")
    yield _cpu("bringing a closed matter over", brought, 15, f"checked first; {brought.cpu:.0f} s CPU for all of them")
    yield _memory("memory of bringing over", brought)
    missing = _ITEMS - brought.told["imported"]
    yield Figure("of all, not brought over", missing, "items", 0, missing == 0, "as the command says")
    after = _import("after")
    times = round(after.cpu / before.cpu, 2)
    told = f"the last {_A_FEW} against the first {_A_FEW}"
    yield Figure("one more behind all the others", times, "times", 1.5, times <= 1.5, told)
    again = _import("archive")
    yield _cpu("passing a row by that is here", again, 2, f"{again.told['known']} of {_ITEMS} were known")
    yield _memory("memory of passing by", again)


def _cpu(name: str, ran: Ran, goal: float, how: str) -> Figure:
    value = round(ran.cpu * 1000 / _ITEMS, 2)
    return Figure(name, value, "ms CPU", goal, value <= goal, how)


def _memory(name: str, ran: Ran) -> Figure:
    return Figure(name, ran.memory, "MB peak", 300, ran.memory <= 300, "of its largest process")


def _import(name: str, *options: str) -> Ran:
    """Run the command as people do, and wait for it and what it has started."""
    command = [sys.executable, "-m", "mailroom", "import", str(_HOME / name), "--json", *options]
    with tempfile.TemporaryFile() as printed:
        running = subprocess.Popen(command, stdout=printed)  # noqa: S603  # our own command
        _, status, used = os.wait4(running.pid, 0)
        running.returncode = os.waitstatus_to_exitcode(status)
        printed.seek(0)
        told = json.load(printed)
    if running.returncode:
        raise SystemExit(f"{name}: {told['stopped'] or told['faults'][:3]}")
    return Ran(told, used.ru_utime + used.ru_stime, round(used.ru_maxrss / 1024))


def _make_index(folder: Path, first: int, number: int) -> None:
    folder.mkdir()
    with (folder / "index.csv").open("w", encoding="utf-8", newline="") as file:
        lines = csv.writer(file)
        lines.writerow(_COLUMNS)
        for place in range(number):
            lines.writerow(_matter(folder, place, first + place))


def _matter(folder: Path, place: int, number: int) -> tuple[str, ...]:
    """Write the file of a matter, and return its row."""
    name = f"{place // _IN_A_FOLDER:04d}/{number:07d}.txt"
    received = _FIRST_DAY + timedelta(days=number % _DAYS)
    sender, case_type = f"{_NAMES[number % len(_NAMES)]} {number % 9973}", _TYPES[number % len(_TYPES)]
    (folder / name).parent.mkdir(exist_ok=True)
    (folder / name).write_text(f"Matter {number}\n\nDear Sirs\n\nPlease look into it.\n\n{sender}\n", encoding="utf-8")
    postcode = f"HD{number % 20 + 1} {number % 9 + 1}AB"
    closed = received + timedelta(days=10)
    what = (case_type, f"Matter {number}", sender, postcode)
    return (name, received.isoformat(), f"OLD-{number:07d}", *what, closed.isoformat(), "Answered")


if __name__ == "__main__":
    sys.exit(main())
