"""`run` and `work`: the service itself, and a worker alone."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

import typer

from mailroom.bootstrap import folder_channels, open_mailroom
from mailroom.cli.asking import console
from mailroom.cli.carrying import carrying
from mailroom.domain.errors import Misconfigured
from mailroom.duties.slots import sole
from mailroom.services import Services


def register(app: typer.Typer) -> None:
    """Add the commands of this file."""
    for command in (run, work):
        app.command()(command)


def run() -> None:
    """Run the service: take in what comes by every channel and carry it through, until stopped."""
    with open_mailroom() as services, _alone(services), carrying(services) as slot:
        stop = _stop_on_signal()
        with _channels(services, stop):
            told = "" if slot else " (another process carries the items)"
            console.print(f"The mailroom is open{told}. Stop it with Ctrl-C.")
            stop.wait()
            console.print("Closing; what is in hand is finished first.")


def work() -> None:
    """Run a worker alone: carry items that others take in, until stopped."""
    with open_mailroom() as services, carrying(services) as slot:
        if slot is None:
            raise Misconfigured("All worker slots of this machine are taken. Stop one, or raise worker.slots.")
        stop = _stop_on_signal()
        console.print(f"{slot} carries items. Stop it with Ctrl-C.")
        stop.wait()


@contextmanager
def _alone(services: Services) -> Iterator[None]:
    with sole(services.settings.data / "slots", "service") as ours:
        if not ours:
            raise Misconfigured(
                f"A service runs on {services.settings.data.absolute()} already. Stop it first, or set MAILROOM_DATA "
                "to another folder."
            )
        yield


@contextmanager
def _channels(services: Services, stop: threading.Event) -> Iterator[None]:
    threads = [
        threading.Thread(target=channel.run, args=(stop,), name="folder channel", daemon=True)
        for channel in folder_channels(services)
    ]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        stop.set()
        for thread in threads:
            thread.join()


def _stop_on_signal() -> threading.Event:
    stop = threading.Event()

    def ask_to_stop(_number: int, _frame: FrameType | None) -> None:
        stop.set()

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, ask_to_stop)
    return stop
