"""Files that the post room takes in by hand: dragged onto the page or chosen, each a receipt of its own."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from pathlib import Path, PurePosixPath, PureWindowsPath
from typing import Annotated, Any, cast

from fastapi import APIRouter, File, Form, Request, UploadFile
from starlette.responses import JSONResponse, Response

from mailroom.desk.acting import Refused
from mailroom.domain.capture import Channel, Receipt
from mailroom.domain.errors import MailroomError
from mailroom.domain.sla import LONDON, local_date
from mailroom.journey.stage import scratch_folder
from mailroom.services import Services
from mailroom.web.faults import wants_json
from mailroom.web.rendering import page
from mailroom.web.signed_in import ServicesOf, Taker

TakeIn = Callable[[Path, Channel, datetime | None], Receipt]
"""Takes a file in: copied, with its channel and, where it is known, the moment of receipt."""

router = APIRouter(prefix="/upload")
_NOON = time(12)
_LONGEST_NAME = 200


@dataclass(frozen=True, slots=True)
class Taken:
    """What came of one file: its name, the item's id and reference where it was taken in, else why it was not."""

    name: str
    item: str | None = None
    reference: str | None = None
    problem: str | None = None


@router.get("")
def ask_for_files(request: Request, person: Taker, services: ServicesOf) -> Response:  # noqa: ARG001
    """Ask for files."""
    return page(request, "upload/upload.html", **_facts(services))


@router.post("")
def take_files(
    request: Request,
    person: Taker,  # noqa: ARG001
    services: ServicesOf,
    files: Annotated[list[UploadFile], File()] = [],  # noqa: B006  # FastAPI copies it
    channel: Annotated[str, Form()] = Channel.POST,
    day: Annotated[str, Form()] = "",
) -> Response:
    """Take files in; one that is refused keeps none of the others."""
    chosen = [file for file in files if file.filename]
    if not chosen:
        raise Refused("Choose at least one file.")
    if channel not in set(Channel):
        raise Refused(f"There is no channel {channel!r}.")
    received_at = _received(day, services)
    take_in = cast("TakeIn", request.app.state.take_in)
    taken = [_take(file, Channel(channel), received_at, take_in, services) for file in chosen]
    if wants_json(request):
        return JSONResponse({"taken": [{name: getattr(one, name) for name in Taken.__slots__} for one in taken]})
    return page(request, "upload/upload.html", taken=taken, **_facts(services))


def _take(
    file: UploadFile, channel: Channel, received_at: datetime | None, take_in: TakeIn, services: Services
) -> Taken:
    name = plain_name(file.filename or "")
    most = services.settings.limits.megabytes
    if (file.size or 0) > most * 1024 * 1024:
        return Taken(name, problem=f"It is larger than {most} MB. Scan it in parts, or ask the administrator.")
    with scratch_folder(services) as folder:
        target = folder / name
        with target.open("wb") as copy:
            shutil.copyfileobj(file.file, copy)
        try:
            receipt = take_in(target, channel, received_at)
        except (MailroomError, OSError) as fault:
            return Taken(name, problem=f"It was not taken in: {fault}. Try it again.")
    return Taken(name, receipt.item_id, receipt.reference)


def plain_name(written: str) -> str:
    """Return the last part of a file's name, without anything that means a folder or cannot be shown; pure."""
    last = PureWindowsPath(PurePosixPath(written).name).name
    shown = "".join(character for character in last if character.isprintable()).strip(". ")
    stem, dot, ending = shown.rpartition(".")
    return (f"{stem[: _LONGEST_NAME - len(ending)]}{dot}{ending}" if dot else shown[:_LONGEST_NAME]) or "file"


def _received(day: str, services: Services) -> datetime | None:
    """Return noon of the day that was chosen; today is now, and nothing chosen is left to the door."""
    if not day:
        return None
    try:
        chosen = date.fromisoformat(day)
    except ValueError as wrong:
        raise Refused(f"{day!r} is no date. Choose a day.") from wrong
    now = services.now()
    if chosen > local_date(now):
        raise Refused("That day is still to come. Choose the day on which it was received.")
    return now if chosen == local_date(now) else datetime.combine(chosen, _NOON, LONDON).astimezone(UTC)


def _facts(services: Services) -> dict[str, Any]:
    most = services.settings.limits.megabytes
    return {"channels": list(Channel), "today": local_date(services.now()), "most": most}
