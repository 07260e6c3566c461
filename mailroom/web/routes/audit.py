"""The auditor's pages: what for, then which item; the page as it came with its proof; the untouched bytes."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from typing import IO, Annotated, Any
from urllib.parse import urlencode

from fastapi import APIRouter, Form, Request
from starlette.responses import Response, StreamingResponse

from mailroom.desk.acting import Refused
from mailroom.desk.audit import NotThere, Opened, open_original
from mailroom.desk.drawing import drawn_message, sheet_shown
from mailroom.desk.emergency import emergencies
from mailroom.desk.history import PURPOSES
from mailroom.desk.legal_hold import all_held
from mailroom.desk.pages_shown import page_shown, picture_shown
from mailroom.desk.proof import may_open, prove, state_purpose
from mailroom.desk.saved_views import saved_views, shared_with
from mailroom.desk.searching import is_reference, order_named, search
from mailroom.desk.signing_in import Person
from mailroom.desk.typed_query import days_in, wanted_by
from mailroom.domain.capture import Channel
from mailroom.domain.items import ItemState
from mailroom.records.ledger import Days
from mailroom.records.wanted import Wanted
from mailroom.services import Services
from mailroom.web.rendering import a_picture, go_to, page
from mailroom.web.routes.audit_views import as_line
from mailroom.web.signed_in import Prover, ServicesOf

router = APIRouter(prefix="/audit")
Typed = Annotated[str, Form()]
Asked = dict[str, str]

_FIELDS = ("words", "first", "last", "channel", "case_type", "team", "state")
_SANDBOX = "default-src 'none'; sandbox"
_SUFFIX = re.compile(r"\.[a-z0-9]{1,5}")
_CHUNK = 1 << 18


@router.get("")
def find(request: Request, person: Prover, services: ServicesOf) -> Response:
    """Ask what for and for which item; below, what the last search found."""
    asked: Asked = {name: request.query_params.get(name, "").strip() for name in _FIELDS}
    facts: dict[str, Any] = {"asked": asked, "filled": _filled(asked), **_choices(services)}
    if not any(asked.values()):
        return page(request, "audit/search.html", views=saved_views(person.viewer, services), **facts)
    try:
        number, order = (request.query_params.get(name) for name in ("page", "order"))
        wanted = _wanted(asked, services)
        hits = search(wanted, person.viewer, services, _number(number), order=order_named(order or ""))
    except Refused as fault:
        field = "first" if asked["first"] or asked["last"] else "words"
        return page(request, "audit/search.html", status=409, fault=str(fault), fault_field=field, **facts)
    rest = urlencode({**_filled(asked), "order": hits.order})
    kept, share = as_line(asked), shared_with(person.viewer, services)
    return page(request, "audit/search.html", hits=hits, rest=rest, kept=kept, share=share, **facts)


@router.post("")
def open_or_find(
    person: Prover,
    services: ServicesOf,
    purpose: Typed = "",
    words: Typed = "",
    first: Typed = "",
    last: Typed = "",
    channel: Typed = "",
    case_type: Typed = "",
    team: Typed = "",
    state: Typed = "",
) -> Response:
    """Lead to the item whose reference was typed, its purpose put down; else to what the search finds."""
    if is_reference(words):
        with suppress(NotThere):
            item_id, _, _ = may_open(words.strip(), person.viewer, services)
            if purpose:
                state_purpose(item_id, purpose, person.viewer, services)
            return go_to(f"/audit/{item_id}")
    asked = dict(zip(_FIELDS, (words, first, last, channel, case_type, team, state), strict=True))
    return go_to(f"/audit?{urlencode(_filled(asked))}")


@router.get("/emergencies")
def show_emergencies(request: Request, person: Prover, services: ServicesOf) -> Response:
    """Show who had emergency access to limited-access items, and why."""
    return page(request, "audit/emergencies.html", emergencies=emergencies(person.viewer, services))


@router.get("/holds")
def show_holds(request: Request, person: Prover, services: ServicesOf) -> Response:
    """Show which items are under legal hold, since when and why."""
    return page(request, "audit/holds.html", held=all_held(person.viewer, services))


@router.get("/{item}")
def show(request: Request, item: str, person: Prover, services: ServicesOf) -> Response:
    """Show the page as it came beside its proof; before that ask what for."""
    found, reference, may = may_open(item, person.viewer, services)
    if not may:
        return page(request, "audit/purpose.html", item=found, reference=reference, purposes=PURPOSES)
    return proof_page(request, found, person, services)


@router.post("/{item}/purpose")
def say_what_for(item: str, person: Prover, services: ServicesOf, purpose: Typed = "") -> Response:
    """Put the purpose down and go on to the item."""
    return go_to(f"/audit/{state_purpose(item, purpose, person.viewer, services)}")


@router.get("/{item}/pages/{place}/drawing/{number}")
def sheet(item: str, place: int, number: int, person: Prover, services: ServicesOf) -> Response:
    """Return one sheet of a formatted mail as it was meant to be seen."""
    return a_picture(sheet_shown(item, place, number, person.viewer, services))


@router.get("/{item}/pages/{place}/picture")
def picture(item: str, place: int, person: Prover, services: ServicesOf) -> Response:
    """Return the picture of one page."""
    stream = picture_shown(item, place, person.viewer, services)
    return StreamingResponse(_chunks(stream), media_type="image/jpeg", headers={"Content-Security-Policy": _SANDBOX})


@router.post("/{item}/original")
def original(item: str, person: Prover, services: ServicesOf, digest: Typed = "") -> Response:
    """Return the untouched bytes, as a file that no browser opens by itself; each time is on record."""
    opened = open_original(item, person.viewer, services, digest or None)
    headers = {
        "Content-Security-Policy": _SANDBOX,
        "Content-Disposition": f'attachment; filename="{_file_name(opened)}"',
        "Content-Encoding": "identity",
        "Content-Length": str(opened.size),
        "Digest": f"sha-256={opened.sha256}",
    }
    return StreamingResponse(_chunks(opened.stream), media_type="application/octet-stream", headers=headers)


def proof_page(
    request: Request,
    item: str,
    person: Person,
    services: Services,
    *,
    status: int = 200,
    **facts: Any,  # noqa: ANN401  # what a template shows
) -> Response:
    """Return the page of an item that is open: the page as it came beside its proof; the look is on record."""
    asked, viewer = request.query_params, person.viewer
    proof = prove(item, viewer, services)
    shown = page_shown(item, _number(asked.get("page")), viewer, services)
    as_picture = shown is not None and shown.formatted and "drawn" in asked
    drawing = drawn_message(item, shown.place, viewer, services) if shown and as_picture else None
    facts |= {"proof": proof, "item": proof.shown, "shown": shown, "drawing": drawing}
    return page(request, "audit/proof.html", status=status, **facts)


def _chunks(stream: IO[bytes]) -> Iterator[bytes]:
    with stream:
        while chunk := stream.read(_CHUNK):
            yield chunk


def _file_name(opened: Opened) -> str:
    """Return a name of ours: the sender's own may be made to harm whoever saves it."""
    ending = opened.file_name.lower().rpartition(".")[2]
    suffix = f".{ending}" if _SUFFIX.fullmatch(f".{ending}") and "." in opened.file_name else ""
    return f"{opened.reference}-{opened.sha256[:8]}{suffix}"


