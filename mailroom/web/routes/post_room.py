"""The post room's day: today's ledger, the queue, the next item, and several settled together."""

from __future__ import annotations

from typing import Annotated, Any
from urllib.parse import quote

from fastapi import APIRouter, Form, Query, Request
from starlette.responses import JSONResponse, Response

from mailroom.desk import queues
from mailroom.desk.bulk import Chosen, new_act, settle_together
from mailroom.desk.endings import no_reply_reasons
from mailroom.desk.naming import case_types
from mailroom.desk.signing_in import Person
from mailroom.desk.taking import next_for
from mailroom.desk.today import ledger_today
from mailroom.records.post_room_queue import MOST_COUNTED
from mailroom.services import Services
from mailroom.web.rendering import go_to, page
from mailroom.web.signed_in import ServicesOf, Settler

router = APIRouter(prefix="/post-room")
LINES = 25


@router.get("")
def show_queue(
    request: Request,
    person: Settler,
    services: ServicesOf,
    number: Annotated[int, Query(alias="page", ge=1, le=100_000)] = 1,
    cause: str | None = None,
    suggested: str | None = None,
) -> Response:
    """Show today's ledger and the queue, or what in it is alike."""
    found = queues.waiting(person.viewer, services, page=number, size=LINES, cause=cause, suggested=suggested)
    return page(
        request,
        "post_room/queue.html",
        lines=found,
        may_have_more=len(found) == LINES,
        number=number,
        cause=cause,
        suggested=suggested,
        groups=[group for group in queues.groups(person.viewer, services) if group["count"] > 1],
        types=case_types([], services) if cause else [],
        endings=no_reply_reasons(services),
        **_live(person, services),
    )


@router.get("/live")
def show_live(request: Request, person: Settler, services: ServicesOf) -> Response:
    """Return the part of the page that is asked for again every few seconds."""
    return page(request, "post_room/today.html", **_live(person, services))


@router.get("/lines.json")
def tell_lines(
    person: Settler,
    services: ServicesOf,
    item: Annotated[list[str], Query(max_length=4 * LINES)] = [],  # noqa: B006  # FastAPI copies it
) -> Response:
    """Tell a script which of the lines that it shows still wait, and who has them."""
    held = queues.who_has_them(item, person.viewer, services)
    lines = {name: {"taken_by": who, "yours": who == person.viewer.name} for name, who in held.items()}
    return JSONResponse({"lines": lines})


@router.get("/next")
def open_next(
    request: Request,
    person: Settler,
    services: ServicesOf,
    besides: Annotated[list[str] | None, Query()] = None,
    undo: str | None = None,
) -> Response:
    """Open the next item that nobody has, or say that there is none."""
    found = next_for(person.viewer, services, besides=besides or ())
    if found.item is None:
        return page(request, "post_room/nothing.html", **_live(person, services))
    return go_to(f"/items/{found.item}" + (f"?undo={quote(undo)}" if undo else ""))


@router.post("/settle")
def settle_chosen(
    request: Request,
    person: Settler,
    services: ServicesOf,
    chosen: Annotated[list[str], Form()] = [],  # noqa: B006  # FastAPI copies it
    case_type: Annotated[str, Form()] = "",
) -> Response:
    """Settle exceptions that are alike as one case type, and say what came of each."""
    act, items = new_act(), [_chosen(one) for one in chosen]
    outcomes = settle_together(items, case_type, person.viewer, services, together=act)
    return page(request, "post_room/settled.html", outcomes=outcomes, act=act)


def _live(person: Person, services: Services) -> dict[str, Any]:
    day, ledger = ledger_today(person.viewer, services)
    counts = queues.count(person.viewer, services)
    return {"day": day, "ledger": ledger, "counts": counts, "most": MOST_COUNTED}


def _chosen(written: str) -> Chosen:
    item, _, run = written.partition(":")
    return Chosen(item, int(run) if run.isdigit() else None)
