"""Searches that an auditor saves: the line and the fields beside it, kept as one line under a name."""

from __future__ import annotations

from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Form, Request
from starlette.responses import Response

from mailroom.desk.acting import Refused
from mailroom.desk.saved_views import forget_view, save_view
from mailroom.desk.searching import order_named
from mailroom.web.audit_found import FIELDS, found_page
from mailroom.web.rendering import go_to
from mailroom.web.signed_in import Prover, ServicesOf

router = APIRouter(prefix="/audit/views")
Typed = Annotated[str, Form()]


@router.post("")
def save(
    request: Request,
    person: Prover,
    services: ServicesOf,
    name: Typed = "",
    words: Typed = "",
    order: Typed = "",
    team: Typed = "",
) -> Response:
    """Save a search under a name, and go on with it."""
    how, asked = order_named(order), dict.fromkeys(FIELDS, "") | {"words": words.strip()}
    try:
        notice = save_view(name, words, person.viewer, services, order=how, everything=True, team=team)
    except Refused as fault:
        field, typed = "view-name" if asked["words"] else "words", {"name": name, "team": team}
        facts = {"status": 409, "fault": str(fault), "fault_field": field, "typed": typed}
        return found_page(request, asked, person, services, 1, how, **facts)
    return go_to(f"/audit?{urlencode({'words': words.strip(), 'order': how})}", notice)


@router.post("/{view}/remove")
def remove(view: str, person: Prover, services: ServicesOf) -> Response:
    """Remove a view that they have saved."""
    return go_to("/audit", forget_view(view, person.viewer, services))
