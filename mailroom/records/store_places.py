"""Which store the records speak of when they say that an object lies in the first or has a copy in the second.

Before: the settings name two stores. After: originals are looked for where they were put, or the settings are refused;
and where the two were exchanged, which is how originals are moved, the records are exchanged with them.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import func, select, text, update
from sqlalchemy.orm import Session

from mailroom.domain.errors import Misconfigured
from mailroom.records.kept_objects import count_objects
from mailroom.records.session import Records
from mailroom.records.tables import DamageRow, KeptObject, StorePlace, WorkerSlot
from storage.damage import Copy

_FORMER = "former"
"""Beside those of the two copies: the store that originals were moved from, put down by the move itself."""


def settle_places(records: Records, first: str, second: str, now: datetime, dead_after: timedelta) -> None:
    """Hold the stores of the settings against those on record, and put down what may change.

    Args:
        records: the database.
        first: the store of originals, in words that stay the same.
        second: that of second copies; empty where there is none.
        now: the time of day.
        dead_after: the silence after which a worker is taken for dead.

    Raises:
        Misconfigured: originals lie elsewhere than where the settings say, or what is needed for a move is not done.
    """
    with records.look() as session:
        known = _on_record(session)
    if known.get(Copy.FIRST) == first and (not second or known.get(Copy.SECOND) == second):
        return
    with records.work() as session:
        if not records.embedded:  # two that open a new mailroom at once would put the same down
            session.execute(text("LOCK TABLE store_place IN SHARE ROW EXCLUSIVE MODE"))
        known = _on_record(session)
        if known.get(Copy.FIRST, first) == first or not _anything_kept(session):
            _put_down(session, Copy.FIRST, first)
        elif known.get(Copy.SECOND) == first and second in (known[Copy.FIRST], ""):
            _exchange(session, known, now, dead_after)
        else:
            raise Misconfigured(_elsewhere(known[Copy.FIRST], first))
        if second and _on_record(session).get(Copy.SECOND) != second:
            _begin_second(session, second)
        session.commit()


def rename_first(records: Records, first: str) -> None:
    """Put down that the store of originals is called otherwise now; whoever calls has looked that it is the same."""
    with records.work() as session:
        _put_down(session, Copy.FIRST, first)
        session.commit()


def former_place(session: Session) -> str | None:
    """Return the store that originals were moved from; None where there is none.

    A second copy that never was more is none, and nor is a former store whose copies another second store has followed.
    """
    known = _on_record(session)
    return known.get(Copy.SECOND) if known.get(Copy.SECOND) == known.get(_FORMER) else None


def _on_record(session: Session) -> dict[str, str]:
    return {row.copy: row.place for row in session.scalars(select(StorePlace))}


def _put_down(session: Session, copy: str, place: str) -> None:
    session.merge(StorePlace(copy=copy, place=place))
    session.flush()


def _anything_kept(session: Session) -> bool:
    return session.scalars(select(KeptObject.key).limit(1)).first() is not None


def _begin_second(session: Session, place: str) -> None:
    """Another second store has no copies yet, whatever the one before it had."""
    if Copy.SECOND in _on_record(session):
        session.execute(update(KeptObject).values(copied_at=None, copy_version=None))
    _put_down(session, Copy.SECOND, place)


def _exchange(session: Session, known: dict[str, str], now: datetime, dead_after: timedelta) -> None:
    counts = count_objects(session)
    missing = counts.not_copied + counts.waiting
    if missing:
        raise Misconfigured(
            f"{missing} of {counts.objects} objects do not lie in {known[Copy.SECOND]} yet. Name {known[Copy.FIRST]} "
            "as parts.store again, and finish with `mailroom move-store`."
        )
    if session.scalar(select(func.count()).where(DamageRow.mended_at.is_(None))):
        raise Misconfigured("Some copies are damaged: `mailroom scrub` names them. Mend them before that.")
    if session.scalar(select(func.count()).where(WorkerSlot.heartbeat_at > now - dead_after)):
        raise Misconfigured(
            "A worker with the former settings gave a sign of life just now, and would look for originals in the "
            f"former store. Stop all of them, and start again after {dead_after.total_seconds():.0f} seconds."
        )
    swapped = {"version": KeptObject.copy_version, "copy_version": KeptObject.version}
    session.execute(update(KeptObject).values(swapped))
    _put_down(session, Copy.FIRST, known[Copy.SECOND])
    _put_down(session, Copy.SECOND, known[Copy.FIRST])
    _put_down(session, _FORMER, known[Copy.FIRST])


def _elsewhere(known: str, named: str) -> str:
    return (
        f"Originals lie in {known}, and the settings name {named} (parts.store, [s3]). Name the former again. To move "
        "them, name the new store in [second_copy] and call `mailroom move-store`. Where it is the same store under "
        "another name, say so: `mailroom move-store --renamed`."
    )
