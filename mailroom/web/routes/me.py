"""What everybody may change about themselves: their password, and how the pages look and listen to keys."""

from __future__ import annotations

from base64 import b64encode
from typing import Annotated

from fastapi import APIRouter, Form, Request
from starlette.responses import Response

from mailroom.desk.acting import Refused, refuse_unless
from mailroom.desk.emergency import break_glass
from mailroom.desk.preferences import Preferences, prefer
from mailroom.desk.second_factor import as_picture, new_secret, set_up
from mailroom.desk.signing_in import Person, choose_password
from mailroom.domain.access import Task, may_do
from mailroom.services import Services
from mailroom.web.moments import short
from mailroom.web.rendering import go_to, page
from mailroom.web.signed_in import CHOOSE_PASSWORD, Anyone, ServicesOf, keep_token, token_of

router = APIRouter()
Typed = Annotated[str, Form()]
Ticked = Annotated[bool, Form()]


@router.get("/me")
def me(request: Request, person: Anyone) -> Response:
    """Show what somebody may change about themselves."""
    viewer = person.viewer
    return page(request, "me/me.html", in_need=may_do(viewer, Task.LOOK) and not viewer.named_for_limited)


@router.post("/me/preferences")
def save_preferences(
    person: Anyone, services: ServicesOf, dense: Ticked = False, single_keys: Ticked = False, keypad: Ticked = False
) -> Response:
    """Keep how the pages look and listen to keys."""
    prefer(person.account, Preferences(dense=dense, single_keys=single_keys, keypad=keypad), services)
    return go_to("/me", "Your preferences are saved.")


@router.get("/me/second-factor")
def offer_second_factor(request: Request, person: Anyone, services: ServicesOf) -> Response:
    """Show a new secret for somebody's app."""
    return _show_secret(request, new_secret(), person, services)


@router.post("/me/second-factor")
def set_up_second_factor(
    request: Request, person: Anyone, services: ServicesOf, secret: Typed = "", code: Typed = "", password: Typed = ""
) -> Response:
    """Have sign-ins ask for the app's code once it is proved."""
    try:
        set_up(secret, code, password, person, services)
    except Refused as fault:
        return _show_secret(request, new_secret(), person, services, fault=str(fault))
    return go_to("/me", "From now on you are asked for the code of your app as well.")


@router.post("/me/emergency")
def ask_for_emergency_access(request: Request, person: Anyone, services: ServicesOf, reason: Typed = "") -> Response:
    """Let this sitting see limited-access items for a while."""
    token, until = break_glass(token_of(request), reason, person, services)
    response = go_to("/", f"You may see limited-access items until {short(until)}. It is on record.")
    keep_token(response, token, services.settings.web)
    return response


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


def _show_secret(
    request: Request, secret: str, person: Person, services: Services, fault: str | None = None
) -> Response:
    picture = b64encode(as_picture(secret, person, services)).decode()
    status = 409 if fault else 200
    return page(request, "me/second_factor.html", status=status, secret=secret, picture=picture, fault=fault)
