"""Takes an item one stage further: reads from its row which stage is next, runs it, and deals with what went wrong.

Before: the engine has given a worker an item and a run number. After: the row names the next stage, or says that a
person is needed, or the journey is over. The engine calls this until there is nothing more to do.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping

from mailroom.domain.errors import CustodyBreach, NeedsPerson, Superseded, Transient
from mailroom.journey import JOURNEY
from mailroom.journey.acknowledge import acknowledge
from mailroom.journey.classify import classify
from mailroom.journey.hand_over import hand_over
from mailroom.journey.open_case import open_case
from mailroom.journey.read import read
from mailroom.journey.set_aside import count_child_death, count_fault, set_aside, stop_for_custody
from mailroom.journey.unpack import unpack
from mailroom.records.tables import Item
from mailroom.sandbox.errors import ChildDied
from mailroom.services import Services

Stage = Callable[[str, Services], None]

STAGES: Mapping[str, Stage] = dict(
    zip(JOURNEY, (unpack, read, classify, open_case, acknowledge, hand_over), strict=True)
)
"""Name to function, in the order of the journey."""

_log = logging.getLogger(__name__)


def advance(item_id: str, run: int, services: Services) -> bool:
    """Take the item one stage further in this run.

    Returns:
        True when there may be more to do, False when this run is over.

    Raises:
        Transient: it may work the next time; the engine tries again.
    """
    stage = next_stage(item_id, run, services)
    if stage is None:
        return False
    try:
        STAGES[stage](item_id, services)
    except Superseded:
        return False
    except NeedsPerson as need:
        set_aside(item_id, stage, run, need.cause, need.sentence, services)
    except CustodyBreach as breach:
        stop_for_custody(item_id, stage, run, str(breach), services)
    except ChildDied as death:
        _log.warning("child died", extra={"item": item_id, "stage": stage, "how": str(death)})
        count_child_death(item_id, stage, run, services)
    except Transient:
        raise
    except Exception as fault:  # noqa: BLE001  # the worker's own loop: a fault of ours must cost this item, never the ones behind it
        _log.exception("stage failed", extra={"item": item_id, "stage": stage})
        count_fault(item_id, stage, run, type(fault).__name__, services)
    return True


def next_stage(item_id: str, run: int, services: Services) -> str | None:
    """Return the stage that is next in this run, or None where the run is over or another has begun."""
    with services.records.look() as session:
        item = session.get(Item, item_id)
        return item.next_stage if item is not None and item.run == run else None
