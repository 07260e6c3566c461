"""The conditions under which an item is what somebody looks for, but for the words of its text and who may see it.

Before: `wanted.py` says what is known. After: `finding.py` asks for what meets it all. Where very many have something,
the database asks each item whether it has it; else it begins with those that do.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, exists, func, literal, or_, select
from sqlalchemy.orm import InstrumentedAttribute, Session, aliased

from mailroom.domain.items import ItemState
from mailroom.domain.references import near_references, read_reference
from mailroom.records.ledger import EVER
from mailroom.records.tables import Case, Document, FieldRow, Item, Original, fold
from mailroom.records.wanted import AtHand, Wanted

MANY = 10_000
"""Where more than so many match, it is quicker to ask each item whether it does, from the newest on."""

_FEW_ON_A_SERVER = 1000
"""PostgreSQL asks ten matches for something in the time in which it gathers one item."""

_A_FULL_DESK = 2000
"""Where more than so many wait, it is quicker to begin with what matches, or with the newest, than with what waits."""

_SHA256 = re.compile(r"[0-9a-fA-F]{64}")
_POSTCODE = re.compile(r"([a-z]{1,2}[0-9][a-z0-9]?) *([0-9][a-z]{2})", re.IGNORECASE)


def filters_of(session: Session, wanted: Wanted) -> list[ColumnElement[bool]]:
    """Return what is asked of an item beside words."""
    known = ((Item.channel, wanted.channel), (Item.state, wanted.state))
    told = [(column, value) for column, value in known if value is not None]
    beside = bool(told) and leaves_few(session, wanted)  # those few are begun with: most items have the same state
    filters = [(_in_no_index(column) if beside else column) == value for column, value in told]
    if wanted.days != EVER:
        filters.append(wanted.days.covers(Item.received_at))
    if of_case := _of_case(wanted):
        filters.append(_has_case(session, of_case))
    if wanted.name:
        filters.append(Item.id.in_(_of_sender(wanted.name)))
    if wanted.postcode:
        filters.append(Item.id.in_(_from(wanted.postcode)))
    if wanted.at_hand is not None:
        filters.append(_is_at_hand(session, wanted.at_hand))
    return filters


def leaves_few(session: Session, wanted: Wanted) -> bool:
    """Return whether so few have one of these things that it is quicker to gather them than to ask each match for it.

    Words that stand in very many texts would else be gone through for nothing. What is asked together is not counted
    together: to find out that a team has few letters of some days takes longer than the search itself.
    """
    sources = []
    if of_case := _of_case(wanted):
        sources.append(select(Case.id).where(*of_case))
    if wanted.name:
        sources.append(_of_sender(wanted.name))
    if wanted.postcode:
        sources.append(_from(wanted.postcode))
    most = MANY if session.get_bind().dialect.name == "sqlite" else min(MANY, _FEW_ON_A_SERVER)
    return any(not _reaches(session, rows, most) for rows in sources)


def meant_alone(words: str) -> ColumnElement[bool] | None:
    """Return the condition where somebody typed what names one item: a reference, also with one slip, or a digest.

    What came from another mailroom has a new reference; its sender was told the old one, and that may be ours as well.
    """
    reference = read_reference(words)
    if reference is not None:
        ours = select(Item.id).where(Item.reference == reference)
        return Item.id.in_(ours.union_all(_with_field([reference], FieldRow.name == "old_reference")))
    near = near_references(words)
    if near:
        return Item.reference.in_(near)
    if _SHA256.fullmatch(words):
        return Item.id.in_(select(Original.item_id).where(Original.sha256 == words.lower()))
    return None


def has_marks(words: str) -> list[Select[str]]:
    """Return the queries for the ids of items that have the words as a value of index data, or as a mark of a mail."""
    found = _with_field(ways_of_writing(words))
    return [found, _of_envelope(words)] if _is_of_an_envelope(words) else [found]


def ways_of_writing(words: str) -> Sequence[str]:
    """Return the words, and where they are a postcode, how else that is written: people leave its space out."""
    postcode = _POSTCODE.fullmatch(words)
    return (words, "".join(postcode.groups()), " ".join(postcode.groups())) if postcode else (words,)


def _with_field(ways: Sequence[str], *which: ColumnElement[bool]) -> Select[str]:
    same = FieldRow.folded.in_(sorted({fold(way) for way in ways}))
    return select(Document.item_id).join(FieldRow, FieldRow.document_id == Document.id).where(same, *which)


def _is_of_an_envelope(words: str) -> bool:
    """Whether it may be an address or a Message-ID: no other words are worth a look at every item there is."""
    return "@" in words or words.startswith("<")


def _of_envelope(words: str) -> Select[str]:
    """Find by what stands in no letter: the address that the channel proves, as a server spells it, or a Message-ID."""
    sent, bare = aliased(Item), words.removeprefix("<").removesuffix(">")
    known = or_(sent.proven_sender.in_({bare, bare.lower()}), sent.message_id == f"<{bare}>")
    return select(sent.id).where(known)


def _is_at_hand(session: Session, at_hand: AtHand) -> ColumnElement[bool]:
    """Begin with the few that are at hand: what matches the words may be very many, over all the years."""
    waits = select(Item.id).where(Item.state.in_((ItemState.EXCEPTION, ItemState.WAITING)))
    lies_there = select(Item.id).where(Item.desk == at_hand.desk)
    through = select(Item.id).where(and_(Item.next_stage.is_(None), Item.changed_at >= at_hand.since))
    full = _reaches(session, waits, _A_FULL_DESK)
    item_id = _in_no_index(Item.id) if full else Item.id
    return or_(*(item_id.in_(ids) for ids in (waits, lies_there, through)))


def _of_case(wanted: Wanted) -> list[ColumnElement[bool]]:
    told = ((Case.case_type, wanted.case_type), (Case.team, wanted.team))
    return [column == value for column, value in told if value is not None]


def _of_sender(name: str) -> Select[str]:
    return _with_field([name], FieldRow.name == "sender_name")


def _from(postcode: str) -> Select[str]:
    return _with_field(ways_of_writing(postcode), FieldRow.name == "sender_postcode")


def _in_no_index(column: InstrumentedAttribute[Any]) -> ColumnElement[str]:
    """Return the column with something put to it: so it is asked of each item, and looked up in no index."""
    return column.concat("")


def _has_case(session: Session, of_case: Sequence[ColumnElement[bool]]) -> ColumnElement[bool]:
    cases = select(Case.id).where(*of_case)
    if _reaches(session, cases, MANY):
        return exists().where(Case.id == Item.case_id, *of_case)
    return Item.case_id.in_(cases)


def _reaches(session: Session, rows: Select[Any], number: int) -> bool:
    """Return whether there are more rows than so many; no more than that are counted."""
    bare = rows.with_only_columns(literal(1), maintain_column_froms=True).limit(number + 1)
    counted = session.scalar(select(func.count()).select_from(bare.subquery())) or 0
    return counted > number
