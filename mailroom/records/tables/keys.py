"""The data keys of objects, wrapped, and by which master keys; those themselves are never here.

Before: an object is to be sealed (`storage/encrypted.py`). After: `records/data_keys.py` reads and writes this.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from mailroom.records.tables.base import LARGE, Base


class MasterKeyRow(Base):
    """A master key that wraps data keys, or once did, by its public half."""

    __tablename__ = "master_key"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(unique=True)
    first_used_at: Mapped[datetime]


class DataKeyRow(Base):
    """The data key of the object under `key`, wrapped, and the size of that object in plain bytes."""

    __tablename__ = "data_key"
    key: Mapped[str] = mapped_column(primary_key=True)
    wrapped: Mapped[bytes]
    master_id: Mapped[int] = mapped_column(ForeignKey("master_key.id"), index=True)
    size: Mapped[int] = mapped_column(LARGE)
