"""People who sign in, and their sittings; what is done to an account stands in the chain of custody.

Before: an administrator lets somebody join, or the council's identity provider vouches for them. After:
`records/accounts.py` finds them again by name or by the token of their sitting.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from mailroom.records.tables.base import Base


class Account(Base):
    """Somebody who may sign in. Never deleted: the chains of custody name it; a leaver's is closed."""

    __tablename__ = "account"
    id: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(unique=True)
    display_name: Mapped[str]
    roles: Mapped[list[Any]]
    teams: Mapped[list[Any]]
    named_for_limited: Mapped[bool] = mapped_column(default=False)
    password_hash: Mapped[str | None]
    password_for_once: Mapped[bool] = mapped_column(default=False)
    second_factor: Mapped[str | None]
    second_factor_step: Mapped[int | None]
    subject: Mapped[str | None] = mapped_column(unique=True)
    wrong_passwords: Mapped[int] = mapped_column(default=0)
    not_before: Mapped[datetime | None]
    preferences: Mapped[dict[str, Any]] = mapped_column(default=dict)
    joined_at: Mapped[datetime]
    left_at: Mapped[datetime | None]


class Sitting(Base):
    """One person signed in at one browser; the token itself is with the browser alone."""

    __tablename__ = "sitting"
    token_sha256: Mapped[str] = mapped_column(String(64), primary_key=True)
    account_id: Mapped[str] = mapped_column(ForeignKey("account.id"), index=True)
    csrf: Mapped[str]
    started_at: Mapped[datetime]
    seen_at: Mapped[datetime]
    limited_until: Mapped[datetime | None]

    account: Mapped[Account] = relationship()


class KeptFormRow(Base):
    """What somebody had entered when their sitting ended, while they sign in at the identity provider; one each."""

    __tablename__ = "kept_form"
    account_id: Mapped[str] = mapped_column(ForeignKey("account.id"), primary_key=True)
    path: Mapped[str]
    fields: Mapped[list[Any]]
    kept_at: Mapped[datetime]
