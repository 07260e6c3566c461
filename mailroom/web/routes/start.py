"""Where everybody begins, the council's colour, the reader's language, and the sign of life for machines."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Form
from sqlalchemy import text
from starlette.responses import JSONResponse, Response

from mailroom.web.kept_form import is_ours
from mailroom.web.language import COOKIE, LANGUAGES
from mailroom.web.navigation import home_of
from mailroom.web.rendering import go_to
from mailroom.web.signed_in import Anyone, ServicesOf, is_secure

router = APIRouter()
_A_YEAR = 365 * 24 * 3600


@router.get("/")
def start(person: Anyone) -> Response:
    """Lead everybody to where they begin."""
    return go_to(home_of(person))


@router.post("/stay")
def stay(person: Anyone, services: ServicesOf) -> Response:
    """Let a script say that somebody is still there; the answer says for how many seconds they stay signed in."""
    return JSONResponse({"ends_in": int((person.ends_at - services.now()).total_seconds())})


@router.get("/theme.css")
def theme(services: ServicesOf) -> Response:
    """Return the council's colour."""
    css = f":root{{--council-colour:{services.settings.web.colour}}}"
    return Response(css, media_type="text/css", headers={"Cache-Control": "public, max-age=300"})


@router.post("/language")
def choose_language(
    services: ServicesOf, language: Annotated[str, Form()] = "", back: Annotated[str, Form()] = "/"
) -> Response:
    """Show the pages in another language from now on; nothing else depends on it, so nobody needs to be signed in."""
    response = go_to(back if is_ours(back) else "/")
    if language in LANGUAGES:
        secure = is_secure(services.settings.web)
        response.set_cookie(COOKIE, language, max_age=_A_YEAR, httponly=True, samesite="lax", secure=secure)
    return response


@router.api_route("/healthz", methods=["GET", "HEAD"])
def sign_of_life(services: ServicesOf) -> Response:
    """Say that the pages are served and the records can be read."""
    with services.records.look() as session:
        session.execute(text("SELECT 1"))
    return JSONResponse({"ok": True})
