"""Signing in and out, and who is behind a request: the only door to the pages.

Before: a browser sends a name and a password, or the token of a sitting. After: a page has a `Person`, with the viewer
that every use case asks for. A wrong name costs as much time as a wrong password and gets the same answer.
Passwords are hashed while no unit of work is open: it takes long, by design, and others want to write.
"""

from __future__ import annotations

import logging
import re
import secrets
import threading
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cache
from typing import Any

import pyotp
from pwdlib import PasswordHash
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from mailroom.desk.acting import Refused, refuse_unless
from mailroom.domain.access import Role, Viewer
from mailroom.domain.accounts import LONGEST_PASSWORD, NAME, Span, ends_at, fault_of_password, pause_after
from mailroom.records.accounts import (
    account_named,
    add_sitting,
    end_sittings,
    forget_kept_forms,
    forget_sittings,
    note_account,
    sitting_of,
    touch_sitting,
)
from mailroom.records.tables import Account, Sitting
from mailroom.services import Services

_WRONG = (
    "Name, password or code is wrong, or there were too many wrong tries. Check them, wait a few minutes and try "
    "again; the administrator can reset a password."
)
_CODE_SECONDS = 30
_CODE = re.compile(r"[0-9]{6}")
_TOUCH_EVERY = timedelta(minutes=1)
"""A sitting's last moment is written down no more often than this: a page must not cost a commit."""

_hash = PasswordHash.recommended()
_hashing = threading.BoundedSemaphore(2)
"""A hash costs a core and 64 MiB for a while, by design: so many at a time, however many people try."""

_log = logging.getLogger(__name__)


class Wrong(Refused):
    """Name, password or code is wrong, or it is too soon to try again."""


@dataclass(frozen=True, slots=True)
class _Known:
    """What is looked up of an account before its password is tried: no unit of work is open meanwhile."""

    account: str
    name: str
    password_hash: str | None


@dataclass(frozen=True, slots=True)
class Person:
    """Who is behind a request.

    Attributes:
        account: id of the account.
        viewer: as use cases know them.
        display_name: as colleagues know them.
        csrf: what a form of theirs must bring back.
        ends_at: when their sitting ends if nothing more is done in it.
        password_for_once: whether they must choose a password of their own before anything else.
        preferences: language, density, keys.
    """

    account: str
    viewer: Viewer
    display_name: str
    csrf: str
    ends_at: datetime
    password_for_once: bool = False
    preferences: dict[str, Any] = field(default_factory=dict)


def sign_in(name: str, password: str, code: str, services: Services) -> str:
    """Begin a sitting; returns the token for the browser.

    Args:
        name: as it was typed.
        password: as it was typed.
        code: six digits of the second factor, empty where the account has none.
        services: the bundle.

    Raises:
        Wrong: they do not fit, or were wrong so often that it is too soon to try again; the sentence is the same.
    """
    known = _known(name.strip().casefold(), services)
    fits = _fits(password, known.password_hash if known else None)
    if known is None:
        raise Wrong(_WRONG)
    with services.records.work() as session:
        account = session.get_one(Account, known.account, with_for_update=True)
        if not _may_enter(account, known, code, services.now(), fits=fits):
            session.commit()
            raise Wrong(_WRONG)
        account.wrong_passwords, account.not_before = 0, None
        token = _begin(session, account, "signed_in", services)
        session.commit()
        return token


def refuse_as_wrong(password: str) -> None:
    """Refuse as a wrong password is refused, in sentence and in time, without trying it.

    Raises:
        Wrong: always.
    """
    _fits(password, None)
    raise Wrong(_WRONG)


def sign_in_by_provider(account_id: str, services: Services) -> str:
    """Begin a sitting for somebody for whom the identity provider vouches; returns the token for the browser.

    Raises:
        Wrong: the account was closed.
    """
    with services.records.work() as session:
        account = session.get_one(Account, account_id, with_for_update=True)
        if account.left_at is not None:
            raise Wrong("This account is closed. Ask the administrator.")
        token = _begin(session, account, "signed_in_by_provider", services)
        session.commit()
        return token


def person_of(token: str, services: Services) -> Person | None:
    """Return who holds this token, or None where their sitting has ended or their account is closed."""
    now, span = services.now(), span_of(services)
    with services.records.look() as session:
        sitting = sitting_of(session, token)
        if sitting is None or sitting.account.left_at is not None:
            return None
        if ends_at(sitting.started_at, sitting.seen_at, span) <= now:
            return None
        person = _person(sitting, now, span)
        stale = now - sitting.seen_at >= _TOUCH_EVERY
    if stale:
        _touch(token, services)
    return person


def sign_out(token: str, services: Services) -> None:
    """End the sitting with this token."""
    with services.records.work() as session:
        sitting = sitting_of(session, token)
        if sitting is not None:
            note_account(session, sitting.account, "signed_out", actor=sitting.account.name, at=services.now())
            session.delete(sitting)
            session.commit()


