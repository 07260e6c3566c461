"""The manager's figures in SQL: what became of the promises for all that was received in some spans of time.

Before: `domain/promise.py` has cut the time into spans with one due moment each. After: sums by date of receipt and
channel; shares are taken of them later, so that they can be added up.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from functools import cache
from typing import Any

from sqlalchemy import CTE, ColumnElement, Select, and_, case, exists, func, not_
from sqlalchemy.orm import Session

from mailroom.domain.capture import Channel
from mailroom.domain.figures import Figures
from mailroom.domain.items import ItemState
from mailroom.domain.promise import Span
from mailroom.records.spans import is_embedded, is_late, items_in, span_table, values_of
from mailroom.records.tables import Acknowledgement, Correction, Handoff, Item

Key = tuple[date, Channel]
"""What figures stand under: date of receipt and channel."""


def figures(session: Session, spans: Iterable[Span], now: datetime) -> dict[Key, Figures]:
    """Return the figures of all that was received in these spans, by date of receipt and channel."""
    values, embedded = values_of(spans, now), is_embedded(session)
    found = _add_up(session, _of_items(embedded=embedded), values)
    for key, handed in _add_up(session, _of_handoffs(embedded=embedded), values).items():
        found[key] += handed
    return found


def captures(session: Session, spans: Iterable[Span], now: datetime) -> dict[Key, Figures]:
    """Return what became of the capture alone, by date of receipt and channel: the quicker question."""
    return _add_up(session, _of_captures(embedded=is_embedded(session)), values_of(spans, now))


@cache
def _of_items(*, embedded: bool) -> Select[Any]:
    span = span_table(embedded=embedded)
    query = _by_day(span, {**_captured(span), **_told(span), **_right_first_time()})
    return query.outerjoin(Acknowledgement, Acknowledgement.item_id == Item.id)


@cache
def _of_handoffs(*, embedded: bool) -> Select[Any]:
    span = span_table(embedded=embedded)
    return _by_day(span, _handed_off(span)).join(Handoff, Handoff.item_id == Item.id)


@cache
def _of_captures(*, embedded: bool) -> Select[Any]:
    span = span_table(embedded=embedded)
    return _by_day(span, _captured(span))


def _add_up(session: Session, query: Select[Any], values: Mapping[str, Any]) -> dict[Key, Figures]:
    found = {}
    for day, channel, *numbers in session.execute(query, values):
        names = query.selected_columns.keys()[2:]
        found[day, channel] = Figures(**{name: number or 0 for name, number in zip(names, numbers, strict=True)})
    return found


def _by_day(span: CTE, sums: Mapping[str, ColumnElement[int]]) -> Select[Any]:
    named = (number.label(name) for name, number in sums.items())
    return items_in(span, span.c.day, Item.channel, *named).group_by(span.c.day, Item.channel)


def _number_of(condition: ColumnElement[bool]) -> ColumnElement[int]:
    return func.sum(case((condition, 1), else_=0))


def _captured(span: CTE) -> dict[str, ColumnElement[int]]:
    return {
        "received": func.count(),
        "captured": func.count(Item.captured_at),
        "in_time": _number_of(Item.captured_at < span.c.capture),
        "late": _number_of(is_late(span)),
        "refused": _number_of(Item.state == ItemState.REFUSED),
        "in_time_without_cut_off": _number_of(Item.captured_at < span.c.without_cut_off),
    }


def _told(span: CTE) -> dict[str, ColumnElement[int]]:
    return {
        "to_tell": _number_of(Acknowledgement.state != "withheld"),
        "told": func.count(Acknowledgement.sent_at),
        "told_in_time": _number_of(Acknowledgement.sent_at < span.c.acknowledge),
        "not_told": _number_of(Acknowledgement.state == "withheld"),
    }


def _handed_off(span: CTE) -> dict[str, ColumnElement[int]]:
    accepted = Handoff.state == "accepted"
    return {
        "handed_off": _number_of(Handoff.number == 1),
        "accepted": _number_of(accepted),
        "accepted_in_time": _number_of(and_(accepted, Handoff.answered_at < span.c.hand_off)),
        "returned": _number_of(Handoff.state == "returned"),
    }


def _right_first_time() -> dict[str, ColumnElement[int]]:
    """A person's decision always leaves a correction, so what is settled without one was settled by the machine."""
    corrected = exists().where(Correction.item_id == Item.id)
    returned = exists().where(Handoff.item_id == Item.id, Handoff.state == "returned")
    by_the_machine = and_(Item.state == ItemState.CAPTURED, Item.settled)
    return {
        "sorted": _number_of(Item.state.not_in((ItemState.WAITING, ItemState.REFUSED))),
        "right_first_time": _number_of(and_(by_the_machine, not_(corrected), not_(returned))),
    }
