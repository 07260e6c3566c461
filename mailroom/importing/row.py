"""Makes sense of a row of the index, or says in a sentence for each cell what is wrong with it; pure.

Before: `index_file.py` has a row of text. After: `source_files.py` looks for its file, `bringing.py` brings it over.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import PurePosixPath
from typing import TypeVar

from mailroom.domain.capture import Channel
from mailroom.domain.catalogue import UNSORTED, Service, Team
from mailroom.domain.imported import Imported
from mailroom.domain.receipt_date import OLDEST
from mailroom.domain.sla import local_date
from mailroom.importing.dates import moment_in
from mailroom.importing.index_file import RawRow

_SHA256 = re.compile(r"[0-9a-f]{64}")
_ADDRESS = re.compile(r"[^@\s]{1,64}@[^@\s]{1,255}")
_DRIVE = re.compile(r"[A-Za-z]:")
_FORMULA = re.compile(r"'[=+\-@\t\r]")
_YES = frozenset({"yes", "y", "true", "1", "limited", "restricted"})
_NO = frozenset({"no", "n", "false", "0", "normal", "open"})
_PROVING = frozenset({Channel.EMAIL, Channel.EFORM})
_INDEX_DATA = ("sender_name", "sender_address", "sender_postcode", "account_reference", "title", "letter_date")
_FIRST_YEAR = 1900
_T = TypeVar("_T")
_CLOSED = "closed in the older system"


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong in an index: on which line, in which column, and what to do about it."""

    line: int
    column: str
    sentence: str

    def __str__(self) -> str:
        """Return it as people read it."""
        return f"line {self.line}, {self.column}: {self.sentence}"


@dataclass(frozen=True, slots=True)
class Row:
    """What a row says.

    Attributes:
        line: where it begins in the index.
        file: path of its file below the folder, with `/`.
        file_name: what people call the file.
        received_at: when it was received.
        channel: the way it came by then.
        reference: what the older system calls it; may be empty.
        case_type: key; None where the row does not say.
        team: key; None where the row does not say.
        sender: the address that it came from, where its channel proved one.
        limited: whether only those named for it may see it; None where the row does not say.
        closed_at: when the matter was closed; None while it is open.
        outcome: how it was closed.
        sha256: the digest that its file must have; None where none is given.
        fields: index data by name.
    """

    line: int
    file: str
    file_name: str
    received_at: datetime
    channel: Channel = Channel.POST
    reference: str = ""
    case_type: str | None = None
    team: str | None = None
    sender: str | None = None
    limited: bool | None = None
    closed_at: datetime | None = None
    outcome: str = ""
    sha256: str | None = None
    fields: Mapping[str, str] = field(default_factory=dict)

    @property
    def kind(self) -> Imported:
        """What it is: a closed matter or open work."""
        return Imported.OPEN if self.closed_at is None else Imported.CLOSED


@dataclass(frozen=True, slots=True)
class Known:
    """What a row may name: types and teams of the catalogue, and the time of day."""

    services: Mapping[str, Service]
    teams: Mapping[str, Team]
    now: datetime


class _Cells:
    """The cells of a row by column; what is wrong with one is put down, and the reading goes on."""

    def __init__(self, raw: RawRow, places: Mapping[str, int]) -> None:
        self._raw, self._places = raw, places
        self.faults: list[Fault] = []

    def __getitem__(self, column: str) -> str:
        place = self._places.get(column)
        text = self._raw.cells[place] if place is not None and place < len(self._raw.cells) else ""
        text = " ".join(text.split())
        return text[1:] if _FORMULA.match(text) else text

    def fault(self, column: str, sentence: str) -> None:
        self.faults.append(Fault(self._raw.line, column, sentence))

    def read(self, column: str, how: Callable[[str], _T]) -> _T | None:
        """Return what a cell means, None where it is empty or wrong."""
        text = self[column]
        if not text:
            return None
        try:
            return how(text)
        except ValueError as wrong:
            self.fault(column, str(wrong))
            return None


