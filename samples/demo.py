"""`make demo`: the sample post walks through the whole journey in front of your eyes.

Renders the post into a folder, opens a fresh mailroom beside it, puts the scans and faxes into its hot folders and
hands in messages and forms; then, by SMTP, what some of their senders answer. Prints where each item went, and proves
the originals and the ledger. Exits with 1 if an item has no case, an answer is not in the case that it answers, an
original is not what was received or the ledger does not balance.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from answering import answers_to, send, text_of
from render import render_all
from rendering.manifest import Item, read_manifest
from rich.console import Console
from rich.measure import Measurement
from rich.progress import Progress
from rich.table import Table

from mailroom.bootstrap import open_mailroom
from mailroom.bootstrap.ways_in import deliver_file
from mailroom.desk.audit import fetch_original, show_item
from mailroom.desk.performance import status
from mailroom.desk.searching import find_items
from mailroom.domain.access import Role, Viewer
from mailroom.domain.capture import Channel
from mailroom.duties.reconcile import reconcile
from mailroom.duties.verify import verify
from mailroom.records.ledger import Days
from mailroom.services import Services

_HERE = Path(__file__).parent
_BUILD = _HERE.parent / "build"
_POST = _BUILD / "samples"
DATA = _BUILD / "demo"
_LONDON = ZoneInfo("Europe/London")
_HOT_FOLDERS = ("post", "fax")
_ANSWERS = _HERE / "answers.toml"
_BY_SMTP = "message.eml"
"""How the mailroom calls what comes in by SMTP."""

_PATIENCE_SECONDS = 900
_WIDEST = 400
"""Characters that a line of the table may have; a narrower terminal wraps it, a file keeps it whole."""
_WATCHER = Viewer("demo", frozenset({Role.AUDITOR}), named_for_limited=True)
SETTINGS = {
    "MAILROOM_DATA": str(DATA),
    "MAILROOM_CONFIG": str(_HERE.parent / "config"),
    "MAILROOM_DATABASE_URL": "",
    "MAILROOM_WEB__PORT": "0",
    "MAILROOM_SMTP__PROTOCOL": "smtp",
    "MAILROOM_INTAKE__QUIET_SECONDS": "1",
    "MAILROOM_INTAKE__POLL_SECONDS": "0.5",
    "MAILROOM_INTAKE__INCOMPLETE_AFTER_SECONDS": "3",
    "MAILROOM_INTAKE__ACCEPT_INCOMPLETE_AFTER_SECONDS": "6",
}
"""A day's patience in seconds: what the post room waits minutes for must show in a demonstration."""

