"""A case as an officer works on it: what it is, its documents, its story, what belongs to it, what may be done now.

Before: somebody opens a case. After: the look is in the chain of custody, and one structure holds what the page shows
at once; the pictures of the pages come as they are looked at.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import Session

from mailroom.desk.acting import Refused
from mailroom.desk.audit import purpose_of, seen_by
from mailroom.desk.drafting import outcomes_for, templates_for
from mailroom.desk.item_view import headline, who
from mailroom.desk.looking import ensure_look
from mailroom.desk.officers import Officer, officers_of
from mailroom.desk.related import related
from mailroom.desk.returning import return_reasons
from mailroom.desk.timeline import Entry, timeline
from mailroom.domain.access import Task, Viewer, may_do
from mailroom.domain.templates import Template
from mailroom.records.handoffs import last_handoff
from mailroom.records.holds import hold_in_force
from mailroom.records.item_pages import PageLine, documents_formatted, pages_of, text_on
from mailroom.records.outgoing import CAN_BE_TAKEN_BACK
from mailroom.records.replies import reply_on_its_way
from mailroom.records.tables import Item, Reply
from mailroom.services import Services

_MOST_TEXTS = 20


@dataclass(frozen=True, slots=True)
class CasePage:
    """What a page shows of a case.

    Attributes:
        item: what a list shows of the item, with its case.
        sender: who wrote, by the best that is known.
        message_in: id of the item that the case was opened for, where this is a message in it; None else.
        problem: why a person of the post room has it; None while a team works on it.
        quarantined: whether an original of it is held back because it may do harm.
        held: whether it is under legal hold, and nothing of it may be destroyed.
        pages: of all documents.
        texts: beginnings of the texts of the first pages that have no picture, by their place.
        lengths: how long each of these texts is altogether; what is longer goes on elsewhere.
        formatted: places of the messages that can be shown as they were formatted.
        story: what happened and what is due.
        related: what belongs to it.
        on_its_way: the reply that is still to go out.
        may: what the viewer may do now: `accept`, `work`, `take_back`, `prove`.
        reasons: for which it may be returned.
        outcomes: by which it may be closed.
        templates: by which it may be answered.
    """

    item: Mapping[str, Any]
    sender: str | None
    message_in: str | None
    problem: str | None
    quarantined: bool
    held: bool
    pages: Sequence[PageLine]
    texts: Mapping[int, str]
    lengths: Mapping[int, int]
    formatted: frozenset[int]
    story: Sequence[Entry]
    related: Mapping[str, Any]
    on_its_way: Reply | None
    may: frozenset[str]
    reasons: Sequence[Mapping[str, Any]]
    outcomes: Sequence[str]
    templates: Sequence[Template]
    officers: Sequence[Officer]


def open_case_page(name: str, viewer: Viewer, services: Services) -> CasePage:
    """Open a case for work and log the look.

    Raises:
        NotThere: no such item for this viewer.
        PurposeNeeded: an auditor has not said what for.
        Refused: it has no case yet.
    """
    with services.records.look() as session:
        item = seen_by(session, name, viewer)
        item_id, purpose = item.id, purpose_of(session, item, viewer, services)
    ensure_look(item_id, viewer, purpose, services)
    story, belongs = timeline(item_id, viewer, services), related(item_id, viewer, services)
    with services.records.look() as session:
        item = seen_by(session, item_id, viewer)
        if item.case is None:
            raise Refused(f"{item.reference} is still being read and sorted. Try again in a moment.")
        told, pages = headline(item, services), pages_of(session, item.id)
        texts, formatted = _texts(session, pages), documents_formatted(session, item.id)
        return CasePage(
            item=told,
            sender=who(told["sender"]),
            message_in=item.case.opened_for if item.is_contact else None,
            problem=item.problem,
            quarantined=any(original.quarantined for original in item.originals),
            held=hold_in_force(session, item.id) is not None,
            pages=pages,
            texts={place: text for place, (text, _) in texts.items()},
            lengths={place: length for place, (_, length) in texts.items()},
            formatted=frozenset(page.place for page in pages if page.document_id in formatted),
            story=story,
            related=belongs,
            on_its_way=reply_on_its_way(session, item.id),
            may=_may(session, item, viewer),
            reasons=return_reasons(services),
            outcomes=outcomes_for(item.case.case_type, services),
            templates=templates_for(item.case.case_type, services),
            officers=officers_of(session, item.desk) if item.desk else (),
        )


def _texts(session: Session, pages: Sequence[PageLine]) -> dict[int, tuple[str, int]]:
    without = [page for page in pages if page.picture is None][:_MOST_TEXTS]
    return {page.place: text_on(session, page.id) for page in without}


def _may(session: Session, item: Item, viewer: Viewer) -> frozenset[str]:
    proving = frozenset({"prove"}) if may_do(viewer, Task.PROVE) else frozenset()
    return _may_work(session, item, viewer) | proving


def _may_work(session: Session, item: Item, viewer: Viewer) -> frozenset[str]:
    handoff, theirs = last_handoff(session, item.id), may_do(viewer, Task.SETTLE) or item.team in viewer.teams
    if not may_do(viewer, Task.ANSWER) or not theirs or item.desk is None or handoff is None:
        return frozenset()
    may = {"work"}
    if handoff.state == "offered":
        may.add("accept")
    waiting = reply_on_its_way(session, item.id)
    if waiting is not None and waiting.state in CAN_BE_TAKEN_BACK:
        may.add("take_back")
    return frozenset(may)
