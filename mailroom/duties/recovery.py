"""What happens to items whose worker has gone: each begins a new run where it stands; a death is counted against it.

Before: a worker starts in its slot, leaves it, or another one's heartbeat has stopped. After: every item is in the
queue again, except those in hand at two deaths without getting further in between, which `suspects.py` carries apart.
"""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy.orm import Session

from mailroom.records.items import SUSPECT_FROM, next_run
from mailroom.records.tables import Item
from mailroom.services import Services


def send_on(runs: Sequence[tuple[str, int]], services: Services, *, died: bool) -> int:
    """Send on what workers had in hand and no longer work on; return how many runs that were.

    Count and new run are one commit, so that a death is counted once, however often this is interrupted.

    Args:
        runs: item ids and numbers of their runs.
        services: the bundle.
        died: whether the workers died, rather than left in good order.
    """
    if not runs:
        return 0
    with services.records.work() as session:
        for item_id, run in sorted(runs):  # in the order in which everybody locks items
            item = session.get(Item, item_id, with_for_update=True)
            if item is not None and item.run == run and item.next_stage is not None:
                item.service_deaths += died
                enqueue_again(session, item, services)
        session.commit()
    services.queue.put_back(runs)
    return len(runs)


def enqueue_again(session: Session, item: Item, services: Services) -> None:
    """Begin a new run of the item in the caller's unit of work; a suspect stays out of the queue."""
    run = next_run(item, services.now())
    if item.service_deaths < SUSPECT_FROM:
        services.queue.enqueue(session, item.id, run)
