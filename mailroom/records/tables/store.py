"""Where every object of the vault lies, what was found damaged, and how far the walk over all of them has come.

Before: the vault keeps something. After: `records/kept_objects.py`, `damages.py` and `walks.py` read and write this.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from mailroom.records.tables.base import LARGE, Base

_NO_COPY, _WAITS = text("copied_at IS NULL"), text("waits_on IS NOT NULL")
_LOCKED, _HELD = text("locked_until IS NOT NULL"), text("held")


class KeptObject(Base):
    """An original, rendition or signed head as it lies in the store, and its second copy.

    `version` and `copy_version` are what the stores call these very bytes, where they keep several versions under a
    key. `waits_on` is the machine in whose spool it lies until the store is there again. `locked_until` is the end of
    the lock on it, None where no store locks it; `held` whether every copy is under legal hold.
    """

    __tablename__ = "kept_object"
    key: Mapped[str] = mapped_column(primary_key=True)
    sha256: Mapped[str] = mapped_column(String(64))
    size: Mapped[int] = mapped_column(LARGE)
    stored_at: Mapped[datetime]
    version: Mapped[str | None]
    waits_on: Mapped[str | None]
    copied_at: Mapped[datetime | None]
    copy_version: Mapped[str | None]
    locked_until: Mapped[datetime | None]
    held: Mapped[bool] = mapped_column(default=False)

    __table_args__ = (
        Index("kept_object_not_copied", "stored_at", sqlite_where=_NO_COPY, postgresql_where=_NO_COPY),
        Index("kept_object_locked", "locked_until", sqlite_where=_LOCKED, postgresql_where=_LOCKED),
        Index("kept_object_held", "held", sqlite_where=_HELD, postgresql_where=_HELD),
        Index("kept_object_waiting", "waits_on", sqlite_where=_WAITS, postgresql_where=_WAITS),
    )


class DamageRow(Base):
    """A copy of an object that was found not to be what was kept; it stays on record once it was mended.

    `found` is the digest that it had, None where it was missing; `why_not` says what stood in the way of mending it.
    """

    __tablename__ = "damage"
    key: Mapped[str] = mapped_column(primary_key=True)
    copy: Mapped[str] = mapped_column(String(8), primary_key=True)
    sha256: Mapped[str] = mapped_column(String(64))
    found: Mapped[str | None] = mapped_column(String(64))
    found_at: Mapped[datetime]
    tried_at: Mapped[datetime | None]
    why_not: Mapped[str | None]
    mended_at: Mapped[datetime | None]
    set_aside: Mapped[str | None]

    __table_args__ = (Index("damage_by_mending", "mended_at", "tried_at"),)


class WalkRow(Base):
    """The walk over all objects, one row: where it stands, what it has met, and when one last came to its end.

    `position` is the last key that was looked at, or the place among the prefixes where strangers are looked for.
    """

    __tablename__ = "walk"
    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    began_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    whole_since: Mapped[datetime | None]
    looking_for: Mapped[str] = mapped_column(String(16))
    position: Mapped[str]
    checked: Mapped[int]
    overlaid: Mapped[list[Any]]
    strangers: Mapped[list[Any]]
    strangers_counted: Mapped[int]


class LegalHold(Base):
    """A legal hold on an item: while it is not lifted nothing of the item may be destroyed, whatever its rule says."""

    __tablename__ = "legal_hold"
    id: Mapped[int] = mapped_column(primary_key=True)
    item_id: Mapped[str] = mapped_column(ForeignKey("item.id"), index=True)
    reason: Mapped[str]
    placed_by: Mapped[str]
    placed_at: Mapped[datetime]
    lifted_by: Mapped[str | None]
    lifted_at: Mapped[datetime | None]
    lifted_why: Mapped[str | None]


class StorePlace(Base):
    """Which store the columns about the first and about the second copy speak of, and which one is a former one."""

    __tablename__ = "store_place"
    copy: Mapped[str] = mapped_column(String(8), primary_key=True)
    place: Mapped[str]
