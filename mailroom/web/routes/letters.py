"""Letters that wait for a person's word, printed as one PDF; later dates of receipt that wait for a second person."""

from __future__ import annotations

import shutil
from pathlib import Path
from tempfile import mkdtemp
from typing import Annotated

from fastapi import APIRouter, Form, Request
from starlette.background import BackgroundTask
from starlette.responses import FileResponse, Response

from mailroom.desk.correcting import confirm_received, dates_to_confirm
from mailroom.desk.item_page import SURE
from mailroom.desk.letters import letters_to_print
from mailroom.desk.print_run import print_together
from mailroom.web.rendering import go_to, page
from mailroom.web.signed_in import ServicesOf, Settler

router = APIRouter()


@router.get("/letters")
def show_letters(request: Request, person: Settler, services: ServicesOf) -> Response:
    """List the letters that wait, with the address each goes to and how surely it was read."""
    letters = letters_to_print(person.viewer, services)
    return page(request, "letters/letters.html", letters=letters, sure=SURE)


@router.post("/letters/print")
def print_chosen(
    request: Request,
    person: Settler,
    services: ServicesOf,
    chosen: Annotated[list[str], Form()] = [],  # noqa: B006  # FastAPI copies it
) -> Response:
    """Print the chosen letters and give them out as one PDF; where none could be printed, say why."""
    folder = Path(mkdtemp(dir=services.scratch))
    forget = BackgroundTask(shutil.rmtree, folder, ignore_errors=True)
    try:
        target, printed = print_together(chosen, person.viewer, folder, services)
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    if target is None:
        response = page(request, "letters/not_printed.html", status=409, printed=printed)
        response.background = forget
        return response
    return FileResponse(target, media_type="application/pdf", filename="letters.pdf", background=forget)


@router.get("/dates")
def show_dates(request: Request, person: Settler, services: ServicesOf) -> Response:
    """List the later dates of receipt that wait for a second person."""
    return page(request, "letters/dates.html", dates=dates_to_confirm(person.viewer, services))


@router.post("/dates/{number}/confirm")
def confirm_date(number: int, person: Settler, services: ServicesOf) -> Response:
    """Confirm a later date that somebody else put in."""
    return go_to("/dates", confirm_received(number, person.viewer, services).sentence)
