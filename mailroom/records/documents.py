"""Documents, pages, renditions, decisions and index data of an item, written by the stages that make them.

A stage that runs again replaces what it wrote before. Decisions are added to, so that the older ones stay; but an item
that is unpacked again gets new documents, and what was decided on the old ones goes with them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from dataclasses import fields as columns_of
from datetime import datetime
from typing import Any

from sqlalchemy import Insert, bindparam, delete, insert, select
from sqlalchemy.orm import Session

from mailroom.domain.decision import Decision, IndexField, Urgency
from mailroom.records.items import new_id
from mailroom.records.tables import DecisionRow, Document, FieldRow, Item, Page, Rendition, table_of

PAGE_BREAK = "\f"
BY_A_PERSON = "person"
"""Source of index data that somebody typed."""

BY_A_HEAD = "header"
"""Source of index data that the head of a mail names which one of us passed on."""

# Rows that come and go many at a time are written past the session's bookkeeping, each statement built once.
_pages, _renditions, _fields = table_of(Page), table_of(Rendition), table_of(FieldRow)
_INSERT_PAGES, _INSERT_RENDITIONS, _INSERT_FIELDS = insert(_pages), insert(_renditions), insert(_fields)
_DELETE_PAGES = delete(_pages).where(_pages.c.document_id == bindparam("document_id"))
_DELETE_RENDITIONS = delete(_renditions).where(
    _renditions.c.item_id == bindparam("item_id"),
    _renditions.c.parent_sha256.in_(bindparam("made_from", expanding=True)),
)
_DELETE_FIELDS = delete(_fields).where(
    _fields.c.document_id == bindparam("document_id"), _fields.c.name.in_(bindparam("names", expanding=True))
)
_DOCUMENTS_OF = select(Document.id).where(Document.item_id == bindparam("item_id"))


@dataclass(frozen=True, slots=True)
class NewPage:
    """One side of paper as it was read; the columns of `Page`."""

    number: int
    width: int
    height: int
    dpi: int
    rotation: int
    blank: bool
    damaged: bool
    text: str
    confidence: float
    unread: float
    words: list[Any]
    made_by: str


@dataclass(frozen=True, slots=True)
class NewRendition:
    """Something made from an original and already kept in the vault; the columns of `Rendition`."""

    kind: str
    page: int | None
    sha256: str
    size: int
    key: str
    media_type: str
    parent_sha256: str
    made_by: str


@dataclass(frozen=True, slots=True)
class DocumentReading:
    """What reading gave of one document."""

    pages: tuple[NewPage, ...]
    renditions: tuple[NewRendition, ...] = ()

    @property
    def text(self) -> str:
        """The words of all pages, parted by form feeds."""
        return PAGE_BREAK.join(page.text for page in self.pages)

    @property
    def confidence(self) -> float:
        """How well the pages that are not blank were read, 0 to 1."""
        told = [page.confidence for page in self.pages if not page.blank]
        return sum(told) / len(told) if told else 1.0


@dataclass(frozen=True, slots=True)
class NewDocument:
    """A document that was found in an original: its kind, its pages, the head of a message, what is typed in it."""

    original_id: str
    media_type: str
    page_count: int = 0
    headers: dict[str, Any] = field(default_factory=dict)
    typed: DocumentReading | None = None


def replace_documents(session: Session, item: Item, found: Sequence[NewDocument], now: datetime) -> list[Document]:
    """Put down the item's documents in place of those it had, what is typed as read."""
    _remove_documents(session, item)
    documents = [
        Document(
            id=new_id(),
            item_id=item.id,
            original_id=new.original_id,
            ordinal=ordinal,
            media_type=new.media_type,
            page_count=new.page_count,
            text=new.typed.text if new.typed else None,
            confidence=new.typed.confidence if new.typed else None,
            headers=new.headers,
        )
        for ordinal, new in enumerate(found, start=1)
    ]
    session.add_all(documents)
    session.flush()
    for document, new in zip(documents, found, strict=True):
        if new.typed is not None:
            _put_pages(session, document, new.typed, now)
    return documents


