"""`alive`: whether a part of the service runs here and does its work, for whoever looks after containers."""

from __future__ import annotations

import urllib.error
import urllib.request
from enum import StrEnum

import typer

from mailroom.bootstrap import existing_mailroom
from mailroom.cli.asking import console
from mailroom.domain.errors import MailroomError
from mailroom.duties.heartbeats import is_alive
from mailroom.duties.slots import slot_name
from mailroom.services import Services

_PATIENCE_SECONDS = 5
_EVERYWHERE = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}  # noqa: S104  # where to ask, not where to listen


class Part(StrEnum):
    """A part of the service that runs by itself, by the name of its command."""

    SERVE = "serve"
    CHANNELS = "channels"
    WORK = "work"


def register(app: typer.Typer) -> None:
    """Add the command of this file."""
    app.command()(alive)


def alive(part: Part) -> None:
    """Say whether the pages, the channels or a worker run here and do their work; exits 1 where they do not."""
    with existing_mailroom() as services:
        if part is Part.SERVE:
            _refuse_unless_answered(services)
        elif not is_alive(_slots(part, services), services):
            raise MailroomError(f"`mailroom {part}` does not run here, or the database has not heard of it lately.")
    console.print("ok")


def _refuse_unless_answered(services: Services) -> None:
    web = services.settings.web
    address = f"http://{_EVERYWHERE.get(web.host, web.host)}:{web.port}/healthz"
    try:
        urllib.request.urlopen(address, timeout=_PATIENCE_SECONDS).close()  # our own address
    except (urllib.error.URLError, OSError) as fault:
        raise MailroomError(f"The pages do not answer at {address}: {fault}.") from fault


def _slots(part: Part, services: Services) -> list[str]:
    """Return the names under which this part may say that it lives."""
    folder = services.settings.data / "slots"
    if part is Part.CHANNELS:
        return [slot_name(folder, "1", part)]
    return [slot_name(folder, str(number)) for number in range(1, services.settings.worker.slots + 1)]