def row_from(raw: RawRow, places: Mapping[str, int], columns: int, known: Known) -> tuple[Row | None, Sequence[Fault]]:
    """Return what a row says, or None and what is wrong with it.

    Args:
        raw: the row.
        places: the place of each column.
        columns: how many headings there are.
        known: what it may name.
    """
    cells = _Cells(raw, places)
    if any(cell.strip() for cell in raw.cells[columns:]):
        cells.fault("-", "There are more cells than headings. Put cells with the delimiter in them into quotes.")
    file = cells.read("file", _path)
    received_at = cells.read("received", moment_in)
    for column in ("file", "received"):
        if not cells[column]:
            cells.fault(column, "It is empty, and every row needs it.")
    row = _row(raw, cells, file or "", received_at or known.now, known)
    _hold_dates_together(row, cells, known)
    return (None, cells.faults) if cells.faults else (row, [])


def _row(raw: RawRow, cells: _Cells, file: str, received_at: datetime, known: Known) -> Row:
    channel = cells.read("channel", _channel) or Channel.POST
    sender = cells.read("sender", _address)
    fields = {name: value for name in _INDEX_DATA if (value := cells[name])}
    if cells["reference"]:
        fields["old_reference"] = cells["reference"]
    if sender and channel not in _PROVING:
        fields["email"] = sender
    return Row(
        line=raw.line,
        file=file,
        file_name=cells["file_name"] or PurePosixPath(file).name,
        received_at=received_at,
        channel=channel,
        reference=cells["reference"],
        case_type=cells.read("case_type", lambda text: _case_type(text, known.services)),
        team=cells.read("team", lambda text: _team(text, known.teams)),
        sender=sender if channel in _PROVING else None,
        limited=cells.read("limited", _limited),
        closed_at=cells.read("closed", moment_in),
        outcome=cells["outcome"] or _CLOSED,
        sha256=cells.read("sha256", _sha256),
        fields=fields,
    )


def _hold_dates_together(row: Row, cells: _Cells, known: Known) -> None:
    today = local_date(known.now)
    for column, moment in (("received", row.received_at), ("closed", row.closed_at)):
        if moment is not None and local_date(moment) > today:
            cells.fault(column, f"{cells[column]} lies in the future. Correct the date.")
        elif moment is not None and moment.year < _FIRST_YEAR:
            cells.fault(column, f"{cells[column]} is before {_FIRST_YEAR}. Correct the year.")
    if row.closed_at is not None and local_date(row.closed_at) < local_date(row.received_at):
        cells.fault("closed", "It lies before the date of receipt. Correct one of the two.")
    elif row.closed_at is None and not cells.faults and row.received_at < known.now - OLDEST:
        years = OLDEST // timedelta(days=365)
        told = f"Open work of more than {years} years ago."
        cells.fault("received", f"{told} Correct the year, or write when it was closed.")


def _path(text: str) -> str:
    path = PurePosixPath(text.replace("\\", "/"))
    if path.is_absolute() or _DRIVE.match(text) or ".." in path.parts:
        raise ValueError("It leads out of the folder. Write the path from the folder of the index on.")
    return str(path)


def _channel(text: str) -> Channel:
    plain = text.lower().replace("-", "")
    if plain not in list(Channel):
        raise ValueError(f"There is no channel {text[:40]!r}; there are {', '.join(Channel)}.")
    return Channel(plain)


def _case_type(text: str, services: Mapping[str, Service]) -> str | None:
    key = _meant(text, {key: service.title for key, service in services.items()})
    if key is None:
        raise ValueError(f"There is no case type {text[:40]!r}. `mailroom types` lists them; or leave it empty.")
    return None if key == UNSORTED else key


def _team(text: str, teams: Mapping[str, Team]) -> str:
    key = _meant(text, {key: team.name for key, team in teams.items()})
    if key is None:
        raise ValueError(f"There is no team {text[:40]!r}; there are {', '.join(teams)}.")
    return key


def _meant(text: str, known: Mapping[str, str]) -> str | None:
    """Return the key that is written, or the only one whose name is."""
    plain = text.casefold()
    if plain in known:
        return plain
    called = [key for key, name in known.items() if name.casefold() == plain]
    return called[0] if len(called) == 1 else None


def _address(text: str) -> str:
    if not _ADDRESS.fullmatch(text):
        raise ValueError(f"{text[:40]!r} is no e-mail address. Correct it or leave it empty.")
    return text


def _limited(text: str) -> bool:
    if text.lower() not in _YES | _NO:
        raise ValueError(f"{text[:40]!r} says neither yes nor no. Write yes, no or nothing.")
    return text.lower() in _YES


def _sha256(text: str) -> str:
    if not _SHA256.fullmatch(text.lower()):
        raise ValueError("It is no SHA-256: 64 hexadecimal digits. Correct it or leave it empty.")
    return text.lower()
