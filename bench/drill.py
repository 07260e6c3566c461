"""Whether `mailroom drill` proves a backup of 10 000 items, and how long backup, next backup and drill take.

Prints a table and writes `bench/drill.json`. The items come in by the door as post does, each with an original and a
searchable PDF of their own, so every digest, chain and signed head is real. They are not carried any further: what a
backup holds is the same.
"""

from __future__ import annotations

import os
import random
import shutil
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

from sqlalchemy import select

from bench.figures import Figure, publish
from mailroom.backup.drill import Drilled, drill
from mailroom.backup.shelf import Shelf, prepared
from mailroom.backup.take import Taken, take_backup
from mailroom.bootstrap import open_mailroom
from mailroom.bootstrap.backups import records_copy
from mailroom.bootstrap.database import prepare_engine
from mailroom.bootstrap.places import spool_of
from mailroom.domain.capture import Capture, Channel
from mailroom.duties.heads import seal_log
from mailroom.duties.sequence import sequence
from mailroom.journey.receive import receive
from mailroom.records.items import new_id
from mailroom.records.tables import Original, Rendition
from mailroom.services import Services

_HOME = Path(__file__).parent.parent / "build" / "bench" / "drill"
_ITEMS = int(os.environ.get("BENCH_ITEMS", "10000"))
_LATE = 7
_BYTES = 20_000
_WHO = "cli:bench"
_Result = TypeVar("_Result")


def main() -> int:
    """Make the mailroom, measure, print the table and write `bench/drill.json`."""
    shutil.rmtree(_HOME, ignore_errors=True)
    os.environ["MAILROOM_DATA"] = str(_HOME / "data")
    with open_mailroom() as services:
        _fill(services, _ITEMS)
        figures = [*_measured(services)]
    publish("drill", figures)
    shutil.rmtree(_HOME, ignore_errors=True)
    return 0


def _measured(services: Services) -> Iterator[Figure]:
    shelf = prepared(_HOME / "backups", services.settings.data)
    how = f"{_ITEMS} items, two objects each, on SQLite and one disk"
    first, seconds, cpu = _timed(lambda: _backup(shelf, services))
    yield Figure("the first backup", seconds, "s", 300, seconds <= 300, f"{how}; {cpu} s CPU")
    _fill(services, _LATE)
    again, seconds, cpu = _timed(lambda: _backup(shelf, services))
    copied = f"{again.new_objects} of {again.manifest.counts.objects} objects were new; {cpu} s CPU"
    yield Figure("the next backup, all read", seconds, "s", 120, seconds <= 120, copied)
    found, seconds, cpu = _timed(lambda: _drill(first.folder, services))
    yield Figure("drill", seconds, "s", 600, seconds <= 600, f"{how}; {cpu} s CPU")
    yield Figure("untrue in a true backup", len(found.faults), "faults", 0, not found.faults, "digests, chains, heads")
    told = f"{found.gap_minutes:.1f} minutes before"
    yield Figure("items since the backup", found.gap_items, "items", _LATE, found.gap_items == _LATE, told)
    with _one_bit_flipped(shelf):
        untrue = len(_drill(again.folder, services).faults)
    yield Figure("found of one bit flipped", untrue, "faults", 1, untrue == 1, f"in one of {2 * _ITEMS} objects")


def _backup(shelf: Shelf, services: Services) -> Taken:
    return take_backup(services, shelf, records_copy(services.settings), _WHO, lambda *_: None)


def _drill(backup: Path, services: Services) -> Drilled:
    copy = records_copy(services.settings)
    return drill(backup, copy, services, services.scratch, prepare_engine, _WHO, lambda *_: None)


def _fill(services: Services, number: int) -> None:
    """Take items in by the door, and make a rendition of each; then the log is sealed."""
    for made in range(number):
        file = spool_of(services) / f"bench-{new_id()}"
        content = random.randbytes(_BYTES)  # noqa: S311  # bytes that no disk can make smaller, nothing secret
        file.write_bytes(content)
        capture = Capture(file, Channel.POST, new_id(), services.now(), file_name=f"letter-{made}.pdf")
        _render(receive(capture, services).item_id, content, services)
    while sequence(services):
        pass
    seal_log(services, now_and_here=True)


def _render(item_id: str, content: bytes, services: Services) -> None:
    file = services.scratch / "rendition"
    file.write_bytes(content * 2)
    kept = services.vault.keep_rendition(f"{item_id}/searchable", file)
    with services.records.work() as session:
        parent = session.scalars(select(Original.sha256).where(Original.item_id == item_id)).one()
        what = {"kind": "searchable", "page": None, "media_type": "application/pdf", "made_by": "bench"}
        where = {"sha256": kept.sha256, "size": kept.size, "key": kept.key, "parent_sha256": parent}
        session.add(Rendition(id=new_id(), item_id=item_id, made_at=services.now(), **what, **where))
        session.commit()


@contextmanager
def _one_bit_flipped(shelf: Shelf) -> Iterator[None]:
    victim = next(place for place in (shelf.objects / "originals").rglob("*") if place.is_file())
    content = victim.read_bytes()
    victim.write_bytes(bytes([content[0] ^ 1]) + content[1:])
    yield
    victim.write_bytes(content)


def _timed(act: Callable[[], _Result]) -> tuple[_Result, float, float]:
    """Return what came of it, the seconds by the clock, and those of the processor."""
    started, cpu = time.monotonic(), time.process_time()
    result = act()
    return result, round(time.monotonic() - started, 1), round(time.process_time() - cpu, 1)


if __name__ == "__main__":
    sys.exit(main())
