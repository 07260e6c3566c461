"""Who may be given a team's case: those who have an account, work in the back office and are of that team.

Before: somebody names an officer. After: the case goes to an account that exists, or the refusal says who works there.
How they sign in, with a password or through the provider, makes no difference.
"""

from __future__ import annotations

from sqlalchemy.orm import Session

from mailroom.desk.acting import Refused
from mailroom.desk.naming import key_meant
from mailroom.domain.access import Role
from mailroom.domain.catalogue import Team
from mailroom.records.accounts import all_accounts
from mailroom.records.tables import Account

Officer = tuple[str, str]
"""Account name, and the name by which colleagues know them."""


def officers_of(session: Session, team: str) -> list[Officer]:
    """Return who works in the team, by the name that colleagues know."""
    here = [(one.name, one.display_name) for one in all_accounts(session) if _works_in(one, team)]
    return sorted(here, key=lambda officer: officer[1].casefold())


def officer_named(session: Session, written: str, team: Team) -> str:
    """Return the account name of the officer of the team whose account or known name is written, in either case.

    Raises:
        Refused: nobody of that name works there; the sentence names those who do.
    """
    here = officers_of(session, team.key)
    name = key_meant(written, dict(here))
    if name is None:
        raise Refused(_who_works_there(written.strip(), here, team))
    return name


def _who_works_there(written: str, here: list[Officer], team: Team) -> str:
    if not here:
        return f"Nobody with an account works in {team.name}. Ask the administrator to let them join."
    people = ", ".join(name if name == known_as.casefold() else f"{name} ({known_as})" for name, known_as in here)
    return f"There is no {written!r} in {team.name}. Name one of those who work there: {people}."


def _works_in(account: Account, team: str) -> bool:
    return account.left_at is None and Role.BACK_OFFICE in account.roles and team in account.teams
