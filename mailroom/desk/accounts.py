"""Accounts, as an administrator keeps them: joiners, movers, leavers, and those who forgot their password.

Before: somebody begins, changes or ends their work here. After: they can sign in and see what is theirs, or cannot any
more; what was done is on record. A new password is for once: its owner chooses another at the first sign-in.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from mailroom.desk.acting import refuse_unless, refuse_unless_theirs_to_do
from mailroom.desk.audit import NotThere
from mailroom.desk.minding import give_back_cases
from mailroom.desk.naming import team_named
from mailroom.desk.signing_in import hash_password
from mailroom.domain.access import Role, Task, Viewer
from mailroom.domain.accounts import NAME, RESERVED
from mailroom.records.accounts import (
    account_named,
    add_account,
    all_accounts,
    anybody,
    end_sittings,
    events_of,
    lock_accounts,
    note_account,
    others_with_role,
    teams_of_nobody_else,
)
from mailroom.records.cases import open_cases_of
from mailroom.records.tables import Account
from mailroom.records.taking import let_all_go
from mailroom.services import Services

_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"
"""Of a password for once: none that is taken for another when it is read out."""

_PARTS, _PART_LENGTH = 4, 4

GIVEN_BACK = "given_back"
"""Under which an account's event holds how many open cases went back to their teams."""


@dataclass(frozen=True, slots=True)
class Post:
    """What somebody does here.

    Attributes:
        roles: at least one.
        teams: keys of the teams they work in; needed for the back office.
        named_for_limited: on the list of those who may see limited-access items.
    """

    roles: frozenset[Role]
    teams: frozenset[str] = frozenset()
    named_for_limited: bool = False


@dataclass(frozen=True, slots=True)
class NewPassword:
    """A password to be told its owner, who can use it once."""

    name: str
    password: str


def join(name: str, display_name: str, post: Post, administrator: Viewer, services: Services) -> NewPassword:
    """Let somebody join; one who left comes back under the old name with what they do now.

    Raises:
        Refused: it is not the viewer's to do, the name is taken or cannot be one, or the post makes no sense.
    """
    name = name.strip().casefold()
    refuse_unless_theirs_to_do(administrator, Task.ADMINISTER)
    refuse_unless(NAME.fullmatch(name) is not None, "A name begins with a letter and has letters, digits, . _ - only.")
    refuse_unless(name not in RESERVED, f"{name!r} is a word of the mailroom's own. Choose another name.")
    refuse_unless(bool(display_name.strip()), "Write the name by which colleagues know them.")
    post = _checked(post, services)
    now, password = services.now(), _password_for_once()
    hashed = hash_password(password)
    with services.records.work() as session:
        lock_accounts(session)
        account = account_named(session, name)
        refuse_unless(account is None or account.left_at is not None, f"There is somebody called {name!r} already.")
        account = account or add_account(session, name, display_name.strip(), now)
        account.display_name, account.left_at = display_name.strip(), None
        account.subject, account.preferences = None, {}
        _give_post(account, post)
        _give_password(account, hashed)
        note_account(session, account, "joined", actor=administrator.name, at=now, details=_as_json(post))
        session.commit()
    return NewPassword(name, password)


def move(name: str, post: Post, administrator: Viewer, services: Services) -> int:
    """Change what somebody does here; they must sign in anew, and the cases of teams that they leave stay there.

    Whoever leaves the post room has nothing before them there any more.

    Returns:
        How many open cases fell back to their teams.

    Raises:
        NotThere: nobody of that name works here.
        Refused: it is not the viewer's to do, the post makes no sense, or nobody would administer accounts any more.
    """
    post = _checked(post, services)
    with _changing(name, administrator, services) as (session, account):
        _refuse_if_last(session, account, post.roles)
        _give_post(account, post)
        end_sittings(session, account)
        if Role.POST_ROOM not in post.roles:
            let_all_go(session, account.name)
        left_behind = give_back_cases(
            session, account.name, works_in=answers_for(post), actor=administrator.name, at=services.now()
        )
        details = {**_as_json(post), GIVEN_BACK: left_behind}
        note_account(session, account, "moved", actor=administrator.name, at=services.now(), details=details)
    return left_behind


def leave(name: str, administrator: Viewer, services: Services) -> int:
    """Close the account of somebody who leaves: they are signed out everywhere, and their cases fall to their teams.

    What they had before them in the post room is free for others at once.

    Returns:
        How many open cases fell back to their teams.

    Raises:
        NotThere: nobody of that name works here.
        Refused: it is not the viewer's to do, or nobody would administer accounts any more.
    """
    with _changing(name, administrator, services) as (session, account):
        _refuse_if_last(session, account, frozenset())
        account.left_at, account.password_hash, account.second_factor = services.now(), None, None
        end_sittings(session, account)
        let_all_go(session, account.name)
        left_behind = give_back_cases(session, account.name, actor=administrator.name, at=services.now())
        details = {GIVEN_BACK: left_behind}
        note_account(session, account, "left", actor=administrator.name, at=services.now(), details=details)
    return left_behind


