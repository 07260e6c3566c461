"""Takes an item one stage further: reads from its row which stage is next, runs it, and deals with what went wrong.

Before: the engine has given a worker an item and a run number. After: the row names the next stage, or says that a
person is needed or until when the item waits, or the journey is over. The engine calls this until there is nothing
more to do.
"""

from __future__ import annotations

import errno
import logging
from collections.abc import Callable, Mapping

from sqlalchemy import bindparam, select
from sqlalchemy.exc import OperationalError

from mailroom.domain.errors import CustodyBreach, Misconfigured, NeedsPerson, Superseded, Transient
from mailroom.journey import JOURNEY
from mailroom.journey.acknowledge import acknowledge
from mailroom.journey.classify import classify
from mailroom.journey.hand_over import hand_over
from mailroom.journey.hold_up import hold_up
from mailroom.journey.open_case import open_case
from mailroom.journey.read import read
from mailroom.journey.set_aside import count_child_death, count_fault, set_aside, stop_for_custody
from mailroom.journey.unpack import unpack
from mailroom.records.tables import Item
from mailroom.sandbox.errors import ChildDied
from mailroom.services import Services
from storage.errors import StorageError

Stage = Callable[[str, Services], None]

STAGES: Mapping[str, Stage] = dict(
    zip(JOURNEY, (unpack, read, classify, open_case, acknowledge, hand_over), strict=True)
)
"""Name to function, in the order of the journey."""

_NO_ROOM = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EMFILE, errno.ENFILE, errno.ENOMEM})
"""What the operating system answers when the machine, and not a file, is at its end."""

_NEXT_STAGE = select(Item.next_stage).where(Item.id == bindparam("item_id"), Item.run == bindparam("run"))
_log = logging.getLogger(__name__)


def advance(item_id: str, run: int, services: Services) -> bool:
    """Take the item one stage further in this run.

    Returns:
        True when there may be more to do, False when this run is over or the item waits for something outside.
    """
    stage = next_stage(item_id, run, services)
    if stage is None:
        return False
    try:
        STAGES[stage](item_id, services)
    except Superseded:
        return True  # the row has moved on: the next look says whether this run goes on
    except Exception as fault:  # noqa: BLE001  # the worker's own loop: a fault of ours must cost this item, never the ones behind it
        return _deal_with(fault, item_id, stage, run, services)
    return True


def _deal_with(fault: Exception, item_id: str, stage: str, run: int, services: Services) -> bool:
    """Put down what went wrong; returns whether this run goes on."""
    if _will_pass(fault):
        _log.warning("item waits", extra={"item": item_id, "stage": stage, "why": type(fault).__name__})
        hold_up(item_id, stage, run, fault, services)
        return False
    match fault:
        case NeedsPerson():
            set_aside(item_id, stage, run, fault.cause, fault.sentence, services)
        case CustodyBreach():
            stop_for_custody(item_id, stage, run, str(fault), services)
        case ChildDied():
            _log.warning("child died", extra={"item": item_id, "stage": stage, "how": str(fault)})
            count_child_death(item_id, stage, run, services)
        case _:
            _log.error("stage failed", extra={"item": item_id, "stage": stage}, exc_info=fault)
            count_fault(item_id, stage, run, type(fault).__name__, services)
    return True


def _will_pass(fault: Exception) -> bool:
    """Whether the item is not at fault: a wrong setting, no room, or a store or database out of reach."""
    if isinstance(fault, StorageError):
        return fault.retry_helps
    if isinstance(fault, OSError):
        return fault.errno in _NO_ROOM
    return isinstance(fault, Transient | Misconfigured | OperationalError)


def next_stage(item_id: str, run: int, services: Services) -> str | None:
    """Return the stage that is next in this run, or None where the run is over or another has begun."""
    with services.records.look() as session:
        return session.connection().scalar(_NEXT_STAGE, {"item_id": item_id, "run": run})
