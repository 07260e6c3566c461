"""Accounts, as an administrator keeps them: who may sign in, as what, and what was done to each."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Form, Request
from starlette.responses import Response

from mailroom.desk import accounts as desk
from mailroom.desk.accounts import NewPassword, Post
from mailroom.desk.acting import Refused
from mailroom.domain.access import Role
from mailroom.services import Services
from mailroom.web.rendering import go_to, page
from mailroom.web.signed_in import Administrator, ServicesOf

router = APIRouter(prefix="/accounts")
Typed = Annotated[str, Form()]
Chosen = Annotated[list[str], Form()]


@router.get("")
def list_accounts(request: Request, person: Administrator, services: ServicesOf) -> Response:
    """List who may sign in."""
    found = desk.accounts(person.viewer, services)
    return page(request, "accounts/accounts.html", accounts=found, teams=services.catalogue.teams)


@router.get("/new")
def ask_for_joiner(request: Request, person: Administrator, services: ServicesOf) -> Response:  # noqa: ARG001
    """Ask who joins, and as what."""
    return page(request, "accounts/new.html", **_choices(services))


@router.post("/new")
def join(
    request: Request,
    person: Administrator,
    services: ServicesOf,
    name: Typed = "",
    display_name: Typed = "",
    roles: Chosen = [],  # noqa: B006  # FastAPI copies it
    teams: Chosen = [],  # noqa: B006
    limited: Annotated[bool, Form()] = False,
) -> Response:
    """Let somebody join and show their password, once."""
    try:
        post = _post(roles, teams, limited=limited)
        new = desk.join(name, display_name, post, person.viewer, services)
    except Refused as fault:
        typed = {"name": name, "display_name": display_name, "roles": roles, "in_teams": teams, "limited": limited}
        return page(request, "accounts/new.html", status=409, fault=str(fault), **typed, **_choices(services))
    return _show(request, new)


@router.get("/{name}")
def show_account(request: Request, name: str, person: Administrator, services: ServicesOf) -> Response:
    """Show one account with what was done to it."""
    return page(
        request, "accounts/account.html", account=desk.account(name, person.viewer, services), **_choices(services)
    )


@router.post("/{name}/move")
def move(
    name: str,
    person: Administrator,
    services: ServicesOf,
    roles: Chosen = [],  # noqa: B006
    teams: Chosen = [],  # noqa: B006
    limited: Annotated[bool, Form()] = False,
) -> Response:
    """Change what somebody does here."""
    left_behind = desk.move(name, _post(roles, teams, limited=limited), person.viewer, services)
    told = f"{name} has other work now and must sign in anew.{desk.told_of_cases(left_behind)}"
    return go_to(f"/accounts/{name}", told)


@router.post("/{name}/leave")
def leave(name: str, person: Administrator, services: ServicesOf) -> Response:
    """Close the account of somebody who leaves."""
    left_behind = desk.leave(name, person.viewer, services)
    return go_to("/accounts", f"{name} has left and is signed out everywhere.{desk.told_of_cases(left_behind)}")


@router.post("/{name}/reset")
def reset(request: Request, name: str, person: Administrator, services: ServicesOf) -> Response:
    """Give somebody a new password and show it, once."""
    return _show(request, desk.reset(name, person.viewer, services))


def _show(request: Request, new: NewPassword) -> Response:
    return page(request, "accounts/password.html", name=new.name, password=new.password)


def _choices(services: Services) -> dict[str, Any]:
    return {"all_roles": list(Role), "all_teams": services.catalogue.teams}


def _post(roles: list[str], teams: list[str], *, limited: bool) -> Post:
    """Return what they are to do here.

    Raises:
        Refused: a role is none.
    """
    unknown = set(roles) - set(Role)
    if unknown:
        raise Refused(f"There is no role {', '.join(sorted(unknown))}.")
    return Post(frozenset(Role(role) for role in roles), frozenset(teams), limited)
