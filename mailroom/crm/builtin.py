"""The case system for a council that has none to connect: the case record that we keep in any event is the case."""

from __future__ import annotations

from sqlalchemy import select

from mailroom.ports import CaseRequest
from mailroom.records.session import Records
from mailroom.records.tables import Case


class BuiltinCrm:
    """Answers from our own case records.

    Args:
        records: the database.
    """

    def __init__(self, records: Records) -> None:
        self._records = records

    def open_case(self, request: CaseRequest) -> str:
        """Return our reference: `open_case` writes the record itself, in the commit that moves the item on."""
        return request.reference

    def status(self, reference: str) -> str | None:
        """Return `open` or `closed`, or None where there is no such case."""
        with self._records.look() as session:
            case = session.scalars(select(Case).where(Case.reference == reference)).first()
        if case is None:
            return None
        return "closed" if case.closed_at else "open"