def told_of_cases(left_behind: int) -> str:
    """Return how many open cases went back, as a sentence after a space; empty where none did."""
    return f" Open cases given back to their teams: {left_behind}." if left_behind else ""


def answers_for(post: Post) -> frozenset[str]:
    """Return the teams whose cases somebody with this post may own; pure."""
    return post.teams if Role.BACK_OFFICE in post.roles else frozenset()


def reset(name: str, administrator: Viewer, services: Services) -> NewPassword:
    """Give somebody a new password for once, take their second factor away and let them try again at once.

    Raises:
        NotThere: nobody of that name works here.
        Refused: it is not the viewer's to do.
    """
    password = _password_for_once()
    hashed = hash_password(password)
    with _changing(name, administrator, services) as (session, account):
        refuse_unless(account.subject is None, f"{name} signs in through the identity provider: reset it there.")
        _give_password(account, hashed)
        account.second_factor = account.second_factor_step = None
        end_sittings(session, account)
        note_account(session, account, "password_reset", actor=administrator.name, at=services.now())
        return NewPassword(account.name, password)


def accounts(administrator: Viewer, services: Services) -> list[dict[str, Any]]:
    """Return all accounts by name, leavers last.

    Raises:
        Refused: it is not the viewer's to see.
    """
    refuse_unless_theirs_to_do(administrator, Task.ADMINISTER)
    with services.records.look() as session:
        return [_line(account, services.now()) for account in all_accounts(session)]


def account(name: str, administrator: Viewer, services: Services) -> dict[str, Any]:
    """Return one account with what was done to it, newest first.

    With it stand how many open cases it has, by team, and the teams in which nobody else works.

    Raises:
        NotThere: there is none of that name.
        Refused: it is not the viewer's to see.
    """
    refuse_unless_theirs_to_do(administrator, Task.ADMINISTER)
    with services.records.look() as session:
        found = _found(session, name)
        history = [
            {"kind": event.kind, "actor": event.actor, "at": event.at.isoformat(), "details": event.details}
            for event in events_of(session, found)
        ]
        held = [
            (services.catalogue.teams[team].name, number) for team, number in open_cases_of(session, found.name).items()
        ]
        alone_in = [services.catalogue.teams[team].name for team in teams_of_nobody_else(session, found)]
        return {**_line(found, services.now()), "history": history, "open_cases": held, "alone_in": alone_in}


def anybody_there(services: Services) -> bool:
    """Return whether there is an account at all."""
    with services.records.look() as session:
        return anybody(session)


@contextmanager
def _changing(name: str, administrator: Viewer, services: Services) -> Iterator[tuple[Session, Account]]:
    refuse_unless_theirs_to_do(administrator, Task.ADMINISTER)
    with services.records.work() as session:
        lock_accounts(session)
        found = _found(session, name)
        if found.left_at is not None:
            raise NotThere(f"{name!r} has left. Let them join again.")
        yield session, found
        session.commit()


def _found(session: Session, name: str) -> Account:
    found = account_named(session, name.strip().casefold())
    if found is None:
        raise NotThere(f"There is no account {name!r}.")
    return found


def _checked(post: Post, services: Services) -> Post:
    """Return the post with its teams by their keys.

    Raises:
        Refused: it makes no sense.
    """
    refuse_unless(bool(post.roles), "Choose at least one role.")
    teams = frozenset(team_named(team, services).key for team in sorted(post.teams))
    teams_fit = Role.BACK_OFFICE not in post.roles or bool(post.teams)
    refuse_unless(teams_fit, "Choose the teams whose work they see: the back office sees nothing without one.")
    return replace(post, teams=teams)


def _refuse_if_last(session: Session, account: Account, roles: frozenset[Role]) -> None:
    goes = Role.ADMINISTRATOR in account.roles and Role.ADMINISTRATOR not in roles
    left = others_with_role(session, Role.ADMINISTRATOR, account) if goes else 1
    refuse_unless(left > 0, f"{account.name} is the last administrator. Make another one first.")


def _give_post(account: Account, post: Post) -> None:
    account.roles, account.teams = sorted(post.roles), sorted(post.teams)
    account.named_for_limited = post.named_for_limited


def _give_password(account: Account, hashed: str) -> None:
    account.password_hash, account.password_for_once = hashed, True
    account.wrong_passwords, account.not_before = 0, None


def _password_for_once() -> str:
    return "-".join("".join(secrets.choice(_LETTERS) for _ in range(_PART_LENGTH)) for _ in range(_PARTS))


def _as_json(post: Post) -> dict[str, Any]:
    return {"roles": sorted(post.roles), "teams": sorted(post.teams), "named_for_limited": post.named_for_limited}


def _line(account: Account, now: datetime) -> dict[str, Any]:
    return {
        "name": account.name,
        "display_name": account.display_name,
        "roles": list(account.roles),
        "teams": list(account.teams),
        "named_for_limited": account.named_for_limited,
        "second_factor": account.second_factor is not None,
        "password_for_once": account.password_for_once,
        "locked_until": _moment(account.not_before) if account.not_before and account.not_before > now else None,
        "by_provider": account.subject is not None,
        "joined_at": _moment(account.joined_at),
        "left_at": _moment(account.left_at),
    }


def _moment(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None
