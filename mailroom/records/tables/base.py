"""What all tables share: how moments, words and enumerations are stored.

Before: nothing. After: the other modules of this package put their tables down on `Base`.
"""

from __future__ import annotations

from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, cast

from sqlalchemy import JSON, BigInteger, DateTime, Dialect, Enum, Integer, String, Table, TypeDecorator
from sqlalchemy.orm import DeclarativeBase

from mailroom.domain.capture import Channel
from mailroom.domain.decision import DecidedBy, Sensitivity, Urgency
from mailroom.domain.items import ItemState
from mailroom.records.tables.storable import storable


class Instant(TypeDecorator[datetime]):
    """A moment: aware in Python, UTC in the database (SQLite keeps no zone of its own)."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        """Refuse a moment without a zone, store the rest in UTC."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a moment without a time zone cannot be stored")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        """Return the moment in UTC."""
        if value is None or value.tzinfo is not None:
            return value
        return value.replace(tzinfo=UTC)


class Words(TypeDecorator[str]):
    """Words as they came, but for characters that no database takes (`storable.py`)."""

    impl = String
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:  # noqa: ARG002
        """Put a visible sign where a character cannot be stored."""
        return value if value is None else storable(value)


LARGE = BigInteger().with_variant(Integer(), "sqlite")
"""A number that may pass two thousand million, as the size of a file in bytes does; SQLite knows no smaller ones."""


def _by_value(kind: type[StrEnum]) -> Enum:
    return Enum(kind, native_enum=False, length=16, values_callable=lambda members: [str(member) for member in members])


class Base(DeclarativeBase):
    """All tables; enumerations are stored by value as text, so that a new one needs no migration."""

    type_annotation_map = {  # noqa: RUF012  # SQLAlchemy reads this very attribute
        datetime: Instant,
        str: Words,
        dict[str, Any]: JSON,
        list[Any]: JSON,
        Channel: _by_value(Channel),
        ItemState: _by_value(ItemState),
        Sensitivity: _by_value(Sensitivity),
        Urgency: _by_value(Urgency),
        DecidedBy: _by_value(DecidedBy),
    }


def table_of(kind: type[Base]) -> Table:
    """Return the table behind a class, for an insert that goes past the session."""
    return cast("Table", kind.__table__)


def columns_of(row: Base) -> dict[str, Any]:
    """Return the row's values by column, for an insert that goes past the session."""
    return {column.key: getattr(row, column.key) for column in type(row).__table__.columns}
