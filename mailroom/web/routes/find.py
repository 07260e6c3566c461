"""The post room finds an item while somebody rings: among what is at hand today, or among all that ever came in."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from mailroom.desk.queues import who_has_them
from mailroom.desk.searching import at_hand, is_reference, search
from mailroom.records.finding import Wanted
from mailroom.web.rendering import go_to, page
from mailroom.web.signed_in import ServicesOf, Settler

router = APIRouter(prefix="/post-room/find")


@router.get("")
def find(
    request: Request,
    person: Settler,
    services: ServicesOf,
    words: Annotated[str, Query(max_length=500)] = "",
    number: Annotated[int, Query(alias="page", ge=1, le=100_000)] = 1,
    everything: bool = False,
) -> Response:
    """Lead to the item whose whole reference was typed; else show what was found, newest first."""
    asked = words.strip()
    if not asked:
        return page(request, "post_room/found.html")
    among = None if everything or is_reference(asked) else at_hand(services)
    hits = search(Wanted(asked, at_hand=among), person.viewer, services, number)
    if is_reference(asked) and hits.lines:
        return go_to(f"/items/{hits.lines[0].item}")
    held = who_has_them([hit.item for hit in hits.lines], person.viewer, services)
    return page(request, "post_room/found.html", hits=hits, held=held, asked=asked, everything=everything)
