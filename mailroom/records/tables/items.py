"""Items with all that hangs on them, and the cases they belong to.

Before: the door puts an item down. After: each stage adds its rows; `records/items.py`, `documents.py`, `cases.py` and
their neighbours write them.
"""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.engine.default import DefaultExecutionContext
from sqlalchemy.orm import Mapped, mapped_column, relationship

from mailroom.domain.capture import Channel
from mailroom.domain.decision import DecidedBy, Sensitivity, Urgency
from mailroom.domain.items import ItemState
from mailroom.domain.references import number_in
from mailroom.records.tables.base import LARGE, Base

NEVER = datetime(9999, 12, 31, tzinfo=UTC)
"""When something is due for which no clock runs: a moment, so that an index keeps the order of what waits."""


_IN_ORDER = ("precedence", "due_at", "received_at", "id", "sensitivity")
"""The order in which exceptions wait, and what decides who may see them."""

_COUNTED_BY = ("received_at", "reference", "channel", "state", "captured_at", "settled", "id", "imported")
"""What figures are counted from, without a look at the items themselves."""


class ReceiptRow(Base):
    """One line of the door's own ledger: what was delivered and accepted. Never changed."""

    __tablename__ = "receipt"
    id: Mapped[int] = mapped_column(primary_key=True)
    channel: Mapped[Channel]
    source: Mapped[str] = mapped_column(unique=True)
    item_id: Mapped[str]
    taken_at: Mapped[datetime]
    way: Mapped[str] = mapped_column(default="")

    __table_args__ = (Index("receipt_by_item", "item_id", "channel"), Index("receipt_by_way", "way", "taken_at"))


def _number_of(made: DefaultExecutionContext) -> int | None:
    return number_in(made.get_current_parameters()["reference"])  # type: ignore[no-untyped-call]  # SQLAlchemy's own


class Item(Base):
    """One communication from one sender. The row is the truth about where it stands.

    `precedence` (0 for what is urgent, 1 for the rest) and `suggested` (the likeliest case type) repeat what the newest
    decision says, `due_at` the earliest clock of the case that runs and is not met (`NEVER` where none does), `desk`
    the team that has it before it now: that is what queues are ordered and counted by. `number` is the reference's own,
    which grows with every arrival: searches go by it. `imported` says as what it was brought over from an older system;
    such an item has a line of its own on the ledger and counts in no figure of the promise.
    """

    __tablename__ = "item"
    id: Mapped[str] = mapped_column(primary_key=True)
    reference: Mapped[str] = mapped_column(unique=True)
    number: Mapped[int | None] = mapped_column(default=_number_of)
    channel: Mapped[Channel]
    file_name: Mapped[str]
    received_at: Mapped[datetime]
    receipt_assumed: Mapped[bool]
    taken_at: Mapped[datetime]
    proven_sender: Mapped[str | None] = mapped_column(index=True)
    message_id: Mapped[str | None] = mapped_column(index=True)
    hint_team: Mapped[str | None]
    hint_case_type: Mapped[str | None]
    defect: Mapped[str | None]
    imported: Mapped[str | None]
    repeat_of: Mapped[str | None] = mapped_column(ForeignKey("item.id"))
    parent_id: Mapped[str | None] = mapped_column(ForeignKey("item.id"))
    joined_into: Mapped[str | None] = mapped_column(ForeignKey("item.id"))

    state: Mapped[ItemState]
    next_stage: Mapped[str | None]
    run: Mapped[int] = mapped_column(default=1)
    cause: Mapped[str | None]
    problem: Mapped[str | None]
    child_deaths: Mapped[int] = mapped_column(default=0)
    service_deaths: Mapped[int] = mapped_column(default=0)
    attempts: Mapped[int] = mapped_column(default=0)
    not_before: Mapped[datetime | None]
    changed_at: Mapped[datetime]

    sensitivity: Mapped[Sensitivity | None]
    settled: Mapped[bool] = mapped_column(default=False)
    team: Mapped[str | None]
    case_id: Mapped[str | None] = mapped_column(ForeignKey("case_file.id"))
    captured_at: Mapped[datetime | None]

    precedence: Mapped[int] = mapped_column(default=1)
    suggested: Mapped[str | None]
    due_at: Mapped[datetime] = mapped_column(default=NEVER)
    desk: Mapped[str | None]

    originals: Mapped[list[Original]] = relationship(back_populates="item", order_by="Original.ordinal")
    documents: Mapped[list[Document]] = relationship(back_populates="item", order_by="Document.ordinal")
    case: Mapped[Case | None] = relationship(back_populates="items")

    @property
    def is_contact(self) -> bool:
        """Whether it was added to a case that was opened for another item."""
        return self.case is not None and self.case.opened_for != self.id

    @property
    def urgent(self) -> bool:
        """Whether it comes before all that is not."""
        return self.precedence == 0

    @property
    def has_deadline(self) -> bool:
        """Whether a clock of its case runs and is not met."""
        return self.due_at != NEVER

    __table_args__ = (
        Index("item_by_number", "number", unique=True),
        Index("item_by_state", "state", "received_at"),
        Index("item_by_channel", "channel", "received_at"),
        Index("item_unfinished", "next_stage", "changed_at"),
        Index("item_by_case", "case_id", "received_at", "state"),
        Index("item_by_receipt", *_COUNTED_BY),
        Index("item_in_queue", "state", *_IN_ORDER),
        Index("item_alike", "state", "cause", "suggested", *_IN_ORDER),
        Index("item_late", "state", "channel", "due_at", "sensitivity"),
        Index("item_on_desk", "desk", "due_at", "received_at", "sensitivity", "settled", "team", "case_id", "id"),
    )


