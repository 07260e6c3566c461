"""Letters that wait for a person's word, printed as one PDF; later dates of receipt that wait for a second person.

Printing comes before the file: the answer to the form is the list as it is now, which says what was printed and has the
PDF, so that nobody prints the same letters twice because the page still showed them.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from tempfile import mkdtemp
from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import APIRouter, Form, Query, Request
from starlette.background import BackgroundTask
from starlette.responses import FileResponse, Response

from mailroom.desk.correcting import confirm_received, dates_to_confirm
from mailroom.desk.item_page import SURE
from mailroom.desk.letters import letters_to_print
from mailroom.desk.print_run import print_chosen, printed_before
from mailroom.services import Services
from mailroom.web.rendering import go_to, page
from mailroom.web.signed_in import ServicesOf, Settler

router = APIRouter()


@router.get("/letters")
def show_letters(
    request: Request,
    person: Settler,
    services: ServicesOf,
    printed: Annotated[list[str], Query()] = [],  # noqa: B006  # FastAPI copies it
    since: str = "",
) -> Response:
    """List the letters that wait, with the address each goes to and how surely it was read, and what was printed."""
    letters = letters_to_print(person.viewer, services)
    file = f"/letters.pdf?{request.url.query}" if printed and since else None
    return page(request, "letters/letters.html", letters=letters, sure=SURE, file=file, number=len(printed))


@router.post("/letters/print")
def print_letters(
    request: Request,
    person: Settler,
    services: ServicesOf,
    chosen: Annotated[list[str], Form()] = [],  # noqa: B006  # FastAPI copies it
) -> Response:
    """Print the chosen letters and lead to the list, which has them as one PDF; where none could be, say why."""
    since = services.now()
    with _own_folder(services) as folder:
        printed = print_chosen(chosen, person.viewer, folder, services)
        shutil.rmtree(folder)
    done = [line["reference"] for line in printed if "file" in line]
    if not done:
        return page(request, "letters/not_printed.html", status=409, printed=printed)
    return go_to(f"/letters?{urlencode({'since': since.isoformat(), 'printed': done}, doseq=True)}", told(printed))


@router.get("/letters.pdf")
def give_letters(
    person: Settler,
    services: ServicesOf,
    since: datetime,
    printed: Annotated[list[str], Query()],
) -> Response:
    """Return what was printed together as one PDF, as often as it is wanted."""
    with _own_folder(services) as folder:
        target = printed_before(printed, since, person.viewer, folder, services)
    forget = BackgroundTask(shutil.rmtree, folder, ignore_errors=True)
    return FileResponse(target, media_type="application/pdf", filename="letters.pdf", background=forget)


def told(printed: Sequence[Mapping[str, Any]]) -> str:
    """Return how many letters were printed and why others were not, as sentences; pure."""
    problems = [line["problem"] for line in printed if "problem" in line]
    number = len(printed) - len(problems)
    done = "1 letter was printed." if number == 1 else f"{number} letters were printed."
    return " ".join([done, *([f"{len(problems)} could not be:", *problems] if problems else [])])


@contextmanager
def _own_folder(services: Services) -> Iterator[Path]:
    """Give a folder of our own, which goes where the letters cannot be put together; otherwise with the answer."""
    folder = Path(mkdtemp(dir=services.scratch))
    try:
        yield folder
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise


@router.get("/dates")
def show_dates(request: Request, person: Settler, services: ServicesOf) -> Response:
    """List the later dates of receipt that wait for a second person."""
    return page(request, "letters/dates.html", dates=dates_to_confirm(person.viewer, services))


@router.post("/dates/{number}/confirm")
def confirm_date(number: int, person: Settler, services: ServicesOf) -> Response:
    """Confirm a later date that somebody else put in."""
    return go_to("/dates", confirm_received(number, person.viewer, services).sentence)
