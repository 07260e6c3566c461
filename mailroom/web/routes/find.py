"""The post room finds an item while somebody rings: among what is at hand today, or among all that ever came in."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Form, Query, Request
from starlette.responses import Response

from mailroom.desk.acting import Refused
from mailroom.desk.queues import who_has_them
from mailroom.desk.saved_views import forget_view, save_view, saved_views, shared_with
from mailroom.desk.searching import Hits, at_hand, is_nearly_a_reference, is_reference, order_named, search
from mailroom.desk.signing_in import Person
from mailroom.desk.typed_query import wanted_by
from mailroom.records.wanted import Order
from mailroom.services import Services
from mailroom.web.rendering import go_to, page
from mailroom.web.signed_in import ServicesOf, Settler

router = APIRouter(prefix="/post-room/find")
Typed = Annotated[str, Form()]


@router.get("")
def find(
    request: Request,
    person: Settler,
    services: ServicesOf,
    words: Annotated[str, Query(max_length=500)] = "",
    number: Annotated[int, Query(alias="page", ge=1, le=100_000)] = 1,
    everything: bool = False,
    order: Annotated[str, Query(max_length=20)] = "",
) -> Response:
    """Lead to the item whose whole reference was typed; else show what was found, in the order that is wanted."""
    asked = words.strip()
    if not asked:
        return page(request, "post_room/found.html", views=saved_views(person.viewer, services))
    try:
        hits = _hits(asked, person, services, number, everything=everything, order=order_named(order))
    except Refused as fault:
        facts = {"asked": asked, "everything": everything}
        return page(request, "post_room/found.html", status=409, fault=str(fault), fault_field="find", **facts)
    if is_reference(asked) and hits.count == 1:
        return go_to(f"/items/{hits.lines[0].item}")
    return _listed(request, hits, person, services, asked=asked, everything=everything)


@router.post("/views")
def save(
    request: Request,
    person: Settler,
    services: ServicesOf,
    name: Typed = "",
    words: Typed = "",
    order: Typed = "",
    everything: Typed = "",
    team: Typed = "",
) -> Response:
    """Save a search under a name, and go on with it."""
    how, among = order_named(order), bool(everything)
    try:
        notice = save_view(name, words, person.viewer, services, order=how, everything=among, team=team)
    except Refused as fault:
        views, facts = saved_views(person.viewer, services), {"asked": words.strip(), "everything": among}
        try:
            hits = _hits(words.strip(), person, services, everything=among, order=how)
        except Refused:  # what was searched for is what is wrong
            return page(request, "post_room/found.html", status=409, fault=str(fault), views=views, **facts)
        facts |= {"fault": str(fault), "fault_field": "view-name", "typed": {"name": name, "team": team}}
        return _listed(request, hits, person, services, status=409, **facts)
    return go_to(f"/post-room/find?{urlencode(_address(words.strip(), how, among))}", notice)


@router.post("/views/{view}/remove")
def remove(view: str, person: Settler, services: ServicesOf) -> Response:
    """Remove a view that they have saved."""
    return go_to("/post-room/find", forget_view(view, person.viewer, services))


def _hits(asked: str, person: Person, services: Services, number: int = 1, *, everything: bool, order: Order) -> Hits:
    """Return what was found: among what is at hand, where neither all nor one reference is asked for.

    Raises:
        Refused: a fact is told that there is not.
    """
    wanted = wanted_by(asked, services)
    if not everything and not is_reference(asked) and not is_nearly_a_reference(asked):
        wanted = replace(wanted, at_hand=at_hand(services))
    return search(wanted, person.viewer, services, number, order=order)


def _listed(
    request: Request, hits: Hits, person: Person, services: Services, *, status: int = 200, **facts: object
) -> Response:
    held = who_has_them([hit.item for hit in hits.lines], person.viewer, services)
    facts |= {"hits": hits, "held": held, "share": shared_with(person.viewer, services)}
    return page(request, "post_room/found.html", status=status, teams=services.catalogue.teams, **facts)


def _address(words: str, order: str, everything: bool) -> dict[str, str]:  # as the address has it
    told = {"words": words, "everything": "1" if everything else "", "order": order}
    return {name: value for name, value in told.items() if value}
