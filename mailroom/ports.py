"""What the mailroom needs from outside, as Protocols; `bootstrap` alone decides what stands behind each.

Every implementation passes the contract suite of its Protocol in `tests/contracts/`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import IO, Any, Protocol

from sqlalchemy.orm import Session


class Queue(Protocol):
    """The engine's queue, for whoever must send an item on its journey or ask after its runs."""

    def enqueue(self, session: Session, item_id: str, run: int) -> None:
        """Enqueue this run of the item in the caller's unit of work: both are committed or neither is."""
        ...

    def alive(self, runs: Iterable[tuple[str, int]]) -> set[tuple[str, int]]:
        """Return those of the runs (item id, run number) that are carried or will be."""
        ...

    def in_flight(self, slots: Sequence[str]) -> list[tuple[str, int]]:
        """Return the runs that the workers in these slots have in hand, or had when they died."""
        ...

    def dropped(self, slot: str, before: datetime) -> list[tuple[str, int]]:
        """Return the runs that this process's own worker took before this moment and no longer works on."""
        ...

    def put_back(self, runs: Sequence[tuple[str, int]]) -> None:
        """Take overtaken runs from the worker that has them in hand; whoever gets them next ends them."""
        ...

    def forget_finished(self, before: datetime) -> None:
        """Delete the engine's own rows of runs that ended before this moment."""
        ...


class Sandbox(Protocol):
    """Where hostile bytes are parsed: a limited child process for each call."""

    def ready(self) -> bool:
        """Return whether the libraries and the reading engine are loaded and children can be started.

        Raises:
            Misconfigured: a library, the engine or a language model is missing; the message says what to install.
        """
        ...

    def run(self, task: str, arguments: Mapping[str, Any], *, source: Path, scratch: Path) -> dict[str, Any]:
        """Run a task of `mailroom/sandbox/tasks` on the file and return its answer; files it makes lie in `scratch`.

        Raises:
            NeedsPerson: the file is at fault, or asks for more than its limits allow.
            ChildDied: the child went down without an answer.
        """
        ...


class Signer(Protocol):
    """Signs in the name of this mailroom, by Ed25519 (RFC 8032)."""

    @property
    def public_key(self) -> bytes:
        """The 32 bytes by which anybody can check a signature."""
        ...

    def sign(self, content: bytes) -> bytes:
        """Return the signature of the content, 64 bytes."""
        ...

    def is_ours(self, signature: bytes, content: bytes) -> bool:
        """Return whether this key signed the content so."""
        ...


@dataclass(frozen=True, slots=True)
class CaseRequest:
    """What a case system is told about a case.

    Attributes:
        key: the same for the same item, however often it is asked: a second request is not a second case.
        reference: our reference.
        case_type: key of the service; that of the unsorted one, as title and team are, while the item needs a person
            or is limited.
        title: what people read.
        team: who answers.
        received_at: when the item was received.
        due_at: the earliest deadline of the case, None where it has none.
        index: index data by field name; empty while the item needs a person or is limited.
    """

    key: str
    reference: str
    case_type: str
    title: str
    team: str
    received_at: datetime
    due_at: datetime | None
    index: Mapping[str, str]


class CaseSystem(Protocol):
    """A case system (CRM). Our own case record is kept in any event; this is where others look for it."""

    def open_case(self, request: CaseRequest) -> str:
        """Open the case, or update the one opened earlier for the same key; return its reference there.

        Raises:
            Transient: it cannot be reached now.
        """
        ...

    def status(self, reference: str) -> str | None:
        """Return `open` or `closed`, or None where there is no such case."""
        ...


@dataclass(frozen=True, slots=True)
class Message:
    """A message to a sender: plain text that never quotes what they wrote.

    Attributes:
        message_id: made from item and stage, the same at every attempt.
        address: who it goes to: one the channel proved; for a letter, the lines of the postal address.
        subject: one line.
        text: plain text.
        answers: True where it answers something the addressee sent, False where it comes unasked (RFC 3834 section 5).
        language: `en` or `cy`, that of the text; a letter is dated in it.
        reply_to: where an answer to it is read; None where nobody reads one.
        flowing: True where each line of the text is a paragraph, False where its lines were broken to some width.
    """

    message_id: str
    address: str
    subject: str
    text: str
    answers: bool = True
    language: str = "en"
    reply_to: str | None = None
    flowing: bool = False


class Reply(Protocol):
    """A way to answer a sender."""

    def send(self, message: Message) -> bytes | None:
        """Send it, or make it for a person to print.

        Returns:
            The document where this way makes one, else None.

        Raises:
            Transient: not now; nothing was sent. `Unreachable` where nothing would be sent to anybody.
            Unanswered: it may have been sent.
            NeedsPerson: it will never go to this address; the sentence says why.
        """
        ...


@dataclass(frozen=True, slots=True)
class Scanned:
    """What a look for malware gave.

    Attributes:
        found: what the scanner calls what it found, in letters, digits and points; None where it found nothing.
        whole: whether it looked at all of the file; what is too large or too deep for it nobody may call harmless.
    """

    found: str | None = None
    whole: bool = True


class Scanner(Protocol):
    """Looks for malware; it is asked before anybody opens what came in."""

    def ping(self) -> None:
        """Return where it is there.

        Raises:
            Unreachable: nothing answers.
            Misconfigured: something else answers.
        """
        ...

    def scan(self, file: IO[bytes]) -> Scanned:
        """Look at a file from where it stands to its end, holding no more than a piece of it.

        Raises:
            Unreachable: nothing answers.
            Transient: it was there and gave no answer about this file.
            Misconfigured: something else answers.
        """
        ...