_console = Console(highlight=False)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one sample: what is on record of it, and whether its original came back untouched."""

    item: Item
    shown: dict[str, Any] | None
    verified: bool

    @property
    def captured(self) -> bool:
        """Whether it has a case, which is what the one-day promise counts."""
        return self.shown is not None and self.shown["case"] is not None

    @property
    def decision(self) -> dict[str, Any]:
        """The decision in force, or an empty one."""
        documents = self.shown["documents"] if self.shown else []
        return (documents[0]["decision"] if documents else None) or {}

    @property
    def answers(self) -> str | None:
        """The reference of the case that it was added to; None where it has one of its own."""
        if self.shown is None or self.shown["case"] is None:
            return None
        case: str = self.shown["case"]["reference"]
        return None if case == self.shown["reference"] else case

    @property
    def asks_a_person(self) -> bool:
        """Whether the machine said that it does not know."""
        return self.shown is not None and self.shown["state"] == "exception"

    @property
    def right(self) -> bool:
        """Whether what was decided, or suggested first, is what the manifest calls right."""
        suggestions = self.decision.get("suggestions") or [{"case_type": self.decision.get("case_type")}]
        named = suggestions[0]["case_type"] if self.asks_a_person else self.decision.get("case_type")
        rightly_asked = self.asks_a_person and self.item.expected.outcome == "exception"
        return rightly_asked or named in self.item.expected.case_type


def main() -> int:
    """Run the demonstration; return the exit code."""
    os.environ.update({**SETTINGS, "MAILROOM_SMTP__PORT": str(_free_port())})
    items = read_manifest(_HERE / "manifest.toml")
    render_all(items, _POST)
    shutil.rmtree(DATA, ignore_errors=True)
    with open_mailroom() as services:
        with _service() as service:
            _hand_in(items, services)
            _wait_until_through(len(items), service, services)
            outcomes = [_outcome(item, services) for item in items]
            answers = _answer(outcomes, services)
            _wait_until_through(len(items) + len(answers), service, services)
        answered = [_outcome(item, services) for item in answers]
        _print_table([*outcomes, *answered], services)
        found = sum(map(_found_its_case, answered))
        _console.print(f"{found} of {len(answered)} answers are in the cases that they answer.")
        return _print_proof([*outcomes, *answered], services) or int(found < len(answered))


def _free_port() -> int:
    with socket.socket() as asked:
        asked.bind(("127.0.0.1", 0))
        port: int = asked.getsockname()[1]
        return port


@contextmanager
def _service() -> Iterator[subprocess.Popen[bytes]]:
    process = subprocess.Popen([sys.executable, "-m", "mailroom", "run"], stdout=subprocess.DEVNULL)  # ours
    try:
        yield process
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait()


def _hand_in(items: tuple[Item, ...], services: Services) -> None:
    """Put scans and faxes into the hot folders, as a scanner does; hand the rest in as `mailroom take` does."""
    for item in items:
        source = _POST / item.file
        if item.channel in _HOT_FOLDERS:
            target = DATA / "in" / item.file
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(source, target)
        else:
            deliver_file(source, Channel(item.channel), item.received, services)


def _answer(outcomes: list[Outcome], services: Services) -> list[Item]:
    """Send what comes back a while later, and return it as items of the sample post."""
    references = {one.item.file: one.shown["case"]["reference"] for one in outcomes if one.shown and one.captured}
    answers = answers_to(tuple(one.item for one in outcomes), references, _ANSWERS)
    for number, answer in enumerate(answers, start=1):
        send(answer, text_of(number, _ANSWERS), services.now(), _POST, services.settings.smtp.port)
    return answers


def _found_its_case(outcome: Outcome) -> bool:
    subject = outcome.item.envelope.subject if outcome.item.envelope else ""
    return outcome.answers is not None and outcome.answers in subject


def _wait_until_through(total: int, service: subprocess.Popen[bytes], services: Services) -> None:
    deadline = time.monotonic() + _PATIENCE_SECONDS
    with Progress(console=_console, transient=True, disable=not _console.is_terminal) as progress:
        task = progress.add_task("The post is on its way", total=total)
        through = 0
        while through < total and time.monotonic() < deadline and service.poll() is None:
            time.sleep(1)
            lines = status(_WATCHER, services, Days())["channels"].values()
            through = sum(line["captured"] + line["exceptions"] for line in lines)
            progress.update(task, completed=through)


def _outcome(item: Item, services: Services) -> Outcome:
    sent = hashlib.sha256((_POST / item.file).read_bytes()).hexdigest()
    for line in find_items(sent, _WATCHER, services):
        if line["file_name"] in (item.file.name, _BY_SMTP):
            came_back = DATA / "came-back"
            fetch_original(line["reference"], came_back, _WATCHER, "demonstration", services)
            shown = show_item(line["reference"], _WATCHER, "demonstration", services)
            return Outcome(item, shown, hashlib.sha256(came_back.read_bytes()).hexdigest() == sent)
    return Outcome(item, None, verified=False)


def _print_table(outcomes: list[Outcome], services: Services) -> None:
    heads = ("file", "reference", "channel", "case type", "team", "due", "decided", "original")
    table = Table(*heads, box=None, padding=(0, 2, 0, 0))
    for column in table.columns:
        column.no_wrap = True
    for outcome in outcomes:
        table.add_row(str(outcome.item.file.name), *_cells(outcome, services))
    wide = Console(highlight=False, width=_WIDEST)
    wide.width = max(_console.width, Measurement.get(wide, wide.options, table).maximum)
    wide.print(table)


def _cells(outcome: Outcome, services: Services) -> tuple[str, ...]:
    if outcome.shown is None or not outcome.captured:
        return ("-", outcome.item.channel, "NOT CAPTURED", "-", "-", "-", "-")
    case = outcome.shown["case"]
    verified = "original verified" if outcome.verified else "NOT VERIFIED"
    team = services.catalogue.teams[case["team"]].name
    shown = outcome.shown
    return (shown["reference"], shown["channel"], case["title"], team, _due(case), _how(outcome), verified)


def _due(case: dict[str, Any]) -> str:
    """Return when the next thing is due: the earliest clock that has not been met."""
    open_clocks = [clock["due_at"] for clock in case["clocks"] if clock["met_at"] is None]
    if not open_clocks:
        return "closed" if case["closed_at"] else "-"
    return f"{datetime.fromisoformat(min(open_clocks)).astimezone(_LONDON):%a %d %b %H:%M}"


def _how(outcome: Outcome) -> str:
    if outcome.shown and outcome.shown["state"] == "exception":
        return f"needs a person: {str(outcome.shown['cause']).replace('_', ' ')}"
    if outcome.answers:
        automatic = outcome.item.envelope is not None and "Auto-Submitted" in outcome.item.envelope.headers
        return f"{'kept, not answered, with' if automatic else 'message in'} {outcome.answers}"
    return f"by {outcome.decision['decided_by']}, {outcome.decision['confidence']:.2f}"


def _print_proof(outcomes: list[Outcome], services: Services) -> int:
    """Print what was proved and return the exit code."""
    balance, proof = reconcile(services), verify(services)
    captured = sum(outcome.captured for outcome in outcomes)
    untouched = sum(outcome.verified for outcome in outcomes)
    settled = [outcome for outcome in outcomes if not outcome.asks_a_person]
    asked = [outcome for outcome in outcomes if outcome.asks_a_person]
    _console.print(f"{captured} of {len(outcomes)} captured; {untouched} originals came back untouched.")
    _console.print(f"{len(settled)} settled by machine, {sum(outcome.right for outcome in settled)} of them right.")
    _console.print(f"{len(asked)} went to a person, {sum(outcome.right for outcome in asked)} of them as they should.")
    _console.print(f"Ledger difference {balance['difference']}; {len(balance['missing'])} missing.")
    _console.print(f"{proof['events']} custody events, {len(proof['faults'])} faults.")
    sound = captured == untouched == len(outcomes) and not balance["difference"]
    return 0 if sound and not balance["missing"] and not proof["faults"] else 1


if __name__ == "__main__":
    sys.exit(main())
