"""Files seen at a way in that are not whole yet, as rows that the post room sees."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from mailroom.domain.capture import Channel
from mailroom.records.session import Records
from mailroom.records.tables import IncompleteSource


class IncompleteRows:
    """Shows such files in the records.

    Args:
        records: the database.
    """

    def __init__(self, records: Records) -> None:
        self._records = records

    def show(
        self, path: str, channel: Channel, size: int, first_seen: datetime, last_change: datetime, sentence: str
    ) -> None:
        """Show this file, in place of what was shown for its path."""
        with self._records.work() as session:
            row = IncompleteSource(
                path=path,
                channel=channel,
                size=size,
                first_seen=first_seen,
                last_change=last_change,
                sentence=sentence,
            )
            session.merge(row)
            session.commit()

    def clear(self, path: str) -> None:
        """Show nothing for this path any more."""
        with self._records.work() as session:
            session.execute(delete(IncompleteSource).where(IncompleteSource.path == path))
            session.commit()

    def clear_gone(self, folder: Path) -> None:
        """Show nothing any more for what was in this folder once and is not there now."""
        with self._records.work() as session:
            shown = session.scalars(select(IncompleteSource.path)).all()
            gone = [path for path in shown if folder in Path(path).parents and not Path(path).exists()]
            session.execute(delete(IncompleteSource).where(IncompleteSource.path.in_(gone)))
            session.commit()


def incomplete_files(session: Session) -> Sequence[IncompleteSource]:
    """Return what is shown, longest waiting first."""
    return session.scalars(select(IncompleteSource).order_by(IncompleteSource.first_seen)).all()
