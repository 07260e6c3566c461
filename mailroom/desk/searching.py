"""Searching by several things at once: what an auditor asks before they open anything, a clerk while the phone rings.

Before: somebody knows a reference, a name, some days, a team. After: they have a page of what is theirs to see, newest
first, and its number, or that there are more than anybody reads.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from mailroom.desk.acting import refuse_unless_theirs_to_do
from mailroom.desk.item_view import title_of, who
from mailroom.desk.queue_line import sender_in
from mailroom.desk.today import start_of_today
from mailroom.domain.access import Task, Viewer
from mailroom.domain.references import read_reference
from mailroom.records.finding import COUNTED_TO, AtHand, Wanted, find_ids, lines_of
from mailroom.records.queue_lines import names_of
from mailroom.services import Services

A_PAGE = 50


@dataclass(frozen=True, slots=True)
class Hit:
    """One line of what was found; `what`, `team` and `sender` are None while nobody knows."""

    item: str
    reference: str
    channel: str
    received_at: datetime
    state: str
    what: str | None
    team: str | None
    sender: str | None


@dataclass(frozen=True, slots=True)
class Hits:
    """One page of what was found.

    Attributes:
        lines: newest first.
        count: how many there are; `COUNTED_TO` where there are more.
        more: whether there are more than `COUNTED_TO`, of which none is on any page.
        page: number of this page, from 1.
        pages: how many there are.
    """

    lines: Sequence[Hit]
    count: int
    more: bool
    page: int
    pages: int

    @property
    def number_in_words(self) -> str:
        """How many there are, as people say it."""
        return f"more than {self.count:,}".replace(",", " ") if self.more else f"{self.count:,}".replace(",", " ")


def search(wanted: Wanted, viewer: Viewer, services: Services, page: int = 1) -> Hits:
    """Return a page of what matches and the viewer may see; a page beyond the last is the last.

    Raises:
        Refused: the viewer's work is not with items.
    """
    refuse_unless_theirs_to_do(viewer, Task.LOOK)
    with services.records.look() as session:
        ids = find_ids(session, wanted, viewer)
        more, ids = len(ids) > COUNTED_TO, ids[:COUNTED_TO]
        pages = max(1, -(-len(ids) // A_PAGE))
        page = min(max(page, 1), pages)
        shown = ids[(page - 1) * A_PAGE : page * A_PAGE]
        read = names_of(session, shown)
        lines = [_hit(row, read[row["id"]], services) for row in lines_of(session, shown)]
    return Hits(lines, len(ids), more, page, pages)


def at_hand(services: Services) -> AtHand:
    """Return what the post room has to do with today: what waits for it, and what has gone through since midnight."""
    return AtHand(services.catalogue.post_room, start_of_today(services.now()))


def is_reference(words: str) -> bool:
    """Return whether somebody typed a whole reference, its check letter included: then one item is meant."""
    return read_reference(words) is not None


def _hit(row: Mapping[str, Any], read: Mapping[str, str], services: Services) -> Hit:
    team = services.catalogue.teams.get(row["team"])
    return Hit(
        row["id"],
        row["reference"],
        row["channel"],
        row["received_at"],
        row["state"],
        title_of(row["case_type"], services) if row["case_type"] else None,
        team.name if team else None,
        who(sender_in(row, read)),
    )
