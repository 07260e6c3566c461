"""The states an item can be in, as the ledger counts them.

received = captured + waiting + exceptions + refused, at every moment, for each channel and day. A split replaces an
item by its parts and a join folds one item into another: the replaced one stays on record and is counted no more.
"""

from __future__ import annotations

from enum import StrEnum


class ItemState(StrEnum):
    """Where an item stands on the ledger."""

    WAITING = "waiting"
    EXCEPTION = "exception"
    CAPTURED = "captured"
    REFUSED = "refused"
    SPLIT = "split"
    JOINED = "joined"


COUNTED = frozenset({ItemState.WAITING, ItemState.EXCEPTION, ItemState.CAPTURED, ItemState.REFUSED})
"""The states that the ledger counts; the others are replaced by what came of them."""
