"""Which items a bundle is asked for, and whether all of that is this person's to give out.

Before: references on a command line, or a button on a page. After: `bundle.py` has the ids of items that their asker
may see, each of which stands for itself; what may not be given is refused with a sentence before anything is written.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from sqlalchemy.orm import Session

from mailroom.desk.acting import refuse_unless, refuse_unless_theirs_to_do
from mailroom.desk.audit import purpose_of, seen_by, standing_of
from mailroom.domain.access import Task, Viewer, may_do, may_see
from mailroom.domain.items import ItemState
from mailroom.domain.quarantine import refuse_quarantined
from mailroom.records.evidence import count_files
from mailroom.records.tables import Item
from mailroom.services import Services

MOST_ITEMS, MOST_FILES = 20_000, 300_000
"""More would make lists that no verifier reads as a whole."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What somebody asks for.

    Attributes:
        names: references or ids of items; a case has the reference of the item that it was opened for.
        whole_cases: whether all that belongs to the case of each is asked for, and not these items alone.
        purpose: why; None for the purpose that is in force for this sitting.
        held_back: whether they know that some of it may do harm, and want it.
        heads: sizes of signed heads that somebody outside holds, so that the bundle leads to them.
    """

    names: Sequence[str]
    whole_cases: bool = False
    purpose: str | None = None
    held_back: bool = False
    heads: Sequence[int] = ()


def items_asked(asked: Asked, viewer: Viewer, services: Services) -> tuple[list[str], str]:
    """Return the ids of the items, each once and in the order in which they were named, and the purpose.

    Raises:
        NotThere: no such item for this viewer.
        Refused: it is not theirs to prove, nothing or too much is named, or an item is given with another one.
        PurposeNeeded: an auditor has not said what for.
        NeedsPerson: it is in quarantine, and they have not said that they know.
    """
    refuse_unless_theirs_to_do(viewer, Task.PROVE)
    refuse_unless(bool(asked.names), "Name at least one item.")
    refuse_unless(len(asked.names) <= MOST_ITEMS, f"Name at most {MOST_ITEMS} items; make several bundles of more.")
    with services.records.look() as session:
        named = [seen_by(session, name, viewer) for name in asked.names]
        purposes = [asked.purpose or purpose_of(session, item, viewer, services) for item in named]
        found = {one.id: one for item in named for one in _with_its_case(item, asked, viewer)}
        for item in found.values():
            _refuse_what_cannot_be_given(session, item, asked, viewer)
        files = count_files(session, found)
        refuse_unless(
            files <= MOST_FILES, f"That makes {files} files, and {MOST_FILES} are the most. Name fewer items."
        )
        return list(found), purposes[0]


def _with_its_case(item: Item, asked: Asked, viewer: Viewer) -> Iterator[Item]:
    if not asked.whole_cases or item.case is None:
        yield item
        return
    theirs = all(may_see(viewer, standing_of(one)) for one in item.case.items)
    whole = f"The case {item.case.reference} is not yours to give out as a whole"
    refuse_unless(theirs, f"{whole}: part of it is for those named for limited access. Ask one of them.")
    yield from sorted(item.case.items, key=lambda one: (one.received_at, one.reference))


def _refuse_what_cannot_be_given(session: Session, item: Item, asked: Asked, viewer: Viewer) -> None:
    if item.state is ItemState.JOINED:
        into = session.get(Item, item.joined_into) if item.joined_into else None
        other = into.reference if into is not None and may_see(viewer, standing_of(into)) else "another item"
        refuse_unless(False, f"{item.reference} was joined to {other}, which holds its original. Ask for that one.")
    if asked.held_back and may_do(viewer, Task.UNSEAL):
        return
    for original in item.originals:
        refuse_quarantined(original.quarantined)
