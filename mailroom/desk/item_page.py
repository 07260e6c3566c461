"""An item as the post room works on it: what it is, why it is here, what it may be and where the letter says so.

Before: somebody opens an item. After: an exception is theirs, the look is in the chain of custody, and one structure
holds what a page shows at once. What is large comes as it is looked at: the words, the text and the picture of a page.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from mailroom.desk.acting import refuse_unless_theirs_to_do
from mailroom.desk.adding import PossibleCase, possible_cases
from mailroom.desk.asking import Question, question_about
from mailroom.desk.audit import seen_by
from mailroom.desk.hinted import Hinted, hinted
from mailroom.desk.index_values import BASIC_FIELDS
from mailroom.desk.item_view import cause_in_words, title_of
from mailroom.desk.looking import WORK, note_ahead, note_look
from mailroom.desk.queues import idle_before
from mailroom.desk.reasons import PAGES_SEARCHED, Reason, placed
from mailroom.desk.taking import refuse_unless_taken, take_if_free
from mailroom.desk.time_left import Due, due
from mailroom.domain.access import Task, Viewer, may_do
from mailroom.domain.decision import DecidedBy, Sensitivity
from mailroom.domain.items import ItemState
from mailroom.journey import JOURNEY
from mailroom.journey.boxes import SearchedPage
from mailroom.journey.sender import is_one_of_us
from mailroom.records.acknowledgements import acknowledgement_of
from mailroom.records.cases import next_due
from mailroom.records.holds import hold_in_force
from mailroom.records.item_pages import PageLine, pages_of, words_on
from mailroom.records.neighbours import Neighbour, neighbours_of
from mailroom.records.tables import Acknowledgement, DecisionRow, Document, FieldRow, Item, Referral
from mailroom.records.taking import referrals_of, who_has
from mailroom.services import Services

SURE = 0.8
"""Below this confidence a field is marked for the eye."""

_NEIGHBOURS = 4
"""So many items that this one may belong to are offered."""

_BEFORE_THE_CASE = frozenset(JOURNEY[: JOURNEY.index("open_case")])


@dataclass(frozen=True, slots=True)
class Suggested:
    """One case type that the item may be.

    Attributes:
        number: the key that chooses it, from 1.
        case_type: key.
        title: what people call it.
        team: key.
        team_name: what people call the team.
        limited: whether only those named for limited access will see the item as that.
        confidence: 0 to 1.
        reasons: the words it rests on, with where they stand.
    """

    number: int
    case_type: str
    title: str
    team: str
    team_name: str
    limited: bool
    confidence: float
    reasons: tuple[Reason, ...]


@dataclass(frozen=True, slots=True)
class Field:
    """One piece of index data; an empty value where a field that every item should have is not known.

    Attributes:
        name: as `correct` takes it.
        value: as it is stored.
        confidence: 0 to 1; None where there is no value.
        place: the page it was read on, among all pages of the item.
        box: where on it, in pixels of the page.
        doubtful: whether somebody should look twice.
        by_person: whether a person put it in.
    """

    name: str
    value: str = ""
    confidence: float | None = None
    place: int | None = None
    box: tuple[int, ...] | None = None
    doubtful: bool = False
    by_person: bool = False


@dataclass(frozen=True, slots=True)
class Decided:
    """What was decided last, by whom."""

    case_type: str
    title: str
    team: str
    team_name: str
    by: str
    confidence: float
    settled: bool


@dataclass(frozen=True, slots=True)
class ItemPage:
    """What a page shows of an item at once.

    Attributes:
        item: id.
        reference: what people call it.
        channel: way in.
        file_name: the sender's or scanner's name for the file.
        received_at: when; `assumed` whether that is only the file's own date.
        assumed: see there.
        state: where it stands on the ledger.
        run: to be handed back with every act, so that nobody writes over what changed meanwhile.
        busy: whether the machine still reads or sorts it.
        urgent: marked as urgent.
        limited: only those named for limited access see it.
        due: the clock that is due next; None where none runs.
        why: why a person is needed, in a few words.
        problem: the sentence that says what to do.
        suggestions: likeliest first.
        decided: the decision in force; None before there is one.
        fields: index data, those first that every item should have.
        pages: of all documents, without their words.
        taken_by: account of who has it; None where nobody has.
        notes: what was written by those who did not know.
        message: the acknowledgement; None before it is planned.
        neighbours: what came in next to it, to which it may belong.
        cases: that it may be added to.
        hinted: what the address or folder that it came by stands for; None where that says nothing.
        asks_when: whether one of us passed it on, and a person is to say when it first came to the council.
        quarantined: whether an original of it is held back because it may do harm.
        held: whether it is under legal hold, and nothing of it may be destroyed.
        question: what its sender can be asked for that could not be opened; None where there is nothing.
    """

    item: str
    reference: str
    channel: str
    file_name: str
    received_at: datetime
    assumed: bool
    state: str
    run: int
    busy: bool
    urgent: bool
    limited: bool
    due: Due | None
    why: str | None
    problem: str | None
    suggestions: tuple[Suggested, ...]
    decided: Decided | None
    fields: tuple[Field, ...]
    pages: tuple[PageLine, ...]
    taken_by: str | None
    notes: tuple[Referral, ...]
    message: Acknowledgement | None
    neighbours: tuple[Neighbour, ...]
    cases: tuple[PossibleCase, ...]
    hinted: Hinted | None
    asks_when: bool
    quarantined: bool
    held: bool
    question: Question | None


def open_item(name: str, viewer: Viewer, services: Services, purpose: str = WORK, *, ahead: bool = False) -> ItemPage:
    """Open an item for work: take it if it is an exception that nobody has, and log the look.

    Args:
        name: reference or id.
        viewer: who opens it.
        services: the bundle.
        purpose: what for.
        ahead: whether it is only made ready: it is taken, and `show_loaded` logs the look when it is shown.

    Raises:
        NotThere: no such item for this viewer.
        Refused: looking at items is not the viewer's work, or it is made ready and somebody else has it.
    """
    refuse_unless_theirs_to_do(viewer, Task.LOOK)
    with services.records.work() as session:
        item = seen_by(session, name, viewer, lock=True)
        has_it = take_if_free(session, item, viewer, services) if may_do(viewer, Task.SETTLE) else None
        if ahead:
            refuse_unless_taken(item, has_it, viewer)
            note_ahead(session, item, viewer, services)
        else:
            note_look(session, item, viewer, purpose, services)
        session.commit()
    with services.records.look() as session:
        return _page(session, seen_by(session, item.id, viewer), viewer, services)


def _page(session: Session, item: Item, viewer: Viewer, services: Services) -> ItemPage:
    documents = session.scalars(select(Document.id).where(Document.item_id == item.id).order_by(Document.ordinal)).all()
    pages = pages_of(session, item.id)
    decisions = _decisions(session, documents[0]) if documents else []
    taken = who_has(session, item.id, idle_before(services))
    clock = next_due(item.case) if item.case else None
    return ItemPage(
        item=item.id,
        reference=item.reference,
        channel=item.channel,
        file_name=item.file_name,
        received_at=item.received_at,
        assumed=item.receipt_assumed,
        state=item.state,
        run=item.run,
        busy=item.next_stage in _BEFORE_THE_CASE,
        urgent=item.urgent,
        limited=item.sensitivity is Sensitivity.LIMITED,
        due=due(clock.name, clock.due_at, services.now()) if clock else None,
        why=cause_in_words(item.cause),
        problem=item.problem,
        suggestions=_suggestions(session, decisions, pages, services),
        decided=_decided(decisions[-1], services) if decisions else None,
        fields=_fields(session, documents, pages),
        pages=tuple(pages),
        taken_by=taken.account if taken else None,
        notes=tuple(note for note in referrals_of(session, item.id) if note.ended_at is None),
        message=acknowledgement_of(session, item.id),
        neighbours=tuple(neighbours_of(session, item, viewer, most=_NEIGHBOURS)),
        cases=tuple(possible_cases(session, item, viewer, services)) if item.state is ItemState.EXCEPTION else (),
        hinted=hinted(session, item, services),
        asks_when=_asks_when(session, item, documents, services),
        quarantined=any(original.quarantined for original in item.originals),
        held=hold_in_force(session, item.id) is not None,
        question=question_about(session, item, services),
    )


def _asks_when(session: Session, item: Item, documents: Sequence[str], services: Services) -> bool:
    if not (item.receipt_assumed and documents and is_one_of_us(item, services)):
        return False
    return bool(session.get_one(Document, documents[0]).headers.get("forwarded"))


def _decisions(session: Session, document_id: str) -> Sequence[DecisionRow]:
    query = select(DecisionRow).where(DecisionRow.document_id == document_id)
    return session.scalars(query.order_by(DecisionRow.id)).all()


def _suggestions(
    session: Session, decisions: Sequence[DecisionRow], pages: Sequence[PageLine], services: Services
) -> tuple[Suggested, ...]:
    """Return what was suggested last: a person's decision suggests nothing, and what came before it may be right."""
    told: Sequence[Mapping[str, Any]] = next((row.suggestions for row in reversed(decisions) if row.suggestions), ())
    known = [one for one in told if one["case_type"] in services.catalogue.services]
    searched = [page for page in pages if page.picture][:PAGES_SEARCHED]
    words = words_on(session, [page.id for page in searched]) if known else {}
    ready = {page.place: SearchedPage(words.get(page.id, ())) for page in searched}
    return tuple(_suggested(number, one, ready, services) for number, one in enumerate(known, start=1))


