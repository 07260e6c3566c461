"""What happens after a worker died: its items are counted, suspects are carried alone, the rest go on.

Before: a worker starts in its slot, or another one's heartbeat has stopped. After: every item is carried again. An item
in flight at two deaths of the whole worker without getting further in between is a suspect and runs alone; its third
death while alone parks it (`docs/decisions/0003-crash-counts.md`). Progress wipes the count out.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence

from sqlalchemy import select

from mailroom.domain.errors import Cause, Transient
from mailroom.journey.set_aside import set_aside
from mailroom.journey.travel import advance
from mailroom.records.items import SUSPECT_FROM, start_again
from mailroom.records.tables import Item
from mailroom.services import Services

DEATHS_ALONE = 3

_log = logging.getLogger(__name__)


def count_deaths(slot: str, services: Services) -> None:
    """Count a death against every item that the slot's last worker had in hand; called before a new one starts."""
    runs = services.queue.in_flight(slot)
    with services.records.work() as session:
        for item_id, run in runs:
            item = session.get(Item, item_id)
            if item is not None and item.run == run and item.next_stage is not None:
                item.service_deaths += 1
                if item.service_deaths >= SUSPECT_FROM:
                    item.run += 1  # the engine's own recovery of the old run then finds it overtaken
        for item in session.scalars(select(Item).where(Item.alone_in == slot)):
            item.service_deaths += 1
        session.commit()


def carry_suspects_alone(slot: str, services: Services) -> None:
    """Carry each suspect one stage further while nothing else runs in this worker, or park it at its third death so."""
    for item_id, stage, run, deaths in _suspects(services):
        if deaths >= SUSPECT_FROM + DEATHS_ALONE:
            _park(item_id, stage, run, services)
        else:
            _carry_alone(item_id, run, slot, services)


def _suspects(services: Services) -> Sequence[tuple[str, str, int, int]]:
    query = select(Item.id, Item.next_stage, Item.run, Item.service_deaths).where(
        Item.service_deaths >= SUSPECT_FROM, Item.next_stage.is_not(None)
    )
    with services.records.look() as session:
        return [(item_id, stage or "", run, deaths) for item_id, stage, run, deaths in session.execute(query)]


def _carry_alone(item_id: str, run: int, slot: str, services: Services) -> None:
    _log.warning("suspect runs alone", extra={"item": item_id, "slot": slot})
    with services.records.work() as session:
        session.get_one(Item, item_id).alone_in = slot
        session.commit()
    try:
        advance(item_id, run, services)
    except Transient:
        _log.warning("suspect must wait", extra={"item": item_id})
    with services.records.work() as session:
        item = session.get_one(Item, item_id)
        item.alone_in = None
        item.service_deaths = 0
        if item.next_stage is not None:
            services.queue.enqueue(session, item_id, start_again_where_it_is(item, services))
        session.commit()


def start_again_where_it_is(item: Item, services: Services) -> int:
    """Begin a new run of the item at the stage it stands at, an exception staying one; returns the run's number."""
    state, cause, problem = item.state, item.cause, item.problem
    run = start_again(item, item.next_stage or "", services.now())
    item.state, item.cause, item.problem = state, cause, problem
    return run


def _park(item_id: str, stage: str, run: int, services: Services) -> None:
    sentence = (
        f"The whole mailroom stopped {SUSPECT_FROM + DEATHS_ALONE} times while it worked on this item, "
        f"{DEATHS_ALONE} times of them on nothing else. Do not open the file on your own computer; tell the "
        "administrator."
    )
    set_aside(item_id, stage, run, Cause.STOPPED_THE_SERVICE, sentence, services)
