"""How far the walk over all objects has come, so that the next night goes on where this one stopped.

Before: `duties/scrub.py` has looked at a few more. After: it is put down with what was met, in one commit.
"""

from __future__ import annotations

from sqlalchemy.orm import Session

from mailroom.records.tables import WalkRow

OBJECTS, STRANGERS, NOTHING = "objects", "strangers", ""
"""What a walk looks for: first each object on record, then what lies in the store without being on record."""

_THE_ONE = 1


def the_walk(session: Session, *, lock: bool = False) -> WalkRow:
    """Return where the walk stands; one that has never begun stands at its end."""
    row = session.get(WalkRow, _THE_ONE, with_for_update=lock)
    return row or WalkRow(
        id=_THE_ONE, looking_for=NOTHING, position="", checked=0, overlaid=[], strangers=[], strangers_counted=0
    )
