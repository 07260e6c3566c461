"""Looks at the whole index and at every file that it names, before anything is brought over; changes nothing.

Before: the index can be read. After: what is wrong with it is known line by line, how much there is to bring over, and
how much of that is here already. Of a row only its line and a few bytes are kept, so that an index may be long.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

from mailroom.domain.imported import Imported
from mailroom.importing.entry import Entry, entries_of, source_of
from mailroom.importing.index_file import IndexFile
from mailroom.importing.row import Fault, Known
from mailroom.importing.source_files import FileFault, reading, refuse_other_bytes
from mailroom.records.imports import known_among
from mailroom.services import Services
from storage.digest import digest_of

_AT_ONCE = 500


@dataclass(slots=True)
class Checked:
    """What an index holds.

    Attributes:
        rows: how many rows it has.
        closed: closed matters that can be brought over.
        open: open work that can be brought over.
        known: how many of these items are here already.
        bytes: of the files that can be brought over.
        faults: what is wrong, in the order of the lines.
        bad: the lines on which items begin that cannot be brought over.
    """

    rows: int = 0
    closed: int = 0
    open: int = 0
    known: int = 0
    bytes: int = 0
    faults: list[Fault] = field(default_factory=list)
    bad: set[int] = field(default_factory=set)


class _Seen:
    """What stood in the index before, by a few bytes of it, and on which line."""

    def __init__(self) -> None:
        self._lines: dict[bytes, int] = {}

    def before(self, kind: str, value: str, line: int) -> int | None:
        """Return the line on which this value stood first; None where it is new."""
        mark = hashlib.blake2b(f"{kind}\0{value}".encode(), digest_size=12).digest()
        first = self._lines.setdefault(mark, line)
        return first if first != line else None


def known_to(services: Services) -> Known:
    """Return what a row may name."""
    return Known(services.catalogue.services, services.catalogue.teams, services.now())


def check(index: IndexFile, services: Services, tell: Callable[[int], None]) -> Checked:
    """Look at everything that the index names.

    Args:
        index: the index.
        services: the bundle.
        tell: told how many rows have been looked at.

    Raises:
        Misconfigured: the index is no CSV from some line on.
    """
    checked, seen, sources = Checked(), _Seen(), list[str]()
    for entry in entries_of(index, known_to(services)):
        faults, source = _look_at(entry, index, seen, checked, services)
        checked.rows += len(entry.raw)
        if faults or source is None:
            checked.faults += [*faults, *_left_with(entry, faults)]
            checked.bad.add(entry.raw[0].line)
        else:
            checked.closed += entry.first.kind is Imported.CLOSED
            checked.open += entry.first.kind is Imported.OPEN
            sources.append(source)
        if len(sources) == _AT_ONCE:
            checked.known += _count_known(sources, services)
            sources.clear()
        tell(checked.rows)
    checked.known += _count_known(sources, services)
    return checked


def _look_at(
    entry: Entry, index: IndexFile, seen: _Seen, checked: Checked, services: Services
) -> tuple[Sequence[Fault], str | None]:
    """Return what is wrong with an entry, and what names it where nothing is."""
    faults = [*entry.faults, *_twice(entry, index, seen)]
    if entry.faults:
        return faults, None
    digests: list[str] = []
    for row in entry.rows:
        try:
            with reading(index.folder, row.file, services.settings.limits.megabytes) as content:
                sha256, size = digest_of(content)
            refuse_other_bytes(sha256, row.sha256)
        except FileFault as fault:
            faults.append(Fault(row.line, "file", str(fault)))
        else:
            digests.append(sha256)
            checked.bytes += size
    return faults, source_of(entry.first, digests[0]) if digests and not faults else None


def _twice(entry: Entry, index: IndexFile, seen: _Seen) -> Iterator[Fault]:
    for row in entry.rows:
        first = seen.before("file", row.file, row.line)
        if first is not None and row.file:
            yield Fault(row.line, "file", f"It stands on line {first}, too. Leave one of the two out.")
    for row in entry.rows[:1]:
        first = seen.before("reference", row.reference, row.line) if row.reference else None
        if first is not None:
            told = f"Line {first} has the same reference" + (", with others between." if index.is_bag else ".")
            yield Fault(row.line, "reference", f"{told} Give each row one of its own, or leave it empty.")


def _left_with(entry: Entry, faults: Sequence[Fault]) -> Iterator[Fault]:
    """Name the other rows of an item, of which one is wrong: an item comes over whole or not at all."""
    wrong = {fault.line for fault in faults}
    for raw in entry.raw:
        if raw.line not in wrong:
            yield Fault(raw.line, "-", f"It belongs to the item of line {min(wrong)}, which cannot be brought over.")


def _count_known(sources: Sequence[str], services: Services) -> int:
    if not sources:
        return 0
    with services.records.look() as session:
        return len(known_among(session, sources))


def is_good(entry: Entry, checked: Checked) -> bool:
    """Return whether an entry may be brought over."""
    return entry.raw[0].line not in checked.bad


def reasons_by_line(checked: Checked) -> dict[int, str]:
    """Return what is wrong with each bad line, in one sentence or several."""
    told: dict[int, list[str]] = {}
    for fault in checked.faults:
        column = "" if fault.column == "-" else f"{fault.column}: "
        told.setdefault(fault.line, []).append(f"{column}{fault.sentence}")
    return {line: " ".join(sentences) for line, sentences in told.items()}
