"""An auditor puts an item under legal hold, or lifts that, on its page: the reason stays with it."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Form, Request
from starlette.responses import Response

from mailroom.desk.acting import Refused
from mailroom.desk.legal_hold import lift_hold, place_hold
from mailroom.desk.proof import may_open
from mailroom.web.rendering import go_to
from mailroom.web.routes.audit import proof_page
from mailroom.web.signed_in import Prover, ServicesOf

router = APIRouter(prefix="/audit")
Typed = Annotated[str, Form()]


@router.post("/{item}/hold")
def hold(
    request: Request, item: str, person: Prover, services: ServicesOf, reason: Typed = "", lift: Typed = ""
) -> Response:
    """Put the item under hold, or lift the one that it is under; before a purpose is on record ask for that."""
    found, _, may = may_open(item, person.viewer, services)
    if not may:
        return go_to(f"/audit/{found}")
    try:
        done = (lift_hold if lift else place_hold)(found, person.viewer, services, reason=reason)
    except Refused as fault:
        return proof_page(request, found, person, services, status=409, fault=str(fault), fault_field="hold-reason")
    return go_to(f"/audit/{found}", done.sentence)
