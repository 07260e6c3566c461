"""Signing in and out; what a form had carried when a sitting ended is sent on afterwards, when its owner says so."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Form, Request
from starlette.responses import Response

from mailroom.desk.accounts import anybody_there
from mailroom.desk.signing_in import Wrong, owner_of, person_of, sign_in, sign_out
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
        token = sign_in(name, password, code, services)
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


def _send_on(request: Request, kept: KeptForm, token: str, services: Services) -> Response:
    """Show what was kept: the desk may be somebody else's by now, so nothing goes by itself."""
    request.state.person = person_of(token, services)
    return page(request, "sign_in/kept.html", kept=kept)
