"""What a clerk has settled today, and how what was settled together is undone as one act."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Form, Query, Request
from starlette.responses import Response

from mailroom.desk.bulk import undo_together
from mailroom.desk.settled_today import settled_today
from mailroom.web.rendering import page
from mailroom.web.signed_in import ServicesOf, Settler

router = APIRouter(prefix="/post-room/settled")


@router.get("")
def show_settled(
    request: Request,
    person: Settler,
    services: ServicesOf,
    number: Annotated[int, Query(alias="page", ge=1, le=100_000)] = 1,
) -> Response:
    """Show what they have settled today, newest first."""
    found = settled_today(person.viewer, services, number)
    return page(request, "post_room/settled_today.html", settled=found, number=number)


@router.post("/undo")
def undo_act(
    request: Request, person: Settler, services: ServicesOf, together: Annotated[str, Form()] = ""
) -> Response:
    """Undo what was settled in one act, and say what came of each."""
    outcomes = undo_together(together, person.viewer, services)
    return page(request, "post_room/undone.html", outcomes=outcomes)
