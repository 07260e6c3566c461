"""Hands the item to its team: into the team's queue, and into its release folder in the form its system reads.

Before: the case is open and the sender will be told. After: the journey is over; the team accepts the item or returns
it with a reason (`desk/back_office.py`).
"""

from __future__ import annotations

from pathlib import Path

from sqlalchemy.orm import Session

from mailroom.domain.catalogue import Service, Team
from mailroom.domain.decision import Sensitivity
from mailroom.domain.errors import Transient
from mailroom.journey import after
from mailroom.journey.open_case import service_of
from mailroom.journey.release import Released, release
from mailroom.journey.stage import closing, fetch, note, opening, scratch_folder
from mailroom.records.documents import index_of
from mailroom.records.handoffs import put_handoff
from mailroom.records.items import pass_on
from mailroom.records.renditions import searchable_of, suffix_of
from mailroom.records.tables import Item
from mailroom.services import Services


def hand_over(item_id: str, services: Services) -> None:
    """Offer the item to its team, once for each time it is routed there; a run that follows a correction releases anew.

    Raises:
        Transient: the team's folder cannot be written now; the item waits.
    """
    with opening(item_id, "hand_over", services) as (turn, item, session):
        service = service_of(item, services)
        team = services.catalogue.teams[service.team]
        folder = _release(session, item, team, services) if _may_be_released(item, service, services) else None
    with closing(turn, services) as (item, session):
        handoff = put_handoff(session, item_id, team.key, folder, services.now())
        note(session, turn, "handed_over", services, details={"team": team.key, "number": handoff.number})
        pass_on(item, after("hand_over"), services.now())


def _may_be_released(item: Item, service: Service, services: Services) -> bool:
    """A limited item leaves as files only for the team of its own limited type, whose folder is kept accordingly."""
    if item.sensitivity is Sensitivity.NORMAL:
        return True
    usual = services.catalogue.services[service.key]
    return usual.limited and usual.team == service.team


def _release(session: Session, item: Item, team: Team, services: Services) -> str:
    service = service_of(item, services)
    facts = Released(
        reference=item.reference,
        received_at=item.received_at,
        document_code=service.document_code,
        case_type=service.key,
        team=team.key,
        page_count=sum(document.page_count for document in item.documents),
        sha256=item.originals[0].sha256,
        index=index_of(item),
    )
    root = services.settings.data / services.settings.release.path
    try:
        with scratch_folder(services) as scratch:
            documents = _documents(session, item, scratch, services)
            return str(release(facts, documents, team.release, root).relative_to(root))
    except OSError as fault:
        raise Transient(
            f"The release folder of {team.name} cannot be written ({fault.strerror}): {fault.filename}. "
            "Make it writable or make room; the handover goes on by itself."
        ) from fault


def _documents(session: Session, item: Item, folder: Path, services: Services) -> list[Path]:
    """Fetch the searchable PDF of each original, or the original where none was made."""
    made = searchable_of(session, item)
    fetched = []
    for original in item.originals:
        rendition = made.get(original.sha256)
        if rendition is None:
            place = folder / f"{original.ordinal}{suffix_of(original.media_type)}"
            fetched.append(fetch(original, folder, services).rename(place))
        else:
            place = folder / f"{original.ordinal}.pdf"
            fetched.append(services.vault.verified_copy(rendition.sha256, place, key=rendition.key))
    return fetched
