"""Days as spans of numbers: numbers grow with every arrival, so what came on some days lies close together.

Before: a text goes into the index, or a date of receipt is corrected. After: a search for some days asks the index for
a span of numbers only. A span may hold others, too; the exact date is asked of each item all the same. Blocks of
numbers are kept, so that not every arrival writes to the row of its day.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from mailroom.records.ledger import Days
from mailroom.records.search.shelves import BEYOND_ALL
from mailroom.records.tables import SearchDay

BLOCK = 1000
_A_DAY = timedelta(days=1)

Span = tuple[int, int]


def note_day(session: Session, received_at: datetime, number: int) -> None:
    """Put down that this number was received at that moment."""
    _note(session, received_at.astimezone(UTC).date(), number // BLOCK)


def note_days(session: Session, received: Iterable[tuple[datetime, int]]) -> None:
    """Put down when each of these numbers was received."""
    days = {(moment.astimezone(UTC).date(), number // BLOCK) for moment, number in received}
    for day, block in sorted(days):
        _note(session, day, block)


def _note(session: Session, day: date, block: int) -> None:
    known = session.execute(select(SearchDay.lowest, SearchDay.highest).where(SearchDay.day == day)).first()
    if known is not None and known.lowest <= block <= known.highest:
        return
    insert = sqlite.insert if session.get_bind().dialect.name == "sqlite" else postgresql.insert
    smaller, greater = ("min", "max") if insert is sqlite.insert else ("least", "greatest")
    new = insert(SearchDay).values(day=day, lowest=block, highest=block)
    wider = {
        "lowest": getattr(func, smaller)(SearchDay.lowest, new.excluded.lowest),
        "highest": getattr(func, greater)(SearchDay.highest, new.excluded.highest),
    }
    session.execute(new.on_conflict_do_update(index_elements=[SearchDay.day], set_=wider))


def span_of(session: Session, days: Days) -> Span | None:
    """Return the lowest and the highest number that may have been received on the days; None where none was."""
    if days.first is None and days.last is None:
        return 0, BEYOND_ALL
    query = select(func.min(SearchDay.lowest), func.max(SearchDay.highest))
    if days.first is not None and days.first > date.min:  # a London day begins on the day before in UTC
        query = query.where(SearchDay.day >= days.first - _A_DAY)
    if days.last is not None:
        query = query.where(SearchDay.day <= days.last)
    blocks: Sequence[int | None] = session.execute(query).one()
    lowest, highest = blocks
    return (lowest * BLOCK, highest * BLOCK + BLOCK - 1) if lowest is not None and highest is not None else None
