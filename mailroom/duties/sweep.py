"""The sweep: any item that has a stage before it and that nobody carries is started again.

It closes every gap the engine may have: a run that failed for good, one stranded by a change of version, a database
restored from a backup.
"""

from __future__ import annotations

import logging
from datetime import timedelta

from mailroom.duties.recovery import start_again_where_it_is
from mailroom.records.items import unfinished
from mailroom.services import Services

_log = logging.getLogger(__name__)
_KEPT_BY_THE_ENGINE = timedelta(days=7)


def sweep(services: Services) -> int:
    """Enqueue what nobody carries; return how many items that were."""
    still_since = services.now() - timedelta(seconds=services.settings.worker.sweep_seconds)
    with services.records.look() as session:
        standing = [(item.id, item.run) for item in unfinished(session, still_since)]
    lost = set(standing) - services.queue.alive(standing)
    with services.records.work() as session:
        for item in unfinished(session, still_since):
            if (item.id, item.run) in lost:
                services.queue.enqueue(session, item.id, start_again_where_it_is(item, services))
        session.commit()
    if lost:
        _log.warning("started again", extra={"items": sorted(item_id for item_id, _ in lost)})
    return len(lost)


def forget_finished_runs(services: Services) -> None:
    """Delete the engine's own rows of runs that ended days ago; ours stay."""
    services.queue.forget_finished(services.now() - _KEPT_BY_THE_ENGINE)