def _remove_documents(session: Session, item: Item) -> None:
    former = session.scalars(_DOCUMENTS_OF, {"item_id": item.id}).all()
    if former:
        for rows in (Page, DecisionRow, FieldRow):
            session.execute(delete(rows).where(rows.document_id.in_(former)))
        session.execute(delete(Document).where(Document.id.in_(former)))
        item.precedence, item.suggested = 1, None


def add_reading(session: Session, document: Document, reading: DocumentReading, made_at: datetime) -> None:
    """Put down what reading gave of one document, in place of an earlier reading."""
    document.text, document.confidence = reading.text, reading.confidence
    document.page_count = len(reading.pages)
    session.execute(_DELETE_PAGES, {"document_id": document.id})
    _put_pages(session, document, reading, made_at)


def _put_pages(session: Session, document: Document, reading: DocumentReading, made_at: datetime) -> None:
    """Put down pages, and what was made of their original in place of what had been made of it."""
    _insert_all(session, _INSERT_PAGES, [{"document_id": document.id, **_row(page)} for page in reading.pages])
    made_from = {new.parent_sha256 for new in reading.renditions}
    if made_from:
        session.execute(_DELETE_RENDITIONS, {"item_id": document.item_id, "made_from": sorted(made_from)})
    of_item = {"item_id": document.item_id, "made_at": made_at}
    _insert_all(session, _INSERT_RENDITIONS, [{"id": new_id(), **of_item, **_row(new)} for new in reading.renditions])


def _row(new: NewPage | NewRendition | IndexField) -> dict[str, Any]:
    """Return the columns of a new row; the words of a page are handed on, not copied as `asdict` would."""
    return {column.name: getattr(new, column.name) for column in columns_of(new)}


def _insert_all(session: Session, statement: Insert, rows: Sequence[Mapping[str, Any]]) -> None:
    if rows:
        session.execute(statement, rows)


def add_decision(session: Session, document_id: str, decision: Decision, *, actor: str, at: datetime) -> None:
    """Put a decision into force; the earlier ones stay below it."""
    session.add(
        DecisionRow(
            document_id=document_id,
            case_type=decision.case_type,
            team=decision.team,
            sensitivity=decision.sensitivity,
            statutory=decision.statutory,
            urgency=decision.urgency,
            confidence=decision.confidence,
            decided_by=decision.decided_by,
            actor=actor,
            reasons=list(decision.reasons),
            suggestions=[asdict(suggestion) for suggestion in decision.suggestions],
            settled=decision.settled,
            decided_at=at,
        )
    )


def set_fields(session: Session, document_id: str, found: Iterable[IndexField]) -> None:
    """Put down index data in place of what was there under the same names."""
    rows = [{"document_id": document_id, **_row(one)} for one in found]
    session.execute(_DELETE_FIELDS, {"document_id": document_id, "names": [row["name"] for row in rows]})
    _insert_all(session, _INSERT_FIELDS, rows)


def decision_in_force(item: Item) -> DecisionRow | None:
    """Return the newest decision on the item's first document, or None."""
    decisions = item.documents[0].decisions if item.documents else []
    return decisions[-1] if decisions else None


def note_decision(item: Item) -> None:
    """Repeat in the item's row what queues are ordered and grouped by; whatever changes what is in force ends so."""
    decision = decision_in_force(item)
    suggested = [one["case_type"] for one in decision.suggestions] if decision is not None else []
    _repeat(item, decision.urgency if decision is not None else None, suggested)


def note_new_decision(item: Item, decision: Decision) -> None:
    """Do the same with a decision that has just been put into force, without reading what it was put upon."""
    if item.documents:
        _repeat(item, decision.urgency, [one.case_type for one in decision.suggestions])


def _repeat(item: Item, urgency: str | None, suggested: Sequence[str]) -> None:
    item.precedence = 0 if urgency == Urgency.URGENT else 1
    item.suggested = suggested[0] if suggested else None


def fields_of(item: Item) -> dict[str, FieldRow]:
    """Return the item's index data by name with where each comes from, the first document's word first."""
    found: dict[str, FieldRow] = {}
    for document in item.documents:
        for row in document.fields:
            found.setdefault(row.name, row)
    return found


def index_of(item: Item) -> dict[str, str]:
    """Return the item's index data by name, the first document's word first."""
    return {name: row.value for name, row in fields_of(item).items()}
