"""Why an auditor opens an item: one of a few purposes, on record before anything of the item is shown.

A purpose belongs to a question about one item, so it is asked anew for every other item: carried over it would be a
false record, and asked for every page it would be pressed away unread. It lasts for the sitting: as long as the auditor
goes on looking at that item. For whoever works on the item the work is the purpose, and nobody asks.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from enum import StrEnum

from mailroom.domain.access import Role, Standing, Viewer, may_see

SITTING = timedelta(minutes=30)
"""After so long without a look at the item a purpose has lapsed: by then it is another question, or another person."""


class Purpose(StrEnum):
    """What an item can be opened for; the order is that of the keys 1 to 5."""

    AUDIT = "audit"
    FOI = "foi"
    SAR = "sar"
    COMPLAINT = "complaint"
    COURT = "court"


def needs_purpose(viewer: Viewer, standing: Standing) -> bool:
    """Return whether the viewer sees an item that stands so as an auditor alone, and not because they work on it."""
    at_work = replace(viewer, roles=viewer.roles - {Role.AUDITOR})
    return not may_see(at_work, standing)


def lasts(last_look: datetime, now: datetime) -> bool:
    """Return whether a sitting that was last seen then goes on now."""
    return now - last_look <= SITTING
