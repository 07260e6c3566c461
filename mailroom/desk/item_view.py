"""An item as a person or a script sees it: everything on record about it in one plain structure.

Before: somebody who may see the item asks for it. After: the commands print it, the pages show it. The keys are a
contract: scripts rely on them.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from mailroom.desk.promises import promises
from mailroom.domain.access import Task, Viewer, may_do
from mailroom.domain.catalogue import Service, Team
from mailroom.domain.errors import Cause
from mailroom.records.cases import running_clocks
from mailroom.records.holds import hold_in_force
from mailroom.records.tables import (
    Acknowledgement,
    Case,
    CustodyDetail,
    CustodyEvent,
    CustodyNumber,
    DecisionRow,
    Document,
    FieldRow,
    Handoff,
    Item,
    Original,
    Rendition,
)
from mailroom.records.visibility import visible_to
from mailroom.services import Services

_NAMES_ANOTHER = frozenset({"repeat_of", "part_of", "into", "from"})
"""Details of custody events under which the reference of another item stands."""

_IN_WORDS = {
    Cause.QUARANTINED: "held back: may do harm",
    Cause.EMPTY: "empty",
    Cause.ENCRYPTED: "locked with a password",
    Cause.DAMAGED: "damaged",
    Cause.INCOMPLETE: "not complete",
    Cause.TOO_LARGE: "too large",
    Cause.UNKNOWN_FORMAT: "unknown kind of file",
    Cause.TOO_SLOW: "took too long to read",
    Cause.STOPPED_THE_READER: "stopped the reader",
    Cause.STOPPED_THE_SERVICE: "stopped the service",
    Cause.NO_TEXT: "no words found",
    Cause.UNREAD: "partly not read",
    Cause.ATTACHMENTS: "enclosures to look at",
    Cause.UNSURE: "not sure what it is",
    Cause.CONFLICT: "signs disagree",
    Cause.WHICH_CASE: "may belong to a case",
    Cause.RETURNED: "returned by a team",
    Cause.NEW_SCAN: "waits for a new scan",
    Cause.HAND_OVER_FAILED: "could not be handed over",
    Cause.CUSTODY: "original not as received",
}


def view(session: Session, item: Item, viewer: Viewer, services: Services) -> dict[str, Any]:
    """Return the item with its case, documents, originals, renditions, messages and custody.

    Other items are named only where the viewer may see them, too.
    """
    return {
        **headline(item, services),
        "receipt_assumed": item.receipt_assumed,
        "cause": item.cause,
        "cause_in_words": cause_in_words(item.cause),
        "problem": item.problem,
        "imported": item.imported,
        "repeat_of": _reference_of(session, item.repeat_of, viewer),
        "part_of": _reference_of(session, item.parent_id, viewer),
        "joined_into": _reference_of(session, item.joined_into, viewer),
        "documents": [_document(document, services) for document in item.documents],
        "originals": [_original(original) for original in item.originals],
        "renditions": [_rendition(rendition) for rendition in _renditions(session, item)],
        "acknowledgement": _acknowledgement(session, item),
        "handoff": _handoff(session, item),
        "legal_hold": _hold(session, item, viewer),
        "custody": _custody(session, item, viewer),
    }


def headline(item: Item, services: Services) -> dict[str, Any]:
    """Return what a list shows of an item."""
    return {
        "item": item.id,
        "reference": item.reference,
        "channel": item.channel,
        "received_at": _moment(item.received_at),
        "state": item.state,
        "file_name": item.file_name,
        "sender": sender_of(item),
        "case": _case(item.case, services) if item.case else None,
    }


def cause_in_words(cause: str | None) -> str | None:
    """Return why an item needs a person, in a few words."""
    return _IN_WORDS.get(Cause(cause)) if cause else None


def sender_of(item: Item) -> dict[str, str | None]:
    """Return what is known of the sender: the address that the channel proves, else what was read."""
    index = {field.name: field.value for document in reversed(item.documents) for field in document.fields}
    names = {"name": "sender_name", "postcode": "sender_postcode", "email": "email", "phone": "phone"}
    return {"address": item.proven_sender, **{key: index.get(name) for key, name in names.items()}}


def who(sender: Mapping[str, str | None]) -> str | None:
    """Return the sender by the best that is known of them: the name, else where they wrote from."""
    return next((sender[key] for key in ("name", "address", "email", "phone", "postcode") if sender[key]), None)


def title_of(case_type: str, services: Services) -> str:
    """Return what people call the case type; its key where the catalogue has it no more."""
    service: Service | None = services.catalogue.services.get(case_type)
    return service.title if service else case_type


def suggestions_of(decision: DecisionRow, services: Services) -> list[dict[str, Any]]:
    """Return what the machine suggested, best first, each with its title."""
    return [{**told, "title": title_of(told["case_type"], services)} for told in decision.suggestions]


def _case(case: Case, services: Services) -> dict[str, Any]:
    service: Service | None = services.catalogue.services.get(case.case_type)
    team: Team | None = services.catalogue.teams.get(case.team)
    return {
        "reference": case.reference,
        "case_type": case.case_type,
        "title": title_of(case.case_type, services),
        "service_id": service.lgsl if service else None,
        "team": case.team,
        "team_name": team.name if team else case.team,
        "owner": case.owner,
        "opened_at": _moment(case.opened_at),
        "closed_at": _moment(case.closed_at),
        "outcome": case.outcome,
        "promises": promises(_to_meet(case), services.catalogue.clocks),
        "clocks": [
            {
                "name": clock.name,
                "statutory": clock.statutory,
                "due_at": _moment(clock.due_at),
                "met_at": _moment(clock.met_at),
            }
            for clock in running_clocks(case)
        ],
    }


def _to_meet(case: Case) -> list[tuple[str, datetime]]:
    return [(clock.name, clock.due_at) for clock in running_clocks(case) if clock.met_at is None]


def _document(document: Document, services: Services) -> dict[str, Any]:
    return {
        "media_type": document.media_type,
        "pages": document.page_count,
        "text": document.text,
        "confidence": document.confidence,
        "headers": document.headers,
        "decision": _decision(document.decisions[-1], services) if document.decisions else None,
        "index": {field.name: _field(field) for field in document.fields},
    }


def _decision(decision: DecisionRow, services: Services) -> dict[str, Any]:
    return {
        "case_type": decision.case_type,
        "team": decision.team,
        "sensitivity": decision.sensitivity,
        "statutory": decision.statutory,
        "urgency": decision.urgency,
        "confidence": decision.confidence,
        "settled": decision.settled,
        "decided_by": decision.decided_by,
        "reasons": decision.reasons,
        "suggestions": suggestions_of(decision, services),
    }


def _field(field: FieldRow) -> dict[str, Any]:
    return {
        "value": field.value,
        "confidence": field.confidence,
        "page": field.page,
        "box": field.box,
        "source": field.source,
    }


def _original(original: Original) -> dict[str, Any]:
    return {
        "sha256": original.sha256,
        "size": original.size,
        "media_type": original.media_type,
        "key": original.key,
        "file_name": original.file_name,
        "extract_of": original.extract_of,
        "quarantined": original.quarantined,
        "pages": [original.first_page, original.last_page] if original.first_page else None,
    }


def _renditions(session: Session, item: Item) -> list[Rendition]:
    query = select(Rendition).where(Rendition.item_id == item.id).order_by(Rendition.kind, Rendition.page)
    return list(session.scalars(query))


def _rendition(rendition: Rendition) -> dict[str, Any]:
    return {
        "kind": rendition.kind,
        "page": rendition.page,
        "media_type": rendition.media_type,
        "sha256": rendition.sha256,
        "size": rendition.size,
        "key": rendition.key,
        "made_from": rendition.parent_sha256,
        "made_by": rendition.made_by,
    }


def _acknowledgement(session: Session, item: Item) -> dict[str, Any] | None:
    row = session.scalars(select(Acknowledgement).where(Acknowledgement.item_id == item.id)).first()
    if row is None:
        return None
    return {
        "way": row.way,
        "state": row.state,
        "address": row.address,
        "subject": row.subject,
        "text": row.text,
        "reason": row.reason,
        "not_before": _moment(row.not_before),
        "sent_at": _moment(row.sent_at),
        "maybe_twice": row.maybe_twice,
    }


def _hold(session: Session, item: Item, viewer: Viewer) -> dict[str, str | None] | None:
    hold = hold_in_force(session, item.id)
    if hold is None:
        return None
    reason = hold.reason if may_do(viewer, Task.PROVE) else None
    return {"placed_by": hold.placed_by, "placed_at": _moment(hold.placed_at), "reason": reason}


def _handoff(session: Session, item: Item) -> dict[str, Any] | None:
    query = select(Handoff).where(Handoff.item_id == item.id).order_by(Handoff.number.desc())
    rows = session.scalars(query).all()
    if not rows:
        return None
    last = rows[0]
    return {
        "team": last.team,
        "state": last.state,
        "offered_at": _moment(last.offered_at),
        "answered_at": _moment(last.answered_at),
        "answered_by": last.answered_by,
        "reason": last.reason,
        "released_to": last.released_to,
        "returned": sum(row.state == "returned" for row in rows),
    }


def _custody(session: Session, item: Item, viewer: Viewer) -> list[dict[str, Any]]:
    rows = session.execute(
        select(CustodyEvent, CustodyNumber.number, CustodyDetail.details)
        .outerjoin(CustodyNumber, CustodyNumber.event_id == CustodyEvent.id)
        .outerjoin(CustodyDetail, CustodyDetail.event_id == CustodyEvent.id)
        .where(CustodyEvent.item_id == item.id)
        .order_by(CustodyEvent.position)
    )
    return [
        {
            "position": event.position,
            "number": number,
            "kind": event.kind,
            "actor": event.actor,
            "at": _moment(event.at),
            "original": event.original,
            "details": details and _without_others(session, details, viewer),
            "hash": event.hash,
        }
        for event, number, details in rows
    ]


def _without_others(session: Session, details: Mapping[str, Any], viewer: Viewer) -> dict[str, Any]:
    """Return the details without the references of items that the viewer may not see."""
    named = {key: details[key] for key in _NAMES_ANOTHER & details.keys() if details[key]}
    query = select(Item.reference).where(Item.reference.in_(named.values()), visible_to(viewer))
    shown = set(session.scalars(query)) if named else set()
    return {**details, **{key: reference if reference in shown else None for key, reference in named.items()}}


def _reference_of(session: Session, item_id: str | None, viewer: Viewer) -> str | None:
    query = select(Item.reference).where(Item.id == item_id, visible_to(viewer))
    return session.scalars(query).first()


def _moment(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None
