"""Runs the channels in threads of this process, and starts one again that has stopped.

Before: a command wants post taken in. After: it is, until the block ends; nothing that was begun is left half done.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from functools import partial

from mailroom.bootstrap.mail import imap_channels, smtp_channels
from mailroom.bootstrap.ways_in import folder_channels
from mailroom.cli.asking import console
from mailroom.domain.errors import Misconfigured
from mailroom.duties.slots import sole
from mailroom.duties.timetable import beside
from mailroom.services import Services

Run = Callable[[threading.Event], None]

_PAUSE_AFTER_A_FAULT = 5.0

_log = logging.getLogger(__name__)


def channels_of(services: Services) -> list[Run]:
    """Return the channels of the settings, each ready to run."""
    return [
        *(folder.run for folder in folder_channels(services)),
        *(listener.run for listener in smtp_channels(services)),
        *(mailbox.run for mailbox in imap_channels(services)),
    ]


@contextmanager
def only_one(services: Services) -> Iterator[None]:
    """Let no other process take in post on this data directory while the block runs.

    Raises:
        Misconfigured: one does already.
    """
    with sole(services.settings.data / "slots", "service") as ours:
        if not ours:
            raise Misconfigured(
                f"A service runs on {services.settings.data.absolute()} already. Stop it first, or set MAILROOM_DATA "
                "to another folder."
            )
        yield


def say_ways_in(services: Services) -> None:
    """Say where post can come in."""
    for folder in services.settings.folders.values():
        place = (services.settings.data / folder.path).absolute()
        console.print(f"Hot folder for {folder.channel}: {place}", markup=False)
    smtp = services.settings.smtp
    if smtp.port:
        console.print(f"Mail by {smtp.protocol.upper()}: {smtp.host}, port {smtp.port}", markup=False)
    for name, box in services.settings.imap.mailboxes.items():
        console.print(f"Mailbox {name}: {box.user} at {box.host}, port {box.port}", markup=False)


def taking_in(channels: Sequence[Run]) -> AbstractContextManager[None]:
    """Run the channels while the block runs."""
    return beside([("channel", partial(_keep_running, channel)) for channel in channels])


def _keep_running(channel: Run, stop: threading.Event) -> None:
    while not stop.is_set():
        try:
            channel(stop)
        except Exception:  # noqa: BLE001  # intake must go on by itself once the disk or the share is there again
            _log.exception("channel stopped; it is started again")
            stop.wait(_PAUSE_AFTER_A_FAULT)
