"""What one more item costs an archive: the writes to the index alone, and the whole journey of a typed letter.

Before: an archive of some size whose index is made. After: CPU milliseconds of this process for each; of a journey the
readers in their children are left out, for they know nothing of an archive. Five items go into a commit for the index,
and so many items should come that the merges of FTS5, which come in steps, are among them.
"""

from __future__ import annotations

import tempfile
import time
from pathlib import Path
from statistics import median

from sqlalchemy import select, text

from bench.archive_letters import Letters
from mailroom.bootstrap.ways_in import deliver_file
from mailroom.domain.capture import Capture, Channel
from mailroom.domain.decision import Sensitivity
from mailroom.journey.travel import advance
from mailroom.records.items import add_item, new_id
from mailroom.records.search import index_text
from mailroom.records.tables import Item
from mailroom.services import Services

_SERVERS = "SELECT pid FROM pg_stat_activity WHERE datname = current_database()"
_A_COMMIT = 5
_JOURNEYS = 40
_BEYOND = 50_000_000
"""Numbers of letters that no archive holds: words of their own, from the same language."""


def cost_of_index_writes(services: Services, number: int) -> float:
    """Return the CPU milliseconds that the words of one item of so many cost, its share of the commit among them."""
    letters = Letters().make(_BEYOND, _BEYOND + number - 1)
    meter, spent = CpuMeter(services), 0.0
    for first in range(0, number, _A_COMMIT):
        items = _added(services)
        with services.records.work() as session:
            found = session.scalars(select(Item).where(Item.id.in_(items))).all()
            began = meter.seconds()
            for item, letter in zip(found, letters[first : first + _A_COMMIT], strict=True):
                index_text(session, item, letter.body)
            session.commit()
            spent += meter.seconds() - began
    return spent / number * 1000


def _added(services: Services) -> list[str]:
    with services.records.work() as session:
        captures = [Capture(Path("gone"), Channel.POST, new_id(), services.now()) for _ in range(_A_COMMIT)]
        now = services.now()
        items = [add_item(session, one, prefix="HD", now=now, first_stage="unpack") for one in captures]
        for item in items:
            item.sensitivity, item.next_stage = Sensitivity.NORMAL, None
        session.commit()
        return [item.id for item in items]


def cost_of_a_journey(services: Services) -> float:
    """Return the CPU milliseconds of a typed letter from the door to its team, as a rule."""
    one_letter(services)
    meter, spent = CpuMeter(services), []
    for number in range(_JOURNEYS):
        began = meter.seconds()
        one_letter(services, number)
        spent.append(meter.seconds() - began)
    return median(spent) * 1000


def one_letter(services: Services, number: int = 0) -> str:
    """Carry a typed letter through its journey; return its id."""
    words = f"Dear Sir\n\nPlease send me the refuse contracts under the Freedom of Information Act, number {number}.\n"
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "letter.txt"
        file.write_text(words, encoding="utf-8")
        item_id = deliver_file(file, Channel.POST, None, services).item_id
    while True:
        with services.records.look() as session:
            run, stage = session.execute(select(Item.run, Item.next_stage).where(Item.id == item_id)).one()
        if stage is None or not advance(item_id, run, services):
            return item_id


class CpuMeter:
    """Reads the CPU seconds of this process, and of the servers of PostgreSQL that work for this database."""

    def __init__(self, services: Services) -> None:
        self._servers: list[Path] = []
        if services.records.url.startswith("postgresql"):
            with services.records.connection() as connection:
                pids = connection.scalars(text(_SERVERS)).all()
            self._servers = [Path(f"/proc/{pid}/schedstat") for pid in pids]

    def seconds(self) -> float:
        """Return the CPU seconds so far."""
        of_servers = sum(int(told.read_text().split()[0]) for told in self._servers if told.exists())
        return time.process_time() + of_servers / 1e9
