"""Searching by several things at once: what an auditor asks before they open anything, a clerk while the phone rings.

Before: somebody knows a reference, a name, some days, a team. After: they have a page of what is theirs to see, in the
order they want, with the place of the letter that matches, and its number, or that there are more than anybody reads.
`typed_query.py` makes what is wanted of what was typed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from mailroom.desk.acting import refuse_unless_theirs_to_do
from mailroom.desk.item_view import headline, title_of, who
from mailroom.desk.queue_line import sender_in
from mailroom.desk.today import start_of_today
from mailroom.desk.typed_query import wanted_by
from mailroom.domain.access import Task, Viewer
from mailroom.domain.references import near_references, read_reference
from mailroom.domain.snippets import LOOKED_AT, Piece, snippet
from mailroom.domain.words import plain
from mailroom.records.facets import NONE, Facets, facets_of
from mailroom.records.finding import COUNTED_TO, RANKED, Found, find, lines_of
from mailroom.records.holds import under_hold
from mailroom.records.queue_lines import names_of
from mailroom.records.search.bodies import bodies_of
from mailroom.records.tables import Item
from mailroom.records.visibility import visible_to
from mailroom.records.wanted import AtHand, Order, Wanted
from mailroom.services import Services

A_PAGE = 50


@dataclass(frozen=True, slots=True)
class Hit:
    """One line of what was found; `what`, `team` and `sender` are None while nobody knows.

    Attributes:
        place: the words around the first place of the text that matches; empty where no text was asked for.
        held: whether it is under legal hold.
    """

    item: str
    reference: str
    channel: str
    received_at: datetime
    state: str
    what: str | None
    team: str | None
    sender: str | None
    place: Sequence[Piece] = ()
    held: bool = False


@dataclass(frozen=True, slots=True)
class Hits:
    """One page of what was found.

    Attributes:
        lines: in the order that was asked for.
        count: how many there are; `COUNTED_TO` where there are more.
        more: whether there are more than `COUNTED_TO`, of which none is on any page.
        page: number of this page, from 1.
        pages: how many there are.
        order: in which order they are listed.
        cut_to: how many of the newest the order is among, where there are more; None where it is among all.
        facets: how they are divided, as far as they were counted.
        instead: where nothing has the words as typed, words on this page that look like them.
        complete: whether every text could be found; not while the index is being made.
    """

    lines: Sequence[Hit]
    count: int
    more: bool
    page: int
    pages: int
    order: Order = Order.NEWEST
    cut_to: int | None = None
    facets: Facets = NONE
    instead: Sequence[str] = ()
    complete: bool = True

    @property
    def number_in_words(self) -> str:
        """How many there are, as people say it."""
        return _in_words(self.count, more=self.more)


def search(wanted: Wanted, viewer: Viewer, services: Services, page: int = 1, *, order: Order = Order.NEWEST) -> Hits:
    """Return a page of what matches and the viewer may see; a page beyond the last is the last.

    Raises:
        Refused: the viewer's work is not with items.
    """
    refuse_unless_theirs_to_do(viewer, Task.LOOK)
    with services.records.look() as session:
        found = find(session, wanted, viewer, order)
        pages = max(1, -(-len(found.keys) // A_PAGE))
        page = min(max(page, 1), pages)
        lines = _lines(session, found, found.keys[(page - 1) * A_PAGE : page * A_PAGE], services)
        facets = facets_of(session, found, viewer) if found.number > 1 else NONE
    return Hits(
        lines=lines,
        count=found.number,
        more=found.more,
        page=page,
        pages=pages,
        order=order,
        cut_to=_cut_to(found, order),
        facets=facets,
        instead=_instead(found, lines) if found.widened else (),
        complete=found.complete,
    )


def number_found(wanted: Wanted, viewer: Viewer, services: Services) -> str:
    """Return how many match that the viewer may see, as people say it; counted as far as anybody reads."""
    with services.records.look() as session:
        found = find(session, wanted, viewer)
    return _in_words(found.number, more=found.more)


def find_items(query: str, viewer: Viewer, services: Services) -> list[dict[str, Any]]:
    """Return the headlines of the newest that match what was typed, newest first; nothing typed matches nothing.

    Raises:
        Refused: a fact is told by name that there is not.
    """
    wanted = wanted_by(query, services)
    if not query.strip():
        return []
    with services.records.look() as session:
        found = find(session, wanted, viewer)
        items = session.scalars(select(Item).where(found.by.in_(found.keys[:A_PAGE]), visible_to(viewer)))
        newest_first = sorted(items, key=lambda item: (item.received_at, item.reference), reverse=True)
        return [headline(item, services) for item in newest_first]


def at_hand(services: Services) -> AtHand:
    """Return what the post room has to do with today: what waits for it, and what has gone through since midnight."""
    return AtHand(services.catalogue.post_room, start_of_today(services.now()))


def order_named(name: str) -> Order:
    """Return the order of this name; the newest first where there is none."""
    return Order(name) if name in list(Order) else Order.NEWEST


def is_reference(words: str) -> bool:
    """Return whether somebody typed a whole reference, its check letter included."""
    return read_reference(words) is not None


def one_meant(words: str, viewer: Viewer, services: Services) -> str | None:
    """Return the id of the item whose whole reference was typed; None where there is no such one, or more than one."""
    if not is_reference(words):
        return None
    hits = search(Wanted(words.strip()), viewer, services)
    return hits.lines[0].item if hits.count == 1 else None


def is_nearly_a_reference(words: str) -> bool:
    """Return whether somebody typed a reference with a slip in it, which the check letter has caught."""
    return bool(near_references(words))


def _in_words(number: int, *, more: bool) -> str:
    return f"more than {number:,}".replace(",", " ") if more else f"{number:,}".replace(",", " ")


def _cut_to(found: Found, order: Order) -> int | None:
    if order is Order.RELEVANCE and found.number > RANKED:
        return RANKED
    return COUNTED_TO if found.more else None


def _lines(session: Session, found: Found, keys: Sequence[Any], services: Services) -> list[Hit]:
    rows = lines_of(session, found, keys)
    ids = [row["id"] for row in rows]
    read, held = names_of(session, ids), under_hold(session, ids)
    bodies = bodies_of(session, [row["number"] for row in rows], LOOKED_AT) if found.terms else {}
    return [
        replace(
            _hit(row, read[row["id"]], snippet(bodies.get(row["number"], ""), found.terms), services),
            held=row["id"] in held,
        )
        for row in rows
    ]


def _instead(found: Found, lines: Sequence[Hit]) -> list[str]:
    """Return the words of these lines that were looked for instead of what was typed: what nobody sees is not told."""
    typed = {term.word for term in found.terms}
    lit = [plain(piece.text) for line in lines for piece in line.place if piece.lit]
    return [word for word in dict.fromkeys(lit) if word not in typed]


def _hit(row: Mapping[str, Any], read: Mapping[str, str], place: Sequence[Piece], services: Services) -> Hit:
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
        place,
    )
