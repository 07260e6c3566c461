"""`make bench-journey`: what an item costs beside reading, how soon it is accepted, how soon it has a case.

Runs the real service on a fresh folder with the hot folder of the scanner. CPU seconds are those of the service and all
its children. An engine that answers without looking stands in for recognition, and what is left of reading (decoding,
the picture for the screen, the searchable copy), which `bench/reading.py` holds to a goal of its own, is measured by
turns with it and taken out. Of all turns the least counts: on a shared machine others can only add to it. All parts of
a turn last for seconds, for the least of many short looks would lie below the least of a few long ones.
"""

from __future__ import annotations

import os
import shutil
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import cv2
import numpy as np

from bench.canned_engine import CannedEngine, keep
from bench.figures import Figure, publish
from bench.reading import scanned_letter
from bench.service import cpu_of_tree, service, wait_for
from ocr.document import outline
from ocr.page import read_page
from ocr.searchable import make_searchable
from ocr.tesserocr_engine import TesserocrEngine

_ROOT = Path(__file__).parent.parent
_DATA = _ROOT / "build" / "bench" / "data"
_HOT = _DATA / "in" / "post"
_LETTER = _ROOT / "build" / "samples" / "post" / "2026-11-20" / "scan0003.jpg"
_QUIET = 1.0
_TURNS, _ITEMS_A_TURN = 6, 25
_STANDING_SECONDS = 10.0
_RATE_SECONDS = 6.0
_RATE_ITEMS = 30
_LETTERS = 6  # recognised in a turn, and as many pages read as items carried: what is compared must last about as long
_GOAL_AS_RATIO = 0.15  # 150 ms where the engine needs a second for a letter: holds or not at any speed of machine
_SETTLED_AFTER = 3.0


@dataclass(frozen=True, slots=True)
class Turn:
    """CPU seconds of one turn: of an item's whole journey, of its reading, of the engine alone on a letter."""

    item: float
    reading: float
    letter: float


def main() -> int:
    """Measure, print the table and write `bench/journey.json`."""
    subprocess.run([sys.executable, _ROOT / "samples" / "render.py", _LETTER.parents[2]], check=True)  # noqa: S603  # ours
    _can_a_reading()
    turns, standing = _turns()
    item, reading, letter = (min(getattr(turn, part) for turn in turns) for part in ("item", "reading", "letter"))
    accepted_after, case_after = _at_a_steady_rate()
    figures = [
        _figure(
            "journey beside reading",
            (item - reading) * 1000,
            "ms CPU an item",
            150,
            f"{item * 1000:.0f} less {reading * 1000:.0f} of reading, the least of {_TURNS} turns; in it, a second "
            f"{standing * 1000:.0f} ms that the service needs with nothing to do",
        ),
        _figure(
            "over recognising a letter",
            (item - reading) / letter,
            "ratio",
            _GOAL_AS_RATIO,
            f"the engine alone needs {letter * 1000:.0f} ms here for the letter of bench/reading.py",
        ),
        _figure("acceptance p95", _p95(accepted_after) * 1000, "ms", 100, "end of the quiet time to the commit"),
        _figure("quiet to case p95", _p95(case_after), "s", 60, "600 one-page scans an hour, real Tesseract"),
    ]
    publish("journey", figures)
    return 0


def _figure(name: str, value: float, unit: str, goal: float, how: str) -> Figure:
    return Figure(name, round(value, 2), unit, goal, value <= goal, how)


def _p95(values: Sequence[float]) -> float:
    return statistics.quantiles(values, n=20)[-1]


def _can_a_reading() -> None:
    os.environ["OMP_THREAD_LIMIT"] = "1"
    page = np.asarray(cv2.imread(str(_LETTER), cv2.IMREAD_GRAYSCALE), dtype=np.uint8)
    keep(TesserocrEngine("eng", None).recognise(page, 200))


def _reading_beside_recognition() -> float:
    """Return the CPU seconds that reading one page costs when recognition costs nothing."""
    engine = CannedEngine("", None)
    with tempfile.TemporaryDirectory() as folder:
        return _cpu_of(lambda: [_read(engine, Path(folder)) for _ in range(_ITEMS_A_TURN)]) / _ITEMS_A_TURN


def _read(engine: CannedEngine, folder: Path) -> Path:
    outline(_LETTER, "image/jpeg")
    page = read_page(_LETTER, 1, engine, folder)
    return make_searchable(_LETTER, [page], folder / "copy.pdf")


def _cpu_of(call: Callable[[], object]) -> float:
    started = time.process_time()
    call()
    return time.process_time() - started


def _turns() -> tuple[list[Turn], float]:
    """Return the turns, and the CPU seconds a second that the service needs with nothing to do."""
    letter, engine = np.asarray(scanned_letter()), TesserocrEngine("eng", None)
    with _service({"MAILROOM_OCR__ENGINE": "bench.canned_engine:CannedEngine"}) as pid:
        _carry(pid, 0)  # the first ones fill the caches
        standing = _standing(pid)
        return [
            Turn(
                _carry(pid, turn) / _ITEMS_A_TURN,
                _reading_beside_recognition(),
                _cpu_of(lambda: [engine.recognise(letter, 300) for _ in range(_LETTERS)]) / _LETTERS,
            )
            for turn in range(1, _TURNS + 1)
        ], standing


def _standing(pid: int) -> float:
    before = cpu_of_tree(pid)
    time.sleep(_STANDING_SECONDS)
    return (cpu_of_tree(pid) - before) / _STANDING_SECONDS


def _carry(pid: int, turn: int) -> float:
    """Have a turn's items carried and return the CPU seconds that it took."""
    before = cpu_of_tree(pid)
    for number in range(_ITEMS_A_TURN):
        _drop(f"scan{turn:02d}{number:02d}.jpg", turn * _ITEMS_A_TURN + number)
    wait_for(lambda: _through() == (turn + 1) * _ITEMS_A_TURN)
    return cpu_of_tree(pid) - before


def _at_a_steady_rate() -> tuple[list[float], list[float]]:
    """Return the delays to acceptance and to the case with the real engine, one scan every few seconds."""
    quiet_at = {}
    with _service({}):
        for number in range(_RATE_ITEMS):
            name = f"scan{number:04d}.jpg"
            quiet_at[name] = _drop(name, number) + _QUIET
            time.sleep(_RATE_SECONDS)
        wait_for(lambda: _through() == _RATE_ITEMS)
    return _delays(quiet_at)


@contextmanager
def _service(settings: Mapping[str, str]) -> Iterator[int]:
    """Run the service on an empty folder while the block runs; gives its process id."""
    shutil.rmtree(_DATA, ignore_errors=True)
    own = {
        "MAILROOM_DATA": str(_DATA),
        "MAILROOM_WEB__PORT": "0",
        "MAILROOM_INTAKE__QUIET_SECONDS": str(_QUIET),
    }
    with service({**own, **settings}) as pid:
        wait_for(_HOT.is_dir)
        time.sleep(_SETTLED_AFTER)
        yield pid


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


if __name__ == "__main__":
    sys.exit(main())
