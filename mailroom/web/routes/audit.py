"""The auditor's pages: what for, then which item; the page as it came with its proof; the untouched bytes."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import IO, Annotated, Any
from urllib.parse import urlencode

from fastapi import APIRouter, Form, Request
from starlette.responses import Response, StreamingResponse

from mailroom.desk.audit import Opened, open_original
from mailroom.desk.drawing import drawn_message, sheet_shown
from mailroom.desk.emergency import emergencies
from mailroom.desk.history import PURPOSES
from mailroom.desk.legal_hold import all_held
from mailroom.desk.pages_shown import page_shown, picture_shown
from mailroom.desk.proof import may_open, prove, state_purpose
from mailroom.desk.searching import one_meant, order_named
from mailroom.desk.signing_in import Person
from mailroom.services import Services
from mailroom.web.audit_found import FIELDS, Asked, filled, found_page, number_in
from mailroom.web.rendering import a_picture, go_to, page
from mailroom.web.signed_in import Prover, ServicesOf

router = APIRouter(prefix="/audit")
Typed = Annotated[str, Form()]

_SANDBOX = "default-src 'none'; sandbox"
_SUFFIX = re.compile(r"\.[a-z0-9]{1,5}")
_CHUNK = 1 << 18


@router.get("")
def find(request: Request, person: Prover, services: ServicesOf) -> Response:
    """Ask what for and for which item; below, what the last search found."""
    asked: Asked = {name: request.query_params.get(name, "").strip() for name in FIELDS}
    number, order = (request.query_params.get(name) for name in ("page", "order"))
    return found_page(request, asked, person, services, number_in(number), order_named(order or ""))


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
    item = one_meant(words, person.viewer, services)
    if item is not None:
        if purpose:
            state_purpose(item, purpose, person.viewer, services)
        return go_to(f"/audit/{item}")
    asked = dict(zip(FIELDS, (words, first, last, channel, case_type, team, state), strict=True))
    return go_to(f"/audit?{urlencode(filled(asked))}")


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
    shown = page_shown(item, number_in(asked.get("page")), viewer, services)
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
