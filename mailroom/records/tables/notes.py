"""What officers write down about a case for one another; nothing of it ever leaves the house."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from mailroom.records.tables.base import Base


class CaseNote(Base):
    """One note: who wrote what when, with which item before their eyes. Never changed."""

    __tablename__ = "case_note"
    id: Mapped[int] = mapped_column(primary_key=True)
    case_id: Mapped[str] = mapped_column(ForeignKey("case_file.id"), index=True)
    item_id: Mapped[str] = mapped_column(ForeignKey("item.id"))
    author: Mapped[str]
    written_at: Mapped[datetime]
    text: Mapped[str]
