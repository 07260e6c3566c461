"""What is known of items that somebody looks for, and in which order they want them.

Before: a line was typed, or the fields of a page were filled in. After: `finding.py` looks for them.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from mailroom.domain.capture import Channel
from mailroom.domain.items import ItemState
from mailroom.records.ledger import EVER, Days


class Order(StrEnum):
    """In which order what was found is listed."""

    NEWEST = "newest"
    RELEVANCE = "relevance"
    CLOCK = "clock"


@dataclass(frozen=True, slots=True)
class AtHand:
    """What a desk has to do with today: what waits or is on its way, what lies there, what went through since a moment.

    Attributes:
        desk: key of the team.
        since: what came through or was settled from then on is at hand still.
    """

    desk: str
    since: datetime


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is known of what is looked for; what is None or empty is not asked.

    Attributes:
        words: a reference, a SHA-256, a name, a postcode, a number, or words of the letter (`domain/query.py`).
        days: London dates of receipt.
        channel: the way in.
        case_type: key of the case's type.
        team: key of the team that has the case.
        state: where the item stands.
        name: the sender's whole name, as it was read or typed.
        postcode: the sender's.
        at_hand: only what a desk has to do with today.
    """

    words: str = ""
    days: Days = EVER
    channel: Channel | None = None
    case_type: str | None = None
    team: str | None = None
    state: ItemState | None = None
    name: str | None = None
    postcode: str | None = None
    at_hand: AtHand | None = None
