"""People for whom the council's identity provider vouches: their account follows their groups at every sign-in.

Before: the provider has proved who somebody is and in which groups (`web/routes/provider.py`). After: the account with
their subject has the roles and teams of these groups; somebody new has one. An account that an administrator made or
closed is never taken over by a provider's word.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from sqlalchemy.orm import Session

from mailroom.desk.accounts import GIVEN_BACK, Post, answers_for
from mailroom.desk.acting import Refused, refuse_unless
from mailroom.desk.minding import give_back_cases
from mailroom.domain.access import Role
from mailroom.domain.accounts import NAME, RESERVED
from mailroom.records.accounts import (
    account_named,
    account_of_subject,
    add_account,
    end_sittings,
    lock_accounts,
    note_account,
)
from mailroom.records.tables import Account
from mailroom.services import Services
from mailroom.settings import Provider

_NO_ROLE = "None of your groups has a role in the mailroom. Ask the administrator for one."


@dataclass(frozen=True, slots=True)
class Vouched:
    """What the provider says of somebody.

    Attributes:
        subject: issuer and subject, which stay the same for good.
        name: the name they are known by there.
        display_name: as colleagues know them.
        groups: the groups they are in.
    """

    subject: str
    name: str
    display_name: str
    groups: frozenset[str]


def vouched_from(issuer: str, claims: Mapping[str, object], groups_claim: str) -> Vouched:
    """Return what the claims of an ID token say; pure."""
    name = str(claims.get("preferred_username") or claims.get("email") or claims["sub"])
    listed = claims.get(groups_claim)
    groups = listed if isinstance(listed, list) else []
    plain = name.partition("@")[0].strip().casefold()
    return Vouched(
        subject=f"{issuer}|{claims['sub']}",
        name=plain,
        display_name=str(claims.get("name") or name),
        groups=frozenset(str(group) for group in groups),
    )


def post_of(groups: Iterable[str], provider: Provider) -> Post:
    """Return what somebody in these groups does here; pure."""
    inside = frozenset(groups)
    return Post(
        roles=frozenset(Role(role) for group, role in provider.roles.items() if group in inside),
        teams=frozenset(team for group, team in provider.teams.items() if group in inside),
        named_for_limited=bool(inside & frozenset(provider.limited_groups)),
    )


def account_for(vouched: Vouched, services: Services) -> str:
    """Return the id of the account of somebody for whom the provider vouches, with what their groups say they do.

    Somebody who is in none of our groups any more loses what they had, at once and everywhere.

    Raises:
        Refused: none of their groups does anything here, their account was closed, or their name is somebody else's.
    """
    post = post_of(vouched.groups, services.settings.web.provider)
    with services.records.work() as session:
        lock_accounts(session)
        account = account_of_subject(session, vouched.subject)
        if account is None:
            refuse_unless(bool(post.roles), _NO_ROLE)
            account = _new(session, vouched, services)
        refuse_unless(account.left_at is None, "This account is closed. Ask the administrator.")
        _follow(session, account, post, vouched, services)
        session.commit()
        refuse_unless(bool(post.roles), _NO_ROLE)
        return account.id


def _new(session: Session, vouched: Vouched, services: Services) -> Account:
    unfit = not NAME.fullmatch(vouched.name) or vouched.name in RESERVED
    if unfit or account_named(session, vouched.name) is not None:
        raise Refused(f"The name {vouched.name!r} cannot be used or is somebody's here. Ask the administrator.")
    account = add_account(session, vouched.name, vouched.display_name, services.now())
    account.subject = vouched.subject
    return account


def _follow(session: Session, account: Account, post: Post, vouched: Vouched, services: Services) -> None:
    has = Post(frozenset(Role(role) for role in account.roles), frozenset(account.teams), account.named_for_limited)
    account.display_name = vouched.display_name
    if has == post:
        return
    account.roles, account.teams = sorted(post.roles), sorted(post.teams)
    account.named_for_limited = post.named_for_limited
    end_sittings(session, account)
    left_behind = give_back_cases(
        session, account.name, works_in=answers_for(post), actor="machine:provider", at=services.now()
    )
    details = {
        GIVEN_BACK: left_behind,
        "roles": sorted(post.roles),
        "teams": sorted(post.teams),
        "named_for_limited": post.named_for_limited,
    }
    note_account(session, account, "groups_changed", actor="machine:provider", at=services.now(), details=details)