def _wanted(asked: Asked, services: Services) -> Wanted:
    """Return what is looked for: what the line tells, narrowed by the fields that are filled in.

    Raises:
        Refused: a day is none, or the last comes before the first; what is no choice of a list is not asked.
    """
    typed = wanted_by(asked["words"], services)
    first = days_in(asked["first"]).first if asked["first"] else typed.days.first
    last = days_in(asked["last"]).last if asked["last"] else typed.days.last
    if first and last and first > last:
        raise Refused("The last day comes before the first. Change one of the two.")
    return replace(
        typed,
        days=Days(first, last),
        channel=Channel(asked["channel"]) if asked["channel"] in list(Channel) else typed.channel,
        case_type=asked["case_type"] if asked["case_type"] in services.catalogue.services else typed.case_type,
        team=asked["team"] if asked["team"] in services.catalogue.teams else typed.team,
        state=ItemState(asked["state"]) if asked["state"] in list(ItemState) else typed.state,
    )


def _number(text: str | None) -> int:
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 7 else 1


def _filled(asked: Asked) -> Asked:
    return {name: value for name, value in asked.items() if value}


def _choices(services: Services) -> dict[str, Any]:
    types = dict(sorted(services.catalogue.services.items(), key=lambda line: line[1].title))
    teams = dict(sorted(services.catalogue.teams.items(), key=lambda line: line[1].name))
    return {"purposes": PURPOSES, "channels": list(Channel), "states": list(ItemState), "types": types, "teams": teams}
