"""The one order in which rows are locked where many write at once: the items in a case by their ids, and then the case.

Whoever changes an item and its case locks the item and then the case; whoever may change other items in the case, too,
locks all of them first. Two who go by different orders would wait for one another for ever, and the server would break
one of them off. SQLite has one writer at a time, who waits for nobody.
"""

from __future__ import annotations

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import Session

from mailroom.records.tables import Case, Item


def lock_case_of(session: Session, item_id: str) -> None:
    """Lock an item, all that lie in the same case, and then the case."""
    if session.get_bind().dialect.name == "sqlite":
        return
    while True:
        with session.begin_nested() as attempt:
            if _locked(session, item_id):
                return
            attempt.rollback()  # what was locked is free again: another item has come into the case meanwhile


def _locked(session: Session, item_id: str) -> bool:
    case_id = session.scalar(select(Item.case_id).where(Item.id == item_id))
    together = select(Item.id).where(_in_case(item_id, case_id)).order_by(Item.id)
    held = session.scalars(together.with_for_update()).all()
    if case_id is not None:
        session.execute(select(Case.id).where(Case.id == case_id).with_for_update())
    still = session.scalar(select(Item.case_id).where(Item.id == item_id))
    return still == case_id and session.scalars(together).all() == held


def _in_case(item_id: str, case_id: str | None) -> ColumnElement[bool]:
    alone = Item.id == item_id
    return alone if case_id is None else or_(alone, Item.case_id == case_id)
