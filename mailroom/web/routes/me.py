"""What everybody may change about themselves: their password, and how the pages look and listen to keys."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Form, Request
from starlette.responses import Response

from mailroom.desk.acting import Refused, refuse_unless
from mailroom.desk.preferences import Preferences, prefer
from mailroom.desk.signing_in import choose_password
from mailroom.web.rendering import go_to, page
from mailroom.web.signed_in import CHOOSE_PASSWORD, Anyone, ServicesOf, keep_token, token_of

router = APIRouter()
Typed = Annotated[str, Form()]
Ticked = Annotated[bool, Form()]


@router.get("/me")
def me(request: Request, person: Anyone) -> Response:  # noqa: ARG001  # being signed in is all that is asked
    """Show what somebody may change about themselves."""
    return page(request, "me/me.html")


@router.post("/me/preferences")
def save_preferences(
    person: Anyone, services: ServicesOf, dense: Ticked = False, single_keys: Ticked = False, keypad: Ticked = False
) -> Response:
    """Keep how the pages look and listen to keys."""
    prefer(person.account, Preferences(dense=dense, single_keys=single_keys, keypad=keypad), services)
    return go_to("/me", "Your preferences are saved.")


@router.get(CHOOSE_PASSWORD)
def ask_for_password(request: Request, person: Anyone) -> Response:
    """Ask for a new password."""
    return page(request, "me/password.html", for_once=person.password_for_once)


@router.post(CHOOSE_PASSWORD)
def change_password(
    request: Request, person: Anyone, services: ServicesOf, old: Typed = "", new: Typed = "", again: Typed = ""
) -> Response:
    """Set the new password; every other sitting of this person is ended."""
    try:
        refuse_unless(new == again, "The two new passwords are not the same. Type both again.")
        token = choose_password(token_of(request), old, new, services)
    except Refused as fault:
        facts = {"for_once": person.password_for_once, "fault": str(fault)}
        return page(request, "me/password.html", status=409, **facts)
    response = go_to("/", "Your password is changed.")
    keep_token(response, token, services.settings.web)
    return response
