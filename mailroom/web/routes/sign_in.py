"""Signing in and out; what a form had carried when a sitting ended is sent on afterwards, when its owner says so."""

from __future__ import annotations

from typing import Annotated, cast

from fastapi import APIRouter, Form, Request
from starlette.responses import Response

from mailroom.desk.accounts import anybody_there
from mailroom.desk.at_the_address import Addresses
from mailroom.desk.keeping import kept_for
from mailroom.desk.signing_in import Wrong, owner_of, person_of, refuse_as_wrong, sign_in, sign_out
from mailroom.services import Services
from mailroom.web.kept_form import KeptForm, is_ours, kept_in
from mailroom.web.rendering import go_to, page
from mailroom.web.signed_in import SIGN_OUT, Anyone, ServicesOf, drop_token, keep_token, token_of

router = APIRouter()
Typed = Annotated[str, Form()]


@router.get("/sign-in")
def ask(request: Request, services: ServicesOf, next: str = "/") -> Response:  # noqa: A002  # the word stands in the address
    """Ask for name and password."""
    return page(request, "sign_in/sign_in.html", next=next, empty=not anybody_there(services))


@router.post("/sign-in")
def begin(
    request: Request,
    services: ServicesOf,
    name: Typed = "",
    password: Typed = "",
    code: Typed = "",
    next: Typed = "/",  # noqa: A002
    kept_path: Typed = "",
    kept_fields: Typed = "",
    kept_for: Typed = "",
) -> Response:
    """Begin a sitting, or say why not; the token of an earlier one is worth nothing from now on."""
    kept = kept_in({"kept_path": kept_path, "kept_fields": kept_fields, "kept_for": kept_for})
    try:
        token = _try(request, name, password, code, services)
    except Wrong as wrong:
        return page(request, "sign_in/sign_in.html", status=403, fault=str(wrong), name=name, next=next, kept=kept)
    sign_out(token_of(request), services)
    theirs = kept is not None and kept.owner == owner_of(token, services)
    response = _send_on(request, kept, token, services) if kept and theirs else go_to(next if is_ours(next) else "/")
    keep_token(response, token, services.settings.web)
    return response


@router.post(SIGN_OUT)
def end(request: Request, person: Anyone, services: ServicesOf) -> Response:  # noqa: ARG001  # the person proves the form
    """End the sitting."""
    sign_out(token_of(request), services)
    response = go_to("/sign-in", "You are signed out.")
    drop_token(response, services.settings.web)
    return response


@router.get("/sign-in/kept")
def show_kept(request: Request, person: Anyone, services: ServicesOf) -> Response:
    """Show what was kept while its owner signed in at the identity provider."""
    found = kept_for(person.account, services)
    if found is None:
        return go_to("/")
    path, fields = found
    return page(request, "sign_in/kept.html", kept=KeptForm(path, tuple(fields), person.account))


def _try(request: Request, name: str, password: str, code: str, services: Services) -> str:
    """Return the token of a new sitting.

    Raises:
        Wrong: they do not fit, or there were too many wrong tries for this name or from this address.
    """
    addresses = cast("Addresses", request.app.state.addresses)
    address, named = request.client.host if request.client else "", name.strip().casefold()
    if not addresses.may_try(address, named):
        refuse_as_wrong(password)
    try:
        token = sign_in(name, password, code, services)
    except Wrong:
        addresses.went_wrong(address, named)
        raise
    addresses.went_right(address, named)
    return token


def _send_on(request: Request, kept: KeptForm, token: str, services: Services) -> Response:
    """Show what was kept: the desk may be somebody else's by now, so nothing goes by itself."""
    request.state.person = person_of(token, services)
    return page(request, "sign_in/kept.html", kept=kept)
