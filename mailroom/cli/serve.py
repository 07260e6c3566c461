"""`run`: the service in one process. `serve`, `channels` and `work`: its parts, each in a process of its own.

The parts may run on machines of their own, and `work` on many of them. A suspect is carried in a process apart.
"""

from __future__ import annotations

import signal
from urllib.parse import urlsplit

import typer

from mailroom.bootstrap import existing_mailroom, open_mailroom, serving_pages
from mailroom.bootstrap.ways_in import forget_gone_files
from mailroom.cli.asking import console
from mailroom.cli.carrying import CARRY_SUSPECT, carrying, carrying_in, looking_after
from mailroom.cli.intake import channels_of, only_one, say_ways_in, taking_in
from mailroom.cli.stopping import asked_to_stop
from mailroom.desk.accounts import anybody_there
from mailroom.domain.errors import Misconfigured
from mailroom.duties.slots import slot_name, sole
from mailroom.duties.suspects import carry_suspect
from mailroom.services import Services


def register(app: typer.Typer) -> None:
    """Add the commands of this file."""
    for command in (run, serve, channels, work):
        app.command()(command)
    app.command(CARRY_SUSPECT, hidden=True)(carry_suspect_apart)


def run() -> None:
    """Run the service: take in what comes by every channel and carry it through, until stopped."""
    wait_until_asked = asked_to_stop()
    with open_mailroom() as services, only_one(services):
        ways_in = channels_of(services)
        slot = slot_name(services.settings.data / "slots", "service")
        with serving_pages(services), carrying_in(slot, services), taking_in(ways_in):
            forget_gone_files(services)
            say_ways_in(services)
            if services.settings.web.port:
                _say_where_pages_are(services)
            console.print("The mailroom is open. Stop it with Ctrl-C.")
            wait_until_asked()
            console.print("Closing; what is in hand is finished first.")


def serve() -> None:
    """Serve the pages alone; `mailroom channels` and `mailroom work` do the rest, here or on other machines."""
    wait_until_asked = asked_to_stop()
    with open_mailroom() as services:
        if not services.settings.web.port:
            raise Misconfigured("web.port is 0, so there is nothing to serve. Name the port of the pages.")
        slot = slot_name(services.settings.data / "slots", "1", "pages")
        with serving_pages(services), looking_after(slot, services):
            _say_where_pages_are(services)
            console.print("The pages are open. Stop them with Ctrl-C.")
            wait_until_asked()


def channels() -> None:
    """Take in alone what comes by every channel; workers carry it, here or on other machines."""
    wait_until_asked = asked_to_stop()
    with open_mailroom() as services, only_one(services):
        slot = slot_name(services.settings.data / "slots", "1", "channels")
        with looking_after(slot, services), taking_in(channels_of(services)):
            forget_gone_files(services)
            say_ways_in(services)
            console.print("The channels are open. Stop them with Ctrl-C.")
            wait_until_asked()


def _say_where_pages_are(services: Services) -> None:
    """Name the address that people type; where the pages are served elsewhere, a server in front must lead there."""
    web, served = services.settings.web, f"{services.settings.web.host}:{services.settings.web.port}"
    elsewhere = "" if urlsplit(web.address).netloc == served else f", served on {served}: web.address must lead there"
    console.print(f"Pages: {web.address}{elsewhere}", markup=False)
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
