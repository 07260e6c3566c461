"""Hands the item to its team: into the team's queue, and into its release folder in the form its system reads.

Before: the case is open and the sender will be told. After: the journey is over; the team accepts the item or returns
it with a reason (`desk/back_office.py`).

The release is built before the item's row is claimed and put in place after it, so that a run that was overtaken
leaves nothing in a team's folder. After a correction it is released anew, and what was released before is taken back or
marked (`put_release.py`).
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from sqlalchemy.orm import Session, joinedload

from mailroom.domain.catalogue import Service, Team
from mailroom.domain.decision import Sensitivity
from mailroom.domain.errors import Cause, NeedsPerson, Transient
from mailroom.journey import after
from mailroom.journey.open_case import service_of
from mailroom.journey.put_release import Placed, put_in_place
from mailroom.journey.release import Enclosed, Released, build
from mailroom.journey.stage import closing, fetch, note, opening, scratch_folder
from mailroom.journey.withdraw_release import copies_in, delete
from mailroom.records.backups import was_restored_since
from mailroom.records.documents import index_of
from mailroom.records.handoffs import handoff_under_way, put_handoff, withdrawal_of
from mailroom.records.items import item_with, pass_on
from mailroom.records.renditions import searchable_of, suffix_of
from mailroom.records.tables import Document, Item, Original, Rendition
from mailroom.services import Services

_LOOKED_AT = item_with(joinedload(Item.documents).joinedload(Document.decisions))


@dataclass(frozen=True, slots=True)
class _Piece:
    """An original that is handed over.

    Attributes:
        original: its row.
        searchable: the PDF that takes its place, or None where none was made.
        words_read: whether any word of it could be read.
    """

    original: Original
    searchable: Rendition | None
    words_read: bool


@dataclass(frozen=True, slots=True)
class _Parcel:
    """What goes into the team's folder."""

    facts: Released
    pieces: tuple[_Piece, ...]


def hand_over(item_id: str, services: Services) -> None:
    """Offer the item to its team, once for each time it is routed there; a run that follows a correction releases anew.

    Raises:
        Transient: the team's folder cannot be written now; the item waits.
    """
    with opening(item_id, "hand_over", services, _LOOKED_AT) as (turn, item, session):
        service = service_of(item, services)
        team = services.catalogue.teams[service.team]
        waits = _waits_for_its_case(session, item, services)
        parcel = _parcel(session, item, service) if _may_be_released(item, service, services) else None
    if waits:  # its case is being settled anew, and it goes to the team with it
        with closing(turn, services) as (item, _):
            pass_on(item, after("hand_over"), services.now())
        return
    making = _build(parcel, team, services) if parcel else None
    try:
        with closing(turn, services) as (item, session):
            placed = _lay_down(session, item, making, team) if making else None
            folder = str(placed.folder.relative_to(_root(services))) if placed else None
            handoff = put_handoff(session, item_id, team.key, folder, services.now())
            details = {"team": team.key, "number": handoff.number, "without_words": _without_words(parcel)}
            details |= _of_the_release(placed, folder)
            note(session, turn, "handed_over", services, details=details)
            pass_on(item, after("hand_over"), services.now())
    finally:
        if making is not None:
            shutil.rmtree(making, ignore_errors=True)


def _waits_for_its_case(session: Session, item: Item, services: Services) -> bool:
    """Whether the item is a message in a case that is being settled anew; they go to a team together.

    Raises:
        NeedsPerson: the case was settled as something that no team has, and nobody would see the message.
    """
    if item.case is None or not item.is_contact or item.case.team != services.catalogue.post_room:
        return False
    if session.get_one(Item, item.case.opened_for).settled:
        title = services.catalogue.services[item.case.case_type].title
        ended = f"It is a message in {item.case.reference}, which ended as {title!r}."
        raise NeedsPerson(Cause.WHICH_CASE, f"{ended} Read it, and settle it as new work.")
    return True


def _may_be_released(item: Item, service: Service, services: Services) -> bool:
    """A limited item leaves as files only for the team of its own limited type, whose folder is kept accordingly.

    One that is in quarantine leaves as no file at all: the team has its case.
    """
    if any(original.quarantined for original in item.originals):
        return False
    if item.sensitivity is Sensitivity.NORMAL:
        return True
    usual = services.catalogue.services[service.key]
    return usual.limited and usual.team == service.team


def _parcel(session: Session, item: Item, service: Service) -> _Parcel:
    facts = Released(
        reference=item.reference,
        received_at=item.received_at,
        document_code=service.document_code,
        case_type=service.key,
        team=service.team,
        page_count=sum(document.page_count for document in item.documents),
        sha256=item.originals[0].sha256,
        index=index_of(item),
        perhaps_before=was_restored_since(session, item.taken_at),
    )
    made = searchable_of(session, item)
    read = {document.original_id for document in item.documents if (document.text or "").strip()}
    return _Parcel(facts, tuple(_Piece(o, made.get(o.sha256), o.id in read) for o in item.originals))


def _build(parcel: _Parcel, team: Team, services: Services) -> Path:
    with scratch_folder(services) as scratch:
        enclosed = [Enclosed(_fetched(piece, scratch, services), piece.words_read) for piece in parcel.pieces]
        with _or_wait(team):
            return build(parcel.facts, enclosed, team.release, _root(services))


def _lay_down(session: Session, item: Item, making: Path, team: Team) -> Placed:
    """Put the release in place under the claim on the item's row, and see to those of the team that it supersedes."""
    under_way = handoff_under_way(session, item.id, team.key)
    accepted = under_way is not None and under_way.state == "accepted"
    before = [Path(under_way.released_to).name] if under_way is not None and under_way.released_to else []
    wish = withdrawal_of(session, item.id)
    with _or_wait(team):
        if wish is not None:
            delete(copy for copy in copies_in(making.parent, item.reference) if copy != making)
            wish.spared = team.release.folder
        return put_in_place(making, item.reference, before, accepted=accepted)


def _of_the_release(placed: Placed | None, folder: str | None) -> dict[str, Any]:
    """Return what the custody event says of it: the handoff keeps the newest place only, the chain keeps them all."""
    if placed is None:
        return {}
    return {"released_to": folder, "supersedes": [asdict(earlier) for earlier in placed.supersedes]}


@contextmanager
def _or_wait(team: Team) -> Iterator[None]:
    try:
        yield
    except OSError as fault:
        raise Transient(
            f"The release folder {team.release.folder} of {team.name} cannot be written ({fault.strerror}). "
            "Make it writable or make room; the handover goes on by itself."
        ) from fault


def _fetched(piece: _Piece, folder: Path, services: Services) -> Path:
    """Fetch the searchable PDF of an original, or the original where none was made."""
    original, made = piece.original, piece.searchable
    if made is None:
        place = folder / f"{original.ordinal}{suffix_of(original.media_type)}"
        return fetch(original, folder, services).rename(place)
    return services.vault.verified_copy(made.sha256, folder / f"{original.ordinal}.pdf", key=made.key)


def _without_words(parcel: _Parcel | None) -> int:
    return sum(not piece.words_read for piece in parcel.pieces) if parcel else 0


def _root(services: Services) -> Path:
    return services.settings.data / services.settings.release.path
