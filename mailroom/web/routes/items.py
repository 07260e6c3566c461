"""One item on the bench: its page, and the pictures, words and originals that belong to it."""

from __future__ import annotations

import shutil
from pathlib import Path
from tempfile import mkdtemp
from typing import Annotated, Any

from fastapi import APIRouter, Header, Query, Request
from starlette.responses import FileResponse, JSONResponse, Response
from starlette.types import Receive, Scope, Send

from mailroom.desk.audit import fetch_original
from mailroom.desk.drawing import drawn_message, lit_on, sheet_shown
from mailroom.desk.endings import no_reply_reasons, not_ours_reasons
from mailroom.desk.index_values import as_written, label_of
from mailroom.desk.item_page import ItemPage, open_item
from mailroom.desk.looking import WORK
from mailroom.desk.message_shown import formatted_message, head_of_message
from mailroom.desk.naming import case_types
from mailroom.desk.page_content import PageWords, picture_of_page, words_of_page
from mailroom.desk.reasons import marked
from mailroom.desk.referring import colleagues
from mailroom.desk.signing_in import Person
from mailroom.desk.taking import following
from mailroom.services import Services
from mailroom.web.rendering import a_picture, in_a_frame, page
from mailroom.web.signed_in import ServicesOf, Settler

router = APIRouter(prefix="/items")
Ahead = Annotated[str | None, Header(alias="Mailroom-Ahead")]
"""Sent by the bench with what it loads and does not show yet; an address that is opened cannot carry it."""

_THUMBS = 6
"""So many pages before and behind the one that is shown have a small picture."""


class _FileOnce(FileResponse):
    """A file that goes with its folder once it is sent, also where a part was asked for that there is not."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send the file or the part of it, then delete it."""
        try:
            await super().__call__(scope, receive, send)
        finally:
            shutil.rmtree(Path(self.path).parent, ignore_errors=True)


@router.get("/{item}")
def show_item(
    request: Request,
    item: str,
    person: Settler,
    services: ServicesOf,
    place: Annotated[int, Query(alias="page", ge=1)] = 1,
    chosen: Annotated[int, Query(ge=1)] = 1,
    zoom: Annotated[int, Query(ge=1, le=4)] = 1,
    turned: Annotated[int, Query(ge=0, le=270, multiple_of=90)] = 0,
    start: Annotated[int, Query(ge=0)] = 0,
    formatted: bool = False,
    drawn: bool = False,
    undo: str | None = None,
    ahead: Ahead = None,
) -> Response:
    """Open an item: it is the viewer's from now on if nobody has it."""
    found = open_item(item, person.viewer, services, ahead=bool(ahead))
    place = min(place, len(found.pages)) or 1
    sheet = {"place": place, "chosen": chosen, "zoom": zoom, "turned": turned, "start": start}
    text = _text(found, place, start, person, services, ahead=bool(ahead))
    pieces = _pieces(found, text)
    head = head_of_message(found.item, place, person.viewer, services) if text else None
    drawing = drawn_message(found.item, place, person.viewer, services) if drawn and head and head.formatted else None
    if drawing and drawing.sheets:
        found = lit_on(drawing, found, place)
    return page(
        request,
        "items/item.html",
        item=found,
        text=text,
        head=head,
        formatted=formatted,
        drawing=drawing,
        pieces=pieces,
        undo=undo,
        **sheet,
        **_choices(found, undo, person, services),
    )


@router.get("/{item}/pages/{place}/picture")
def show_picture(item: str, place: int, person: Settler, services: ServicesOf, ahead: Ahead = None) -> Response:
    """Return the picture of a page."""
    return a_picture(picture_of_page(item, place, person.viewer, services, ahead=bool(ahead)))


@router.get("/{item}/pages/{place}/words")
def show_words(
    item: str, place: int, person: Settler, services: ServicesOf, start: Annotated[int, Query(ge=0)] = 0
) -> Response:
    """Return the words of a page with their boxes."""
    found = words_of_page(item, place, person.viewer, services, start)
    return JSONResponse({"width": found.width, "height": found.height, "words": found.words, "text": found.text})


@router.get("/{item}/pages/{place}/formatted")
def show_formatted(item: str, place: int, person: Settler, services: ServicesOf) -> Response:
    """Return a message as it was formatted, for a frame in which nothing runs, loads or leads away."""
    return in_a_frame(formatted_message(item, place, person.viewer, services))


@router.get("/{item}/pages/{place}/drawing")
def show_drawing(item: str, place: int, person: Settler, services: ServicesOf) -> Response:
    """Return the words of a message with their boxes on its drawing."""
    found = drawn_message(item, place, person.viewer, services)
    return JSONResponse({"words": [[word[0], word[2:6], word[6]] for word in found.words]})


@router.get("/{item}/pages/{place}/drawing/{number}")
def show_sheet(item: str, place: int, number: int, person: Settler, services: ServicesOf) -> Response:
    """Return the picture of one sheet of a drawing."""
    return a_picture(sheet_shown(item, place, number, person.viewer, services))


@router.get("/{item}/original")
def download_original(item: str, person: Settler, services: ServicesOf, digest: str | None = None) -> Response:
    """Return the bytes as received, as a file to be saved and never to be shown in the page."""
    reference = open_item(item, person.viewer, services).reference
    folder = Path(mkdtemp(dir=services.scratch))
    target = folder / "original"
    try:
        fetch_original(item, target, person.viewer, WORK, services, digest)
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    # Not compressed: a part that is asked for by its place would be a part of something else then.
    headers = {"Content-Security-Policy": "sandbox; default-src 'none'", "Content-Encoding": "identity"}
    return _FileOnce(target, media_type="application/octet-stream", filename=f"{reference}.bin", headers=headers)


def _text(
    found: ItemPage, place: int, start: int, person: Person, services: Services, *, ahead: bool
) -> PageWords | None:
    """Return the text of a page that has no picture."""
    if not found.pages or found.pages[place - 1].picture:
        return None
    return words_of_page(found.item, place, person.viewer, services, start, ahead=ahead)


def _pieces(found: ItemPage, text: PageWords | None) -> list[tuple[str, tuple[int, ...]]]:
    reasons = {one.number: [reason.words for reason in one.reasons] for one in found.suggestions}
    return marked(text.text, reasons) if text else []


def _reasons(found: ItemPage) -> dict[int, list[list[Any]]]:
    """Return for each suggestion where its reasons stand: page and box, as a script lights them."""
    return {
        one.number: [[reason.place, *box] for reason in one.reasons for box in reason.boxes]
        for one in found.suggestions
    }


def _choices(found: ItemPage, undo: str | None, person: Person, services: Services) -> dict[str, Any]:
    return {
        "as_written": as_written,
        "label_of": label_of,
        "reasons": _reasons(found),
        "sizes": [[one.width, one.height, bool(one.picture)] for one in found.pages],
        "types": case_types([], services),
        "teams": services.catalogue.teams,
        "references": services.catalogue.rules.get("references", {}),
        "no_reply": no_reply_reasons(services),
        "not_ours": not_ours_reasons(services),
        "colleagues": colleagues(person.viewer, services),
        "following": following([found.item, undo or ""], person.viewer, services),
        "thumbs": _THUMBS,
        "idle_minutes": services.settings.desk.idle_minutes,
    }
