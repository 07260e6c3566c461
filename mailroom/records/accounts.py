"""The rows of accounts and sittings: found by name or token, noted for the record.

A sitting's token is kept as its SHA-256 only: whoever reads the database can sign in as nobody.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, exists, func, select, update
from sqlalchemy.orm import Session, joinedload

from mailroom.records import custody
from mailroom.records.custody import OF_ACCOUNTS
from mailroom.records.items import new_id, next_number
from mailroom.records.tables import Account, CustodyDetail, CustodyEvent, KeptFormRow, Sitting

KEPT_FOR = timedelta(hours=1)
"""So long a form waits for its owner, who signs in elsewhere meanwhile."""

_MOST_EVENTS = 300
_EVENTS = select(CustodyEvent, CustodyDetail.details).outerjoin(
    CustodyDetail, CustodyDetail.event_id == CustodyEvent.id
)


@dataclass(frozen=True, slots=True)
class AccountEvent:
    """What was done to an account.

    Attributes:
        id: of the event.
        account: id of the account.
        kind: what was done.
        actor: who did it.
        at: when.
        details: what else belongs to it; empty where they were erased.
    """

    id: str
    account: str
    kind: str
    actor: str
    at: datetime
    details: Mapping[str, Any]


def lock_accounts(session: Session) -> None:
    """Have administrators change accounts one after another, so that what one has read still holds as they write.

    Two who close each other's accounts at the same moment would leave nobody, and two joiners would have one name.
    """
    next_number(session, "accounts")


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
) -> str:
    """Put down in the account's chain of custody what was done to it; returns the event's id.

    The account's row is locked meanwhile: two events never take the same place.
    """
    session.execute(select(Account.id).where(Account.id == account.id).with_for_update())
    return custody.record(session, OF_ACCOUNTS + account.id, kind, actor=actor, at=at, details=details).id


def events_of(session: Session, account: Account) -> list[AccountEvent]:
    """Return what was done to the account, newest first, the last few hundred."""
    chain = CustodyEvent.item_id == OF_ACCOUNTS + account.id
    rows = session.execute(_EVENTS.where(chain).order_by(CustodyEvent.position.desc()).limit(_MOST_EVENTS))
    return [_event(*row) for row in rows]


def events_of_kind(session: Session, *kinds: str) -> list[AccountEvent]:
    """Return what of these kinds was done to any account, newest first, the last few hundred."""
    wanted = (CustodyEvent.kind.in_(kinds), CustodyEvent.item_id.startswith(OF_ACCOUNTS))
    rows = session.execute(_EVENTS.where(*wanted).order_by(CustodyEvent.at.desc()).limit(_MOST_EVENTS))
    return [_event(*row) for row in rows]


def event_with(session: Session, event_id: str, kind: str) -> AccountEvent | None:
    """Return the event of an account that has this id, if it is of this kind."""
    wanted = (CustodyEvent.id == event_id, CustodyEvent.kind == kind, CustodyEvent.item_id.startswith(OF_ACCOUNTS))
    row = session.execute(_EVENTS.where(*wanted)).first()
    return _event(*row) if row else None


def _event(event: CustodyEvent, details: dict[str, Any] | None) -> AccountEvent:
    account = event.item_id.removeprefix(OF_ACCOUNTS)
    return AccountEvent(event.id, account, event.kind, event.actor, event.at, details or {})


def others_with_role(session: Session, role: str, account: Account) -> int:
    """Count the others who have this role and have not left."""
    rest = session.scalars(select(Account).where(Account.left_at.is_(None), Account.id != account.id))
    return sum(role in other.roles for other in rest)


def teams_of_nobody_else(session: Session, account: Account) -> list[str]:
    """Return the teams, by key, of which this account is the only one that has not left."""
    rest = session.scalars(select(Account).where(Account.left_at.is_(None), Account.id != account.id))
    return sorted(set(account.teams).difference(*(other.teams for other in rest)))


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


def renew_token(session: Session, sitting: Sitting) -> str:
    """Give the sitting another token and another secret for its forms; returns the new token."""
    token = secrets.token_urlsafe(32)
    sitting.token_sha256, sitting.csrf = _digest(token), secrets.token_urlsafe(32)
    session.flush()
    return token


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


def forget_kept_forms(session: Session, now: datetime) -> None:
    """Delete the forms whose owners have not come back for them."""
    session.execute(delete(KeptFormRow).where(KeptFormRow.kept_at < now - KEPT_FOR))


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
