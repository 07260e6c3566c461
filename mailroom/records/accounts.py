"""The rows of accounts and sittings: found by name or token, noted for the record.

A sitting's token is kept as its SHA-256 only: whoever reads the database can sign in as nobody.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import delete, exists, func, select, update
from sqlalchemy.orm import Session, joinedload

from mailroom.records.items import new_id
from mailroom.records.tables import Account, AccountEvent, Sitting

_MOST_EVENTS = 300


def anybody(session: Session) -> bool:
    """Return whether there is an account at all."""
    return bool(session.scalar(select(exists().where(Account.id.is_not(None)))))


def account_named(session: Session, name: str) -> Account | None:
    """Return the account that signs in under this name, a leaver's too, or None."""
    return session.scalars(select(Account).where(Account.name == name)).first()


def account_of_subject(session: Session, subject: str) -> Account | None:
    """Return the account of the person whom an identity provider knows by this subject, a leaver's too, or None."""
    return session.scalars(select(Account).where(Account.subject == subject)).first()


def all_accounts(session: Session) -> Sequence[Account]:
    """Return every account by name, leavers last."""
    return session.scalars(select(Account).order_by(Account.left_at.is_not(None), Account.name)).all()


def add_account(session: Session, name: str, display_name: str, now: datetime) -> Account:
    """Put a new account down, without role, team or password."""
    account = Account(
        id=new_id(),
        name=name,
        display_name=display_name,
        roles=[],
        teams=[],
        named_for_limited=False,
        password_for_once=False,
        wrong_passwords=0,
        preferences={},
        joined_at=now,
    )
    session.add(account)
    session.flush()
    return account


def note_account(
    session: Session, account: Account, kind: str, *, actor: str, at: datetime, details: dict[str, Any] | None = None
) -> AccountEvent:
    """Put down what was done to the account."""
    event = AccountEvent(account_id=account.id, kind=kind, actor=actor, at=at, details=details or {})
    session.add(event)
    return event


def events_of(session: Session, account: Account) -> Sequence[AccountEvent]:
    """Return what was done to the account, newest first, the last few hundred."""
    query = select(AccountEvent).where(AccountEvent.account_id == account.id)
    return session.scalars(query.order_by(AccountEvent.id.desc()).limit(_MOST_EVENTS)).all()


def others_with_role(session: Session, role: str, account: Account) -> int:
    """Count the others who have this role and have not left."""
    rest = session.scalars(select(Account).where(Account.left_at.is_(None), Account.id != account.id))
    return sum(role in other.roles for other in rest)


def add_sitting(session: Session, account: Account, now: datetime) -> str:
    """Begin a sitting; returns its token, which is kept nowhere here."""
    token = secrets.token_urlsafe(32)
    session.add(
        Sitting(
            token_sha256=_digest(token),
            account_id=account.id,
            csrf=secrets.token_urlsafe(32),
            started_at=now,
            seen_at=now,
        )
    )
    return token


def sitting_of(session: Session, token: str) -> Sitting | None:
    """Return the sitting with this token and its account, or None."""
    query = select(Sitting).where(Sitting.token_sha256 == _digest(token)).options(joinedload(Sitting.account))
    return session.scalars(query).first()


def touch_sitting(session: Session, token: str, now: datetime, unless_since: datetime) -> None:
    """Note that the sitting goes on, unless that was noted since this moment."""
    of_it = update(Sitting).where(Sitting.token_sha256 == _digest(token), Sitting.seen_at <= unless_since)
    session.execute(of_it.values(seen_at=now))


def end_sittings(session: Session, account: Account) -> int:
    """End all sittings of the account; returns how many there were."""
    count = session.scalar(select(func.count()).select_from(Sitting).where(Sitting.account_id == account.id)) or 0
    session.execute(delete(Sitting).where(Sitting.account_id == account.id))
    return count


def forget_sittings(session: Session, before: datetime) -> None:
    """Delete the sittings that began before this moment: none lasts so long."""
    session.execute(delete(Sitting).where(Sitting.started_at < before))


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
