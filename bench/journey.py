"""`make bench-journey`: what an item costs beside reading, how soon it is accepted, how soon it has a case.

Runs the real service on a fresh folder with the hot folder of the scanner. CPU seconds are those of the service and all
its children; what starting costs is taken out by comparing a short run with a long one. An engine that answers without
looking stands in for recognition, and what is left of reading (decoding, the picture for the screen, the searchable
copy), which `bench/reading.py` holds to a goal of its own, is measured apart and taken out.
"""

from __future__ import annotations

import json
import os
import resource
import shutil
import signal
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

import cv2

from bench.canned_engine import CannedEngine, keep
from ocr.document import outline
from ocr.page import read_page
from ocr.searchable import make_searchable
from ocr.tesserocr_engine import TesserocrEngine

_ROOT = Path(__file__).parent.parent
_DATA = _ROOT / "build" / "bench" / "data"
_HOT = _DATA / "in" / "post"
_LETTER = _ROOT / "build" / "samples" / "post" / "2026-11-20" / "scan0003.jpg"
_QUIET = 1.0
_FEW, _MANY = 10, 70
_RATE_SECONDS = 6.0
_RATE_ITEMS = 30
_READINGS = 20
_SETTLED_AFTER = 3.0


@dataclass(frozen=True, slots=True)
class Figure:
    """One measured figure and its goal."""

    name: str
    value: float
    unit: str
    goal: float
    holds: bool
    how: str


@dataclass(frozen=True, slots=True)
class Run:
    """What one run of the service cost, and when each of its items was accepted and had a case."""

    cpu_seconds: float
    accepted_after: Sequence[float]
    case_after: Sequence[float]


def main() -> int:
    """Measure, print the table and write `bench/journey.json`."""
    subprocess.run([sys.executable, _ROOT / "samples" / "render.py", _LETTER.parents[2]], check=True)  # noqa: S603  # ours
    _can_a_reading()
    reading = _reading_beside_recognition() * 1000
    canned = {"MAILROOM_OCR__ENGINE": "bench.canned_engine:CannedEngine"}
    few, many = _run(_FEW, 0.0, canned), _run(_MANY, 0.0, canned)
    steady = _run(_RATE_ITEMS, _RATE_SECONDS, {})
    each = (many.cpu_seconds - few.cpu_seconds) / (_MANY - _FEW) * 1000
    figures = [
        _figure(
            "journey beside reading", each - reading, "ms CPU an item", 150, f"{each:.0f} less {reading:.0f} of reading"
        ),
        _figure("acceptance p95", _p95(steady.accepted_after) * 1000, "ms", 100, "end of the quiet time to the commit"),
        _figure("quiet to case p95", _p95(steady.case_after), "s", 60, "600 one-page scans an hour, real Tesseract"),
    ]
    for figure in figures:
        verdict = "holds" if figure.holds else "MISSED"
        sys.stdout.write(f"{figure.name:<28}{figure.value:>9.1f} {figure.unit:<16} goal {figure.goal:g}  {verdict}\n")
    told = json.dumps([asdict(figure) for figure in figures], indent=2)
    (_ROOT / "bench" / "journey.json").write_text(told + "\n", encoding="utf-8")
    return 0


def _figure(name: str, value: float, unit: str, goal: float, how: str) -> Figure:
    return Figure(name, round(value, 2), unit, goal, value <= goal, how)


def _p95(values: Sequence[float]) -> float:
    return statistics.quantiles(values, n=20)[-1]


def _can_a_reading() -> None:
    os.environ["OMP_THREAD_LIMIT"] = "1"
    page = cv2.imread(str(_LETTER), cv2.IMREAD_GRAYSCALE)
    keep(TesserocrEngine("eng", None).recognise(page, 200))


def _reading_beside_recognition() -> float:
    """Return the CPU seconds that reading one page costs when recognition costs nothing."""
    engine = CannedEngine("", None)
    with tempfile.TemporaryDirectory() as folder:
        started = time.process_time()
        for _ in range(_READINGS):
            outline(_LETTER, "image/jpeg")
            page = read_page(_LETTER, 1, engine, Path(folder))
            make_searchable(_LETTER, [page], Path(folder) / "copy.pdf")
        return (time.process_time() - started) / _READINGS


def _run(items: int, pause: float, settings: Mapping[str, str]) -> Run:
    """Run the service until it has carried so many scans, one every `pause` seconds."""
    shutil.rmtree(_DATA, ignore_errors=True)
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    service = subprocess.Popen(
        [sys.executable, "-m", "mailroom", "run"],
        env={**os.environ, "MAILROOM_DATA": str(_DATA), "MAILROOM_INTAKE__QUIET_SECONDS": str(_QUIET), **settings},
        stdout=subprocess.DEVNULL,
    )
    _wait_for(_HOT.is_dir)
    time.sleep(_SETTLED_AFTER)
    quiet_at = {}
    for number in range(items):
        name = f"scan{number:04d}.jpg"
        quiet_at[name] = _drop(name, number) + _QUIET
        time.sleep(pause)
    _wait_for(lambda: _through() == items)
    service.send_signal(signal.SIGTERM)
    service.wait()
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return Run(cpu, *_delays(quiet_at))


def _drop(name: str, number: int) -> float:
    """Put a scan into the hot folder, its bytes unlike all others'; return when it was whole."""
    letter = _LETTER.read_bytes()
    comment = f"scan {number}".encode()
    content = letter[:2] + b"\xff\xfe" + (len(comment) + 2).to_bytes(2, "big") + comment + letter[2:]
    making = _HOT / f".{name}.part"
    making.write_bytes(content)
    making.rename(_HOT / name)
    return (_HOT / name).stat().st_mtime


def _delays(quiet_at: Mapping[str, float]) -> tuple[list[float], list[float]]:
    query = "SELECT file_name, taken_at, opened_at FROM item JOIN case_file ON case_file.id = item.case_id"
    with sqlite3.connect(_DATA / "mailroom.sqlite") as connection:
        rows = connection.execute(query).fetchall()
    accepted = [_seconds(taken) - quiet_at[name] for name, taken, _ in rows]
    return accepted, [_seconds(opened) - quiet_at[name] for name, _, opened in rows]


def _seconds(stored: str) -> float:
    return datetime.fromisoformat(stored).replace(tzinfo=UTC).timestamp()


def _through() -> int:
    with sqlite3.connect(_DATA / "mailroom.sqlite") as connection:
        found: int = connection.execute("SELECT count(*) FROM item WHERE next_stage IS NULL").fetchone()[0]
        return found


def _wait_for(holds: Callable[[], bool], seconds: float = 900) -> None:
    deadline = time.monotonic() + seconds
    while not holds():
        if time.monotonic() > deadline:
            raise TimeoutError("the service did not get through in time")
        time.sleep(0.2)


if __name__ == "__main__":
    sys.exit(main())
