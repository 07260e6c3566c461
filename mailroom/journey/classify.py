"""Decides what each item is, how sensitive it is and whether a person must look; finds its index data.

Before: the item has its text. After: a decision is in force, settled or not, the words may be searched by those who may
see them, and `open_case` acts on it; what belongs to a case that there is already has been added to that. Sensitivity,
decision and search index are written in one commit.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from sqlalchemy.orm import Session, joinedload

from classifiers.classifier import Evidence, PlacedWord, Verdict
from classifiers.fields import Field
from mailroom.domain.catalogue import Service
from mailroom.domain.contacts import Candidate, Match, Writer, contact
from mailroom.domain.deciding import MOST_UNREAD, Doubt, Finding, decide
from mailroom.domain.decision import Decision, IndexField, Suggestion
from mailroom.domain.imported import Told, as_sensitive_as_told, decided_by_index
from mailroom.domain.unopened import files_unopened, number_unopened
from mailroom.journey import after
from mailroom.journey.boxes import with_box
from mailroom.journey.contact import cases_for, writer_of
from mailroom.journey.set_aside import mark_aside
from mailroom.journey.stage import Turn, closing, note, opening
from mailroom.records.contacts import add_to_case, shield_contacts
from mailroom.records.documents import (
    BY_A_HEAD,
    BY_A_PERSON,
    PAGE_BREAK,
    add_decision,
    note_new_decision,
    set_fields,
)
from mailroom.records.imports import told_of
from mailroom.records.items import item_with, pass_on
from mailroom.records.search import index_item
from mailroom.records.tables import Case, Document, Item, Page
from mailroom.services import Services

_LOOKED_AT = item_with(joinedload(Item.documents))

_MOST_SUGGESTIONS = 5


def classify(item_id: str, services: Services) -> None:
    """Sort the item: its first document decides, with the words of all of them."""
    with opening(item_id, "classify", services, _LOOKED_AT) as (turn, item, _):
        evidence = evidence_of(item)
        documents = [(document, list(document.pages)) for document in item.documents]  # loads them: sorting takes long
    finding = finding_of(item, services.classifier.classify(evidence), services)
    found = _index_data(documents, evidence, services)
    with closing(turn, services) as (item, session):
        told = told_of(session, item)
        index = [{field.name: field.value for field in fields} for fields in found.values()]
        writer = writer_of(item, index, services)
        if told is not None:
            decision, doubt, match = _decide_as_told(told, finding, services)
            found = _as_told(told, found)
        else:
            decision, doubt, match = _decide(finding, cases_for(session, item, services), writer, services)
        for document in item.documents:
            set_fields(session, document.id, _not_typed(found[document.id], item))
        put_decision(session, item, decision, actor="machine:classify", services=services)
        index_item(session, item, evidence.text if told is None else f"{evidence.text}\n{told.words()}")
        if match is not None:
            add_to_case(session, item, session.get_one(Case, match.candidate.case_id), services.now())
        _go_on(session, turn, item, decision, doubt, services)


def _decide(
    finding: Finding, candidates: Sequence[Candidate], writer: Writer, services: Services
) -> tuple[Decision, Doubt | None, Match | None]:
    """Return the decision, the doubt that keeps it open, and the case there is already that the item belongs to."""
    catalogue = services.catalogue
    alone = decide(finding, catalogue.services, catalogue.threshold)
    return contact(candidates, writer, finding, alone, catalogue.services)


def _decide_as_told(told: Told, finding: Finding, services: Services) -> tuple[Decision, Doubt | None, Match | None]:
    """Return what the index of an older system has decided; what it leaves open is sorted like new work."""
    catalogue = services.catalogue
    service = catalogue.services.get(told.case_type or "")
    if service is None:
        decision, doubt = decide(as_sensitive_as_told(told, finding), catalogue.services, catalogue.threshold)
        return decision, doubt, None
    return decided_by_index(told, service, sensitive=finding.sensitive, urgent=finding.urgent), None, None


def _as_told(told: Told, found: Mapping[str, Sequence[IndexField]]) -> dict[str, list[IndexField]]:
    """Return the index data with what the index of an older system says in place of what was read."""
    given = told.index_fields()
    names = {field.name for field in given}
    read = {of: [field for field in fields if field.name not in names] for of, fields in found.items()}
    first = next(iter(read), None)
    return read if first is None else {**read, first: [*given, *read[first]]}


def evidence_of(item: Item) -> Evidence:
    """Return what sorting works from."""
    headers = item.documents[0].headers if item.documents else {}
    return Evidence(
        text=PAGE_BREAK.join(document.text or "" for document in item.documents),
        file_name=item.file_name,
        channel=item.channel,
        sender=item.proven_sender or "",
        subject=headers.get("subject", ""),
        hint_case_type=item.hint_case_type,
        hint_team=item.hint_team,
        signs=frozenset(headers.get("flags", ())),
        text_confidence=min((document.confidence or 0.0 for document in item.documents), default=0.0),
        words=_words_of(item.documents[0].pages if item.documents else []),
    )


def _words_of(pages: Sequence[Page]) -> tuple[PlacedWord, ...]:
    """Return the words of the first page, which is where letters say who sent them."""
    words = pages[0].words if pages else []
    return tuple(PlacedWord(text, sure, (*box,), line) for text, sure, *box, line in words)


def finding_of(item: Item, verdict: Verdict, services: Services) -> Finding:
    """Return what sorting found out, in the mailroom's own words."""
    known = [c for c in verdict.candidates if c.label in services.catalogue.services]
    statutory, team = verdict.flag("statutory"), services.catalogue.teams.get(item.hint_team or "")
    pages = [page for document in item.documents for page in document.pages]
    return Finding(
        suggestions=[Suggestion(c.label, c.confidence, c.reasons) for c in known[:_MOST_SUGGESTIONS]],
        sensitive=verdict.sensitive or _is_limited(item.hint_case_type, services),
        statutory=statutory.value if statutory else None,
        urgent=any(verdict.flag(name) for name in ("urgent", "chaser")),
        readable=any((document.text or "").strip() for document in item.documents),
        damaged_pages=[page.number for page in pages if page.damaged],
        unread_pages=[page.number for page in pages if page.unread > MOST_UNREAD],
        attachments=sum(number_unopened(document.headers) for document in item.documents),
        unopened=[file for document in item.documents for file in files_unopened(document.headers)],
        hinted=team.name if team else "",
    )


