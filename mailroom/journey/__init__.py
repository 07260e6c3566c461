"""The journey of an item, stage by stage; this tuple is the only place where the order stands.

Before it a channel hands a capture to the door, `receive`; after it the item is in its team's queue. A stage is a
plain function `stage(item_id, services)` in the file of its name: one unit of work that can run twice and never
changes its input. Its last act writes the custody event and the item's next stage in the same commit. Between stages
all state rests in the records and the vault, so any process on any machine can go on; `travel.py` takes one step.
"""

from __future__ import annotations

JOURNEY: tuple[str, ...] = ("unpack", "read", "classify", "open_case", "acknowledge", "hand_over")


def after(stage: str) -> str | None:
    """Return the stage that follows, or None after the last."""
    following = JOURNEY.index(stage) + 1
    return JOURNEY[following] if following < len(JOURNEY) else None
