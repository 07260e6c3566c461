"""Which promise a due date belongs to, and which of several is the officer's own.

Before: a case has clocks that nobody has met yet. After: its page and the team's queue name the promise beside each
date: an officer must not take the date by which the post room tells the sender for the date of the answer.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime

from mailroom.domain.sla import LONDON, ClockRule, MetBy

_POST_ROOM_S = (MetBy.CASE, MetBy.ACKNOWLEDGEMENT)
"""What the mailroom does itself; everything else is the team's to do."""


def promises(clocks: Iterable[tuple[str, datetime]], rules: Mapping[str, ClockRule]) -> list[dict[str, str]]:
    """Return what is due first of each promise as `met_by` and `due_at`, the officer's own promises first; pure.

    Args:
        clocks: name and due moment of those that nobody has met, earliest first.
        rules: by which they run; a date that a person promised has none, and is an answer.
    """
    first: dict[MetBy, datetime] = {}
    for name, due_at in clocks:
        first.setdefault(rules[name].met_by if name in rules else MetBy.REPLY, due_at)
    ranked = sorted(first.items(), key=lambda known: known[0] in _POST_ROOM_S)
    return [{"met_by": str(by), "due_at": due_at.astimezone(LONDON).isoformat()} for by, due_at in ranked]
