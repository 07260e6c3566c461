"""The one order in which rows are locked where many write at once: the items in cases by their ids, and then the cases.

Whoever changes an item and its case locks the item and then the case; whoever may change other items in the case, too,
locks all of them first; and whoever has to do with two cases locks the items of both before either case. Two who go by
different orders would wait for one another for ever, and the server would break one of them off. SQLite has one writer
at a time, who waits for nobody.
"""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from mailroom.records.tables import Case, Item


def lock_cases_of(session: Session, *item_ids: str) -> None:
    """Lock items, all that lie in a case with one of them, and then these cases."""
    if session.get_bind().dialect.name == "sqlite":
        return
    while True:
        with session.begin_nested() as attempt:
            if _locked(session, item_ids):
                return
            attempt.rollback()  # what was locked is free again: another item has come into the case meanwhile


def _locked(session: Session, item_ids: Sequence[str]) -> bool:
    theirs = select(Item.case_id).where(Item.id.in_(item_ids), Item.case_id.is_not(None)).distinct()
    cases = set(session.scalars(theirs))
    together = select(Item.id).where(or_(Item.id.in_(item_ids), Item.case_id.in_(cases))).order_by(Item.id)
    held = session.scalars(together.with_for_update()).all()
    if cases:
        session.execute(select(Case.id).where(Case.id.in_(cases)).order_by(Case.id).with_for_update())
    return set(session.scalars(theirs)) == cases and session.scalars(together).all() == held
