"""The sweep: any item that has a stage before it, waits for nothing outside and is carried by nobody is started again.

It closes every gap the engine may have: a run that failed for good, one stranded by a change of version or left behind
while the disk was full, a database restored from a backup.
"""

from __future__ import annotations

import logging
from datetime import timedelta

from mailroom.duties.recovery import enqueue_again, send_on
from mailroom.records.items import unfinished
from mailroom.records.tables import Item
from mailroom.services import Services

_log = logging.getLogger(__name__)
_KEPT_BY_THE_ENGINE = timedelta(days=7)


def sweep(slot: str, services: Services) -> int:
    """Enqueue what nobody carries; return how many runs that were.

    Args:
        slot: of this process's own worker.
        services: the bundle.
    """
    still_since = services.now() - timedelta(seconds=services.settings.worker.sweep_seconds)
    dropped = send_on(services.queue.dropped(slot, still_since), services, died=False)
    with services.records.look() as session:
        standing = [(item.id, item.run) for item in unfinished(session, still_since)]
    lost = set(standing) - services.queue.alive(standing)
    if lost:
        _start_again(lost, services)
        _log.warning("started again", extra={"items": sorted(item_id for item_id, _ in lost)})
    return dropped + len(lost)


def _start_again(lost: set[tuple[str, int]], services: Services) -> None:
    with services.records.work() as session:
        for item_id, run in lost:
            item = session.get_one(Item, item_id)
            if item.run == run and item.next_stage is not None and item.not_before is None:
                enqueue_again(session, item, services)
        session.commit()


def forget_finished_runs(services: Services) -> None:
    """Delete the engine's own rows of runs that ended days ago; ours stay."""
    services.queue.forget_finished(services.now() - _KEPT_BY_THE_ENGINE)
