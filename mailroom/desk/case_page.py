"""A case as an officer works on it: what it is, its documents, its story, what belongs to it, what may be done now.

Before: somebody opens a case. After: the look is in the chain of custody, and one structure holds what the page shows
at once; the pictures of the pages come as they are looked at.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import IO, Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from mailroom.desk.acting import Refused
from mailroom.desk.audit import NotThere, purpose_of, seen_by
from mailroom.desk.drafting import outcomes_for, templates_for
from mailroom.desk.item_view import headline, who
from mailroom.desk.related import related
from mailroom.desk.returning import return_reasons
from mailroom.desk.timeline import Entry, timeline
from mailroom.domain.access import Task, Viewer, may_do
from mailroom.domain.errors import CustodyBreach, MailroomError
from mailroom.domain.templates import Template
from mailroom.records import custody
from mailroom.records.handoffs import last_handoff
from mailroom.records.item_pages import PageLine, page_at, pages_of, picture_of, text_on
from mailroom.records.outgoing import CAN_BE_TAKEN_BACK
from mailroom.records.replies import reply_on_its_way
from mailroom.records.tables import CustodyEvent, Item, Reply
from mailroom.services import Services
from storage.errors import StorageError, VaultBreach

_MOST_TEXTS = 20


@dataclass(frozen=True, slots=True)
class CasePage:
    """What a page shows of a case.

    Attributes:
        item: what a list shows of the item, with its case.
        sender: who wrote, by the best that is known.
        problem: why a person of the post room has it; None while a team works on it.
        pages: of all documents.
        texts: words of the pages that have no picture, by their place.
        story: what happened and what is due.
        related: what belongs to it.
        on_its_way: the reply that is still to go out.
        may: what the viewer may do now: `accept`, `work`, `take_back`.
        reasons: for which it may be returned.
        outcomes: by which it may be closed.
        templates: by which it may be answered.
    """

    item: Mapping[str, Any]
    sender: str | None
    problem: str | None
    pages: Sequence[PageLine]
    texts: Mapping[int, str]
    story: Sequence[Entry]
    related: Mapping[str, Any]
    on_its_way: Reply | None
    may: frozenset[str]
    reasons: Sequence[Mapping[str, Any]]
    outcomes: Sequence[str]
    templates: Sequence[Template]


def open_case_page(name: str, viewer: Viewer, services: Services) -> CasePage:
    """Open a case for work and log the look.

    Raises:
        NotThere: no such item for this viewer.
        PurposeNeeded: an auditor has not said what for.
        Refused: it has no case yet.
    """
    item_id = _note_look(name, viewer, services)
    story, belongs = timeline(item_id, viewer, services), related(item_id, viewer, services)
    with services.records.look() as session:
        item = seen_by(session, item_id, viewer)
        if item.case is None:
            raise Refused(f"{item.reference} is still being read and sorted. Try again in a moment.")
        told, pages = headline(item, services), pages_of(session, item.id)
        return CasePage(
            item=told,
            sender=who(told["sender"]),
            problem=item.problem,
            pages=pages,
            texts=_texts(session, pages),
            story=story,
            related=belongs,
            on_its_way=reply_on_its_way(session, item.id),
            may=_may(session, item, viewer),
            reasons=return_reasons(services),
            outcomes=outcomes_for(item.case.case_type, services),
            templates=templates_for(item.case.case_type, services),
        )


def page_picture(name: str, place: int, viewer: Viewer, services: Services) -> IO[bytes]:
    """Return the verified picture of one page (JPEG); the caller closes it.

    Raises:
        NotThere: no such item for this viewer, or that page has no picture.
        PurposeNeeded: an auditor has not said what for.
        CustodyBreach: what is kept is not what was made.
        MailroomError: the store cannot be read now.
    """
    _note_look(name, viewer, services)
    with services.records.look() as session:
        item = seen_by(session, name, viewer)
        page = page_at(session, item.id, place)
        picture = picture_of(session, page) if page else None
        if picture is None:
            raise NotThere(f"Page {place} of {item.reference} has no picture.")
    try:
        return services.vault.open(picture.sha256, key=picture.key)
    except VaultBreach as fault:
        raise CustodyBreach(f"{item.reference}: {fault}. Tell the administrator.") from fault
    except StorageError as fault:
        raise MailroomError(f"{item.reference}: the store cannot be read now: {fault}") from fault


def _note_look(name: str, viewer: Viewer, services: Services) -> str:
    """Log that the viewer opened the item, once for as long as they may be idle; return its id."""
    since = services.now() - timedelta(minutes=services.settings.web.idle_minutes)
    with services.records.look() as session:
        item = seen_by(session, name, viewer)
        purpose = purpose_of(session, item, viewer, services)
        looks = select(CustodyEvent.id).where(CustodyEvent.item_id == item.id, CustodyEvent.at > since)
        looks = looks.where(CustodyEvent.kind == "viewed", CustodyEvent.actor == viewer.name).limit(1)
        if session.scalars(looks).first() is not None:
            return item.id
    with services.records.work() as session:
        item = seen_by(session, name, viewer)
        details = {"purpose": purpose}
        custody.record(session, item.id, "viewed", actor=viewer.name, at=services.now(), details=details)
        session.commit()
    return item.id


def _texts(session: Session, pages: Sequence[PageLine]) -> dict[int, str]:
    without = [page for page in pages if page.picture is None][:_MOST_TEXTS]
    return {page.place: text_on(session, page.id)[0] for page in without}


def _may(session: Session, item: Item, viewer: Viewer) -> frozenset[str]:
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