def choose_password(token: str, old: str, new: str, services: Services) -> str:
    """Set the password that a person chose; returns the token of a new sitting, all old ones are ended.

    Raises:
        Wrong: the old one is wrong.
        Refused: the new one will not do; the sentence says why.
    """
    known = _owner(token, services)
    if known is None or not _fits(old, known.password_hash):
        raise Wrong("The old password is wrong.")
    fault = fault_of_password(new, known.name)
    refuse_unless(fault is None, fault or "")
    refuse_unless(new != old, "Choose another password than the old one.")
    hashed = hash_password(new)
    with services.records.work() as session:
        account = session.get_one(Account, known.account, with_for_update=True)
        refuse_unless(
            account.password_hash == known.password_hash, "Your password was changed meanwhile. Sign in anew."
        )
        account.password_hash, account.password_for_once = hashed, False
        end_sittings(session, account)
        note_account(session, account, "password_chosen", actor=account.name, at=services.now())
        new_token = add_sitting(session, account, services.now())
        session.commit()
        return new_token


def owner_of(token: str, services: Services) -> str | None:
    """Return the id of the account whose sitting this was, also where it has ended, or None."""
    owner = _owner(token, services)
    return owner.account if owner else None


def password_fits(account: str, password: str, services: Services) -> bool:
    """Return whether this is the account's password."""
    with services.records.look() as session:
        hashed = session.get_one(Account, account).password_hash
    return _fits(password, hashed)


def span_of(services: Services) -> Span:
    """Return how long a sitting lasts, by the settings."""
    web = services.settings.web
    return Span(timedelta(minutes=web.idle_minutes), timedelta(hours=web.longest_hours))


def step_of(now: datetime) -> int:
    """Return the number of the half minute whose code counts (RFC 6238)."""
    return int(now.timestamp()) // _CODE_SECONDS


def hash_password(password: str) -> str:
    """Return the hash (argon2id) that is kept of a password; never called while a unit of work is open."""
    with _hashing:
        return _hash.hash(password)


def viewer_of(account: Account, limited_until: datetime | None, now: datetime) -> Viewer:
    """Return the account as use cases know it; emergency access to limited items counts until its end."""
    in_emergency = limited_until is not None and limited_until > now
    return Viewer(
        name=account.name,
        roles=frozenset(Role(role) for role in account.roles),
        teams=frozenset(account.teams),
        named_for_limited=account.named_for_limited or in_emergency,
    )


def _begin(session: Session, account: Account, kind: str, services: Services) -> str:
    now = services.now()
    note_account(session, account, kind, actor=account.name, at=now)
    forget_sittings(session, now - span_of(services).longest)
    forget_kept_forms(session, now)
    return add_sitting(session, account, now)


def _touch(token: str, services: Services) -> None:
    """Write down that somebody is there; a page is shown also where that cannot be written now."""
    try:
        with services.records.work() as session:
            touch_sitting(session, token, services.now(), services.now() - _TOUCH_EVERY)
            session.commit()
    except OperationalError:
        _log.warning("a sitting could not be noted")


def _person(sitting: Sitting, now: datetime, span: Span) -> Person:
    account = sitting.account
    return Person(
        account=account.id,
        viewer=viewer_of(account, sitting.limited_until, now),
        display_name=account.display_name,
        csrf=sitting.csrf,
        ends_at=ends_at(sitting.started_at, now, span),
        password_for_once=account.password_for_once,
        preferences=dict(account.preferences),
    )


def _known(name: str, services: Services) -> _Known | None:
    with services.records.look() as session:
        return _known_of(account_named(session, name) if NAME.fullmatch(name) else None)


def _owner(token: str, services: Services) -> _Known | None:
    with services.records.look() as session:
        sitting = sitting_of(session, token)
        return _known_of(sitting.account if sitting else None)


def _known_of(account: Account | None) -> _Known | None:
    return _Known(account.id, account.name, account.password_hash) if account else None


def _fits(password: str, hashed: str | None) -> bool:
    """Whether the password is that of the hash; a name that nobody has takes as long as a wrong password."""
    with _hashing:
        return _hash.verify(password[:LONGEST_PASSWORD], hashed or _of_nobody()) and hashed is not None


@cache
def _of_nobody() -> str:
    """Return a hash that no password of anybody has; made when it is first needed, which most commands never do."""
    return _hash.hash(secrets.token_hex())


def _may_enter(account: Account, known: _Known, code: str, now: datetime, *, fits: bool) -> bool:
    """Whether somebody may come in as this account now; one more wrong try is counted where not."""
    if account.left_at is not None or (account.not_before is not None and account.not_before > now):
        return False
    if fits and account.password_hash == known.password_hash and _code_fits(account, code, now):
        return True
    account.wrong_passwords += 1
    account.not_before = now + pause_after(account.wrong_passwords)
    return False


def _code_fits(account: Account, code: str, now: datetime) -> bool:
    """Whether it is the second factor's code of now or of the half minute before, and not used yet (RFC 6238)."""
    if account.second_factor is None:
        return True
    typed = code.replace(" ", "")
    if _CODE.fullmatch(typed) is None:
        return False
    step = step_of(now)
    for candidate in (step, step - 1):
        used = account.second_factor_step is not None and candidate <= account.second_factor_step
        expected = pyotp.TOTP(account.second_factor).at(candidate * _CODE_SECONDS)
        if not used and secrets.compare_digest(expected, typed):
            account.second_factor_step = candidate
            return True
    return False
