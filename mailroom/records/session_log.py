"""What mail servers were told is ours, in files beside the database: the ledger is held against them.

Before: a message was answered, or copied from a mailbox. After: the answer is given, or the message moved away, and
`reconcile` asks whether every one of them is on the ledger.
Nothing personal stands here: a message is named by the digest that is its source on the ledger.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from threading import Lock

_FOLDER = "mail-log"
_NAME = "{way}-{day}.jsonl"
YES = 250
"""The answer after which a message is ours to keep."""

DELIVERED = "smtp:"
"""What the names of deliveries begin with that a mail server made."""

COPIED = "imap:"
"""What the names of deliveries begin with that were copied from a mailbox."""


@dataclass(frozen=True, slots=True)
class Answered:
    """One answer.

    Attributes:
        at: when, ISO 8601.
        client: the address of the server that handed the message over, or the name of the mailbox.
        source: what names this very delivery on the ledger.
        size: bytes.
        answer: the code of the answer: 250 is yes.
    """

    at: str
    client: str
    source: str
    size: int
    answer: int


class SessionLog:
    """Writes answers down before they are given, one file a day.

    Args:
        data: the data directory.
        way: whose answers they are: `smtp` or `imap`.
    """

    def __init__(self, data: Path, way: str) -> None:
        self._folder = data / _FOLDER
        self._way = way
        self._lock = Lock()

    def note(self, at: datetime, client: str, source: str, size: int, answer: int) -> None:
        """Add an answer.

        Raises:
            OSError: it cannot be written.
        """
        line = json.dumps(asdict(Answered(at.astimezone(UTC).isoformat(), client, source, size, answer)))
        file_of_the_day = self._folder / _NAME.format(way=self._way, day=at.astimezone(UTC).date())
        with self._lock:
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            with file_of_the_day.open("a", encoding="utf-8") as file:
                file.write(f"{line}\n")


def answers_in(data: Path) -> Iterator[Answered]:
    """Yield all answers that are written down, oldest day first of each way."""
    for file in _days(data):
        yield from answers_of(file)


def answers_of(day: Path) -> Iterator[Answered]:
    """Yield the answers of a day; a line that a crash cut off is left out, for its answer was never given."""
    with day.open(encoding="utf-8", errors="replace") as lines:
        for line in lines:
            try:
                yield Answered(**json.loads(line))
            except (ValueError, TypeError):
                continue


def days_before(data: Path, first_kept: date) -> list[Path]:
    """Return the files of the days (UTC) before this one."""
    return [file for file in _days(data) if file.stem[-len(first_kept.isoformat()) :] < first_kept.isoformat()]


def _days(data: Path) -> list[Path]:
    return sorted((data / _FOLDER).glob(_NAME.format(way="*", day="*")))
