"""A case system with the side of it that the mailroom never sees, as the contract suite needs it.

The suite must close a case there and look at what was kept there; only whoever brings the connector can do that. A
package from outside writes a class with these methods, built from the records and an empty folder (CONTRIBUTING.md has
one), and registers it under `mailroom.contracts.crm`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Protocol

from sqlalchemy import func, select

from mailroom import plugins
from mailroom.crm import BUILTIN
from mailroom.ports import CaseSystem
from mailroom.records.cases import close
from mailroom.records.session import Records
from mailroom.records.tables import Case

NOW = datetime(2026, 11, 16, 10, tzinfo=UTC)


class Place(Protocol):
    """One case system, empty at first, with all that the suite does to it from outside the mailroom."""

    def connect(self) -> CaseSystem:
        """Return a new connector to this system, as a process that starts anew makes it."""

    def find(self, reference: str) -> Mapping[str, Any] | None:
        """Return what is kept there of the case with this reference of the system's own, or None.

        Keys, in the mailroom's words: `reference` (ours), `case_type`, `team`, and `index` as a mapping.
        """

    def count(self) -> int:
        """Return how many cases there are."""

    def close(self, reference: str) -> None:
        """Close the case as people there do."""

    def cut_off(self) -> AbstractContextManager[object] | None:
        """Make the system unreachable for the length of a `with` block; None where it can never be."""


class BuiltinPlace:
    """Our own case records, which the journey writes of every case, whatever the case system."""

    def __init__(self, records: Records, _folder: Path) -> None:
        self._records = records

    def connect(self) -> CaseSystem:
        made: CaseSystem = plugins.load(BUILTIN["builtin"])(self._records)
        return made

    def find(self, reference: str) -> Mapping[str, Any] | None:
        with self._records.look() as session:
            case = session.scalars(select(Case).where(Case.reference == reference)).first()
            if case is None:
                return None
            return {"reference": case.reference, "case_type": case.case_type, "team": case.team, "index": {}}

    def count(self) -> int:
        with self._records.look() as session:
            return session.scalar(select(func.count()).select_from(Case)) or 0

    def close(self, reference: str) -> None:
        with self._records.work() as session:
            close(session.scalars(select(Case).where(Case.reference == reference)).one(), "answered", NOW)
            session.commit()

    def cut_off(self) -> None:
        """It is the mailroom's own database: without that there is no mailroom."""


OURS: dict[str, Callable[[Records, Path], Place]] = {"builtin": BuiltinPlace}
