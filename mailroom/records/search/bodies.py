"""The texts of what was found, as far as a line needs them: nobody reads a book to show twenty words of it."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from mailroom.records.tables import SearchText


def bodies_of(session: Session, numbers: Sequence[int | None], letters: int) -> dict[int, str]:
    """Return so many characters of the texts of these numbers; whoever asks has found them, and may see them."""
    body = func.substr(SearchText.body, 1, letters).label("body")
    query = select(SearchText.number, body).where(SearchText.number.in_(numbers))
    return {row.number: row.body for row in session.execute(query)}