def put_decision(session: Session, item: Item, decision: Decision, *, actor: str, services: Services) -> None:
    """Put the decision into force on the item and its documents, in the caller's unit of work."""
    for document in item.documents:
        add_decision(session, document.id, decision, actor=actor, at=services.now())
        session.expire(document, ["decisions"])
    item.sensitivity = decision.sensitivity
    item.settled = decision.settled
    item.team = decision.team if decision.settled else None
    note_new_decision(item, decision)
    shield_contacts(item)


def _go_on(
    session: Session, turn: Turn, item: Item, decision: Decision, doubt: Doubt | None, services: Services
) -> None:
    details = {"settled": decision.settled, "confidence": round(decision.confidence, 3)}
    note(session, turn, "classified", services, details=details)
    if doubt is None:
        pass_on(item, after("classify"), services.now())
    else:
        mark_aside(session, turn, item, doubt.cause, doubt.sentence, services)


def _is_limited(case_type: str | None, services: Services) -> bool:
    service: Service | None = services.catalogue.services.get(case_type or "")
    return service is not None and service.limited


def _index_data(
    documents: Sequence[tuple[Document, Sequence[Page]]], evidence: Evidence, services: Services
) -> dict[str, list[IndexField]]:
    """Return the index data that each document brings, by its id: each kind comes from the first that says it.

    So the name of whoever writes is found in the letter that is attached where the mail only says "see attached".
    """
    known: set[str] = set()
    brought: dict[str, list[IndexField]] = {}
    for document, pages in documents:
        fields = _index_data_of(document, pages, evidence, services)
        brought[document.id] = [field for field in fields if field.name not in known]
        known |= {field.name for field in fields}
    return brought


def _index_data_of(
    document: Document, pages: Sequence[Page], evidence: Evidence, services: Services
) -> list[IndexField]:
    """Return the surest value of each kind of index data, with the box of its words where they stand on paper."""
    sure = document.confidence or 0.0
    alone = replace(evidence, text=document.text or "", text_confidence=sure, words=_words_of(pages))
    surest: dict[str, Field] = {}
    for found in services.fields.find(alone):
        surest.setdefault(found.name, found)
    return [_index_field(found, alone, pages) for found in surest.values()]


def _not_typed(found: Sequence[IndexField], item: Item) -> list[IndexField]:
    """Return the fields that no person has typed, whose word stands whenever the item is sorted again.

    Nor does what one of us signs, who passed it on, take the place of whoever that mail's own head names.
    """
    surer = (BY_A_HEAD, BY_A_PERSON)
    typed = {field.name for document in item.documents for field in document.fields if field.source in surer}
    return [field for field in found if field.name not in typed]


def _index_field(found: Field, evidence: Evidence, pages: Sequence[Page]) -> IndexField:
    field = IndexField(found.name, found.value, found.confidence, found.page, found.box)
    written = evidence.pages[found.page - 1][found.start : found.end]
    return field if found.box else with_box(field, written, pages)
