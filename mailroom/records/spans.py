"""Spans of time as a table that queries join items to: `domain/promise.py` in SQL.

Before: the time somebody asks about is cut into spans with one due moment each. After: `figures.py` and `late.py` count
on which side of its moment each item lies. Moments stand there as the first at which it is too late. What they ask is
the same each time, so queries are put together once; spans and the time of day are given to them as `values_of` says.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from functools import cache
from typing import Any

from sqlalchemy import (
    CTE,
    JSON,
    ColumnElement,
    Date,
    Select,
    and_,
    bindparam,
    cast,
    column,
    func,
    or_,
    select,
    type_coerce,
)
from sqlalchemy.orm import Session

from mailroom.domain.items import COUNTED, ItemState
from mailroom.domain.promise import ACKNOWLEDGE, CAPTURE, HAND_OFF, Span
from mailroom.records.ledger import Days
from mailroom.records.tables import Instant, Item

NOW = bindparam("now", type_=Instant)
"""The time of day, in a query that is put together before it is known."""

_MOMENTS = ("begins", "ends", "capture", "without_cut_off", "acknowledge", "hand_off")
_COLUMNS = ("day", *_MOMENTS)
_A_SECOND, _A_DAY = timedelta(seconds=1), timedelta(days=1)
_LONG = timedelta(days=366)
"""A period up to this is taken whole: to ask on which of its days something came costs more than the empty ones."""

_REPLACED = tuple(state for state in ItemState if state not in COUNTED)


def days_of_receipt(session: Session, days: Days) -> list[date]:
    """Return the London dates in the span on which something may have been received, earliest first.

    The database knows the dates of no zone but its own, so there may be dates among them on which nothing was.
    """
    if days.first and days.last and days.last - days.first <= _LONG:
        return [days.first + number * _A_DAY for number in range((days.last - days.first).days + 1)]
    told = select(func.date(Item.received_at)).where(days.covers(Item.received_at)).distinct()
    near = {day + step for day in map(_date_from, session.scalars(told)) for step in (-_A_DAY, timedelta(), _A_DAY)}
    first, last = days.first or date.min, days.last or date.max
    return sorted(day for day in near if first <= day <= last)


def values_of(spans: Iterable[Span], now: datetime) -> dict[str, Any]:
    """Return what a query over spans is given: one value for all of them, however many there are, and the moment."""
    return {"spans": json.dumps([_row(span) for span in spans]), "now": now}


def is_embedded(session: Session) -> bool:
    """Return whether the database is SQLite, which has words of its own for JSON and for moments."""
    return session.get_bind().dialect.name == "sqlite"


@cache
def span_table(*, embedded: bool) -> CTE:
    """Return the spans that a query is given as a table."""
    return (_in_sqlite() if embedded else _in_postgresql()).cte("span").prefix_with("MATERIALIZED")


def _in_sqlite() -> Select[*tuple[Any, ...]]:
    rows = func.json_each(bindparam("spans")).table_valued("value")
    cells = {name: func.json_extract(rows.c.value, f"$[{place}]") for place, name in enumerate(_COLUMNS)}
    return select(*(type_coerce(cells[name], _kind_of(name)).label(name) for name in _COLUMNS))


def _in_postgresql() -> Select[*tuple[Any, ...]]:
    rows = func.json_array_elements(cast(bindparam("spans"), JSON)).table_valued(column("value", JSON))
    cells = {name: rows.c.value.op("->>")(place) for place, name in enumerate(_COLUMNS)}
    return select(*(cast(cells[name], _kind_of(name)).label(name) for name in _COLUMNS))


def _kind_of(name: str) -> type[Instant | Date]:
    return Date if name == "day" else Instant


def items_in(span: CTE, *what: Any) -> Select[Any]:  # noqa: ANN401  # columns of any kind
    """Return the query for these columns of what was received in the spans and counts on the ledger.

    What was brought over from an older system is left out: no promise of this mailroom was ever given for its receipt.
    """
    received_then = and_(Item.received_at >= span.c.begins, Item.received_at < span.c.ends)
    counts = (Item.state.not_in(_REPLACED), Item.imported.is_(None))
    return select(*what).select_from(span).join(Item, received_then).where(*counts)


def is_late(span: CTE) -> ColumnElement[bool]:
    """Return the condition that an item had no case in time: its day is over, or not known at all.

    What was refused has none, and is waited for by nobody.
    """
    too_late = or_(Item.captured_at >= span.c.capture, and_(Item.captured_at.is_(None), span.c.capture <= NOW))
    return and_(Item.state != ItemState.REFUSED, or_(span.c.capture.is_(None), too_late))


def _row(span: Span) -> list[str | None]:
    due = (span.due[CAPTURE], span.due_without_cut_off, span.due[ACKNOWLEDGE], span.due[HAND_OFF])
    # what happens within the last second itself is in time
    too_late = (moment + _A_SECOND if moment is not None else None for moment in due)
    return [span.day.isoformat(), *map(_written, (span.begins, span.ends, *too_late))]


def _written(moment: datetime | None) -> str | None:
    """Return the moment as both databases read it: UTC, to the microsecond, for SQLite compares letters."""
    return moment.astimezone(UTC).replace(tzinfo=None).isoformat(" ", "microseconds") if moment is not None else None


def _date_from(told: str | date) -> date:
    return told if isinstance(told, date) else date.fromisoformat(told)