def _suggested(
    number: int, told: Mapping[str, Any], pages: Mapping[int, SearchedPage], services: Services
) -> Suggested:
    service = services.catalogue.services[told["case_type"]]
    team = services.catalogue.teams[service.team]
    reasons = placed(told["reasons"], pages)
    return Suggested(
        number, service.key, service.title, team.key, team.name, service.limited, told["confidence"], reasons
    )


def _decided(row: DecisionRow, services: Services) -> Decided:
    team = services.catalogue.teams.get(row.team)
    by = "the mailroom" if row.actor.startswith("machine:") else row.actor
    if row.decided_by is DecidedBy.IMPORT:
        by = "an older system"
    name = team.name if team else row.team
    return Decided(row.case_type, title_of(row.case_type, services), row.team, name, by, row.confidence, row.settled)


def _fields(session: Session, document_ids: Sequence[str], pages: Sequence[PageLine]) -> tuple[Field, ...]:
    places = {(page.document_id, page.number): page.place for page in pages}
    rows = session.scalars(select(FieldRow).where(FieldRow.document_id.in_(document_ids)).order_by(FieldRow.id))
    found: dict[str, Field] = {}
    for row in sorted(rows, key=lambda row: document_ids.index(row.document_id)):
        place = places.get((row.document_id, row.page)) if row.page is not None else None
        found.setdefault(row.name, _field(row, place))
    basic = [found.pop(name, Field(name)) for name in BASIC_FIELDS]
    return (*basic, *found.values())


def _field(row: FieldRow, place: int | None) -> Field:
    return Field(
        name=row.name,
        value=row.value,
        confidence=row.confidence,
        place=place,
        box=tuple(row.box) if row.box else None,
        doubtful=row.confidence < SURE,
        by_person=row.source == "person",
    )
