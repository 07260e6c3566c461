"""Suspects: items that were in hand at two deaths of the whole worker, carried one by one in a process of their own.

Before: `recovery.py` has kept them out of the queue. After: a suspect has got one stage further and is in the queue
again, or has died apart for the third time and waits for a person. Its death there stops nobody else.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from sqlalchemy import select

from mailroom.domain.errors import Cause
from mailroom.duties.recovery import enqueue_again
from mailroom.journey.set_aside import set_aside
from mailroom.journey.travel import advance
from mailroom.records.items import SUSPECT_FROM, next_run
from mailroom.records.tables import Item
from mailroom.services import Services

DEATHS_APART = 3
"""Deaths in a process of its own after which an item goes to a person."""

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class _Attempt:
    item_id: str
    stage: str
    run: int
    deaths: int


def have_suspects_carried(apart: Callable[[str], None], services: Services) -> int:
    """Have each suspect carried one stage further; return how many there were.

    Args:
        apart: calls `carry_suspect` for an item id in a process of its own and returns when that has ended, however.
        services: the bundle.
    """
    suspects = _suspects(services)
    for item_id in suspects:
        _log.warning("suspect runs apart", extra={"item": item_id})
        apart(item_id)
    return len(suspects)


def carry_suspect(item_id: str, services: Services) -> None:
    """Carry the suspect one stage further, or park it where it has died apart too often; for a process of its own.

    The death is counted before anything else is done, and taken back afterwards.
    """
    attempt = _begin(item_id, services)
    if attempt is None:
        return
    if attempt.deaths > SUSPECT_FROM + DEATHS_APART:
        set_aside(item_id, attempt.stage, attempt.run, Cause.STOPPED_THE_SERVICE, _SENTENCE, services)
    else:
        advance(item_id, attempt.run, services)
    _clear(attempt, services)


def _suspects(services: Services) -> Sequence[str]:
    query = select(Item.id).where(Item.service_deaths >= SUSPECT_FROM, Item.next_stage.is_not(None))
    with services.records.look() as session:
        return session.scalars(query).all()


def _begin(item_id: str, services: Services) -> _Attempt | None:
    with services.records.work() as session:
        item = session.get(Item, item_id)
        if item is None or item.next_stage is None or item.service_deaths < SUSPECT_FROM:
            return None
        item.service_deaths += 1
        attempt = _Attempt(item_id, item.next_stage, next_run(item, services.now()), item.service_deaths)
        session.commit()
        return attempt


def _clear(attempt: _Attempt, services: Services) -> None:
    """Put the item back into the queue, at once or when its pause is over: this process has lived through its stage."""
    with services.records.work() as session:
        item = session.get_one(Item, attempt.item_id)
        if item.run == attempt.run:
            item.service_deaths = 0
            if item.next_stage is not None and item.not_before is None:
                enqueue_again(session, item, services)
        session.commit()


_SENTENCE = (
    f"The whole mailroom stopped {SUSPECT_FROM} times while it worked on this item, and {DEATHS_APART} times more when "
    "it worked on nothing else. Do not open the file on your own computer; tell the administrator."
)
