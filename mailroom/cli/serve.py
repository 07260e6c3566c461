"""`run` and `work`: the service itself, and a worker alone; and the process in which a suspect is carried apart."""

from __future__ import annotations

import logging
import signal
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial

import typer

from mailroom.bootstrap import existing_mailroom, open_mailroom, serving_pages
from mailroom.bootstrap.mail import imap_channels, smtp_channels
from mailroom.bootstrap.ways_in import folder_channels, forget_gone_files
from mailroom.cli.asking import console
from mailroom.cli.carrying import CARRY_SUSPECT, carrying, carrying_in
from mailroom.cli.stopping import asked_to_stop
from mailroom.desk.accounts import anybody_there
from mailroom.domain.errors import Misconfigured
from mailroom.duties.slots import slot_name, sole
from mailroom.duties.suspects import carry_suspect
from mailroom.services import Services

_PAUSE_AFTER_A_FAULT = 5.0

_log = logging.getLogger(__name__)


def register(app: typer.Typer) -> None:
    """Add the commands of this file."""
    for command in (run, work):
        app.command()(command)
    app.command(CARRY_SUSPECT, hidden=True)(carry_suspect_apart)


def run() -> None:
    """Run the service: take in what comes by every channel and carry it through, until stopped."""
    wait_until_asked = asked_to_stop()
    with open_mailroom() as services, _only_service(services) as slot:
        channels: list[Callable[[threading.Event], None]] = [
            *(folder.run for folder in folder_channels(services)),
            *(listener.run for listener in smtp_channels(services)),
            *(mailbox.run for mailbox in imap_channels(services)),
        ]
        with serving_pages(services), carrying_in(slot, services), _taking_in(channels):
            forget_gone_files(services)
            _say_where(services)
            console.print("The mailroom is open. Stop it with Ctrl-C.")
            wait_until_asked()
            console.print("Closing; what is in hand is finished first.")


def _say_where(services: Services) -> None:
    for folder in services.settings.folders.values():
        place = (services.settings.data / folder.path).absolute()
        console.print(f"Hot folder for {folder.channel}: {place}", markup=False)
    smtp = services.settings.smtp
    if smtp.port:
        console.print(f"Mail by {smtp.protocol.upper()}: {smtp.host}, port {smtp.port}", markup=False)
    for name, box in services.settings.imap.mailboxes.items():
        console.print(f"Mailbox {name}: {box.user} at {box.host}, port {box.port}", markup=False)
    if services.settings.web.port:
        _say_where_pages_are(services)


def _say_where_pages_are(services: Services) -> None:
    console.print(f"Pages: {services.settings.web.address}", markup=False)
    if not anybody_there(services):
        console.print("Nobody can sign in yet. Make an account: mailroom account join NAME --role administrator")


def work() -> None:
    """Run a worker alone: carry items that others take in, until stopped."""
    wait_until_asked = asked_to_stop()
    with existing_mailroom() as services, carrying(services) as slot:
        if slot is None:
            raise Misconfigured("All worker slots of this machine are taken. Stop one, or raise worker.slots.")
        console.print(f"{slot} carries items. Stop it with Ctrl-C.")
        wait_until_asked()


def carry_suspect_apart(item: str) -> None:
    """Carry one suspect a stage further; the service starts this, one at a time."""
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)  # whoever stops the service lets what is in hand finish
    with existing_mailroom() as services, sole(services.settings.data / "slots", "suspect") as ours:
        if ours:
            carry_suspect(item, services)


@contextmanager
def _only_service(services: Services) -> Iterator[str]:
    """Give the slot of the service, which this process holds while the block runs."""
    with sole(services.settings.data / "slots", "service") as ours:
        if not ours:
            raise Misconfigured(
                f"A service runs on {services.settings.data.absolute()} already. Stop it first, or set MAILROOM_DATA "
                "to another folder."
            )
        yield slot_name("service")


@contextmanager
def _taking_in(channels: Sequence[Callable[[threading.Event], None]]) -> Iterator[None]:
    stop = threading.Event()
    threads = [threading.Thread(target=partial(_keep_running, channel, stop), daemon=True) for channel in channels]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        stop.set()
        for thread in threads:
            thread.join()


def _keep_running(channel: Callable[[threading.Event], None], stop: threading.Event) -> None:
    while not stop.is_set():
        try:
            channel(stop)
        except Exception:  # noqa: BLE001  # intake must go on by itself once the disk or the share is there again
            _log.exception("channel stopped; it is started again")
            stop.wait(_PAUSE_AFTER_A_FAULT)