class ToldRow(Base):
    """What the index of an older system says of an item that was open there, until it is sorted by it."""

    __tablename__ = "told_by_index"
    item_id: Mapped[str] = mapped_column(ForeignKey("item.id"), primary_key=True)
    told: Mapped[dict[str, Any]]


class Original(Base):
    """The bytes as received, or the extract that stands for them in a part of a batch.

    `quarantined` says why nobody opens it, as `domain/quarantine.py` reads it; None where nothing speaks against that.
    """

    __tablename__ = "original"
    id: Mapped[str] = mapped_column(primary_key=True)
    item_id: Mapped[str] = mapped_column(ForeignKey("item.id"), index=True)
    ordinal: Mapped[int]
    sha256: Mapped[str] = mapped_column(String(64), index=True)
    size: Mapped[int] = mapped_column(LARGE)
    key: Mapped[str]
    media_type: Mapped[str | None]
    file_name: Mapped[str]
    extract_of: Mapped[str | None] = mapped_column(String(64))
    first_page: Mapped[int | None]
    last_page: Mapped[int | None]
    stored_at: Mapped[datetime]
    quarantined: Mapped[str | None]

    item: Mapped[Item] = relationship(back_populates="originals")


class Document(Base):
    """One logical document in an item."""

    __tablename__ = "document"
    id: Mapped[str] = mapped_column(primary_key=True)
    item_id: Mapped[str] = mapped_column(ForeignKey("item.id"), index=True)
    original_id: Mapped[str] = mapped_column(ForeignKey("original.id"))
    ordinal: Mapped[int]
    media_type: Mapped[str]
    page_count: Mapped[int]
    text: Mapped[str | None]
    confidence: Mapped[float | None]
    headers: Mapped[dict[str, Any]] = mapped_column(default=dict)

    item: Mapped[Item] = relationship(back_populates="documents")
    original: Mapped[Original] = relationship()
    pages: Mapped[list[Page]] = relationship(back_populates="document", order_by="Page.number")
    decisions: Mapped[list[DecisionRow]] = relationship(back_populates="document", order_by="DecisionRow.id")
    fields: Mapped[list[FieldRow]] = relationship(back_populates="document", order_by="FieldRow.id")


class Page(Base):
    """One side of paper: its text, its words with boxes and confidences, its image for the screen."""

    __tablename__ = "page"
    id: Mapped[int] = mapped_column(primary_key=True)
    document_id: Mapped[str] = mapped_column(ForeignKey("document.id"), index=True)
    number: Mapped[int]
    width: Mapped[int]
    height: Mapped[int]
    dpi: Mapped[int]
    rotation: Mapped[int]
    blank: Mapped[bool]
    damaged: Mapped[bool]
    text: Mapped[str]
    confidence: Mapped[float]
    unread: Mapped[float]
    words: Mapped[list[Any]]
    made_by: Mapped[str]

    document: Mapped[Document] = relationship(back_populates="pages")
    __table_args__ = (UniqueConstraint("document_id", "number"),)


class Rendition(Base):
    """Something made from an original, naming its maker and what it was made from."""

    __tablename__ = "rendition"
    id: Mapped[str] = mapped_column(primary_key=True)
    item_id: Mapped[str] = mapped_column(ForeignKey("item.id"), index=True)
    kind: Mapped[str]
    page: Mapped[int | None]
    sha256: Mapped[str] = mapped_column(String(64))
    size: Mapped[int] = mapped_column(LARGE)
    key: Mapped[str]
    media_type: Mapped[str]
    parent_sha256: Mapped[str] = mapped_column(String(64))
    made_by: Mapped[str]
    made_at: Mapped[datetime]


class DecisionRow(Base):
    """A decision on a document; the newest is in force, the older ones stay."""

    __tablename__ = "decision"
    id: Mapped[int] = mapped_column(primary_key=True)
    document_id: Mapped[str] = mapped_column(ForeignKey("document.id"), index=True)
    case_type: Mapped[str]
    team: Mapped[str]
    sensitivity: Mapped[Sensitivity]
    statutory: Mapped[str | None]
    urgency: Mapped[Urgency]
    confidence: Mapped[float]
    decided_by: Mapped[DecidedBy]
    actor: Mapped[str]
    reasons: Mapped[list[Any]]
    suggestions: Mapped[list[Any]]
    settled: Mapped[bool]
    decided_at: Mapped[datetime]

    document: Mapped[Document] = relationship(back_populates="decisions")
    __table_args__ = (Index("decision_by_actor", "actor", "decided_at"),)


def _folded(made: DefaultExecutionContext) -> str:
    return fold(made.get_current_parameters()["value"])  # type: ignore[no-untyped-call]  # SQLAlchemy's own


def fold(value: str) -> str:
    """Return the value as searches compare it: in lower case, with one space where there are several."""
    return " ".join(value.lower().split())


class FieldRow(Base):
    """One piece of index data, where it was read and who says so; `folded` is its value as searches compare it."""

    __tablename__ = "index_field"
    id: Mapped[int] = mapped_column(primary_key=True)
    document_id: Mapped[str] = mapped_column(ForeignKey("document.id"), index=True)
    name: Mapped[str]
    value: Mapped[str] = mapped_column(index=True)
    folded: Mapped[str] = mapped_column(index=True, default=_folded)
    confidence: Mapped[float]
    page: Mapped[int | None]
    box: Mapped[list[Any] | None]
    source: Mapped[str]

    document: Mapped[Document] = relationship(back_populates="fields")
    __table_args__ = (UniqueConstraint("document_id", "name"),)


class Case(Base):
    """The record of the matter: type, team, an owner that is never empty, and its clocks."""

    __tablename__ = "case_file"
    id: Mapped[str] = mapped_column(primary_key=True)
    reference: Mapped[str] = mapped_column(unique=True)
    opened_for: Mapped[str] = mapped_column(unique=True)
    outside_reference: Mapped[str | None]
    case_type: Mapped[str]
    team: Mapped[str]
    owner: Mapped[str]
    opened_at: Mapped[datetime]
    closed_at: Mapped[datetime | None]
    outcome: Mapped[str | None]
    brought_forward_to: Mapped[date | None]
    brought_forward_why: Mapped[str | None]

    items: Mapped[list[Item]] = relationship(back_populates="case")
    clocks: Mapped[list[Clock]] = relationship(back_populates="case", order_by="Clock.id")

    __table_args__ = (
        Index("case_by_owner", "owner", "closed_at", "id"),
        Index("case_brought_forward", "brought_forward_to", "id"),
        Index("case_by_team", "team", "closed_at"),
        Index("case_by_type", "case_type"),
        Index("case_open", "closed_at", "team", "id"),
    )


class Clock(Base):
    """One deadline of a case. Recomputed from receipt when type or date change; what was replaced stays in history."""

    __tablename__ = "clock"
    id: Mapped[int] = mapped_column(primary_key=True)
    case_id: Mapped[str] = mapped_column(ForeignKey("case_file.id"), index=True)
    name: Mapped[str]
    statutory: Mapped[bool]
    started_at: Mapped[datetime]
    due_at: Mapped[datetime]
    met_at: Mapped[datetime | None]
    replaced_at: Mapped[datetime | None]

    case: Mapped[Case] = relationship(back_populates="clocks")
    __table_args__ = (Index("clock_running", "met_at", "replaced_at", "due_at", "case_id", "name"),)


class Handoff(Base):
    """Passing an item to a team, until it is accepted or returned; `suggested` is where a returned one belongs."""

    __tablename__ = "handoff"
    id: Mapped[str] = mapped_column(primary_key=True)
    item_id: Mapped[str] = mapped_column(ForeignKey("item.id"))
    number: Mapped[int]
    team: Mapped[str] = mapped_column(index=True)
    state: Mapped[str]
    offered_at: Mapped[datetime]
    released_to: Mapped[str | None]
    answered_at: Mapped[datetime | None]
    answered_by: Mapped[str | None]
    reason: Mapped[str | None]
    return_reason: Mapped[str | None]
    suggested: Mapped[str | None]

    __table_args__ = (
        UniqueConstraint("item_id", "number"),
        Index("handoff_by_item", "item_id", "state", "number", "answered_at"),
        Index("handoff_by_state", "state", "team", "item_id"),
    )


class Withdrawal(Base):
    """The wish to take an item's released copies back, until that is done; `spared` is a team's folder used since."""

    __tablename__ = "withdrawal"
    item_id: Mapped[str] = mapped_column(ForeignKey("item.id"), primary_key=True)
    asked_at: Mapped[datetime]
    spared: Mapped[str | None]


class Correction(Base):
    """What a person changed in what the machine or another person had put down."""

    __tablename__ = "correction"
    id: Mapped[int] = mapped_column(primary_key=True)
    item_id: Mapped[str] = mapped_column(ForeignKey("item.id"), index=True)
    what: Mapped[str]
    old: Mapped[str | None]
    new: Mapped[str]
    reason: Mapped[str]
    actor: Mapped[str]
    made_at: Mapped[datetime]
    needs_second: Mapped[bool] = mapped_column(default=False)
    confirmed_by: Mapped[str | None]
