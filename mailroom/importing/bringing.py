"""Brings the entries of an index over, one by one: each is here whole after its commit, or not at all.

Before: the index was checked. After: closed matters are kept, open work is on its journey. Whatever breaks it off, the
same command goes on: what is here is known by its source and passed by. Open work waits for its turn, so that today's
post never stands behind a backlog.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from mailroom.domain.capture import Capture, Hints, Receipt
from mailroom.domain.imported import WAY, Imported, Told
from mailroom.importing.checking import Checked, is_good, known_to
from mailroom.importing.closed_matter import Matter, keep_closed
from mailroom.importing.entry import Entry, entries_of, source_of
from mailroom.importing.index_file import IndexFile
from mailroom.importing.read_closed import read_closed
from mailroom.importing.row import Fault, Row
from mailroom.importing.source_files import FileFault, reading, refuse_other_bytes
from mailroom.journey.receive import receive
from mailroom.records.items import receipt_of
from mailroom.records.tables import Item
from mailroom.services import Services
from storage.digest import copy_with_digest


@dataclass(frozen=True, slots=True)
class Asked:
    """What is asked of an import.

    Attributes:
        by: who asks, as the chain of custody calls them.
        spool: a folder on the vault's own disk.
        acknowledge: whether senders of open work may be told that it came in.
        read: whether closed matters are read, too.
    """

    by: str
    spool: Path
    acknowledge: bool = False
    read: bool = False


@dataclass(slots=True)
class Brought:
    """What came of it.

    Attributes:
        closed: closed matters that are kept.
        open: open work that is on its journey.
        known: items that were here already.
        unread: closed matters that could not be read, where that was asked for.
        faults: what could not be brought over, although it could when it was checked.
    """

    closed: int = 0
    open: int = 0
    known: int = 0
    unread: int = 0
    faults: list[Fault] = field(default_factory=list)


def bring_over(
    index: IndexFile,
    checked: Checked,
    asked: Asked,
    services: Services,
    brought: Brought,
    *,
    wait_for_room: Callable[[], None],
    tell: Callable[[], None],
) -> None:
    """Bring the good entries over.

    Args:
        index: the index.
        checked: what was found out about it.
        asked: who asks for what.
        services: the bundle.
        brought: what has come of it so far, also where it is broken off.
        wait_for_room: returns once open work may be put on its journey.
        tell: called after each entry.

    Raises:
        Transient: store, database or scanner are out of reach, or there is no room; what was brought over stays.
        OSError: the spool cannot be written.
    """
    for entry in entries_of(index, known_to(services)):
        if entry.rows and is_good(entry, checked):
            if entry.first.kind is Imported.OPEN:
                wait_for_room()
            _bring_one(entry, index, asked, services, brought)
        tell()


def _bring_one(entry: Entry, index: IndexFile, asked: Asked, services: Services, brought: Brought) -> None:
    rows = entry.rows if entry.first.kind is Imported.CLOSED else entry.rows[:1]
    told = _told(entry.first, index, asked)
    try:
        with _spooled(rows, index, asked.spool, services) as copies:
            receipt = _hand_in(rows, copies, told, services)
    except FileFault as fault:
        brought.faults.append(Fault(entry.first.line, "file", str(fault)))
        return
    if receipt.redelivered:
        brought.known += 1
    elif entry.first.kind is Imported.CLOSED:
        brought.closed += 1
    else:
        brought.open += 1
    if asked.read and entry.first.kind is Imported.CLOSED:
        brought.unread += not read_closed(receipt.item_id, told, services)


@dataclass(frozen=True, slots=True)
class _Copy:
    path: Path
    sha256: str


@contextmanager
def _spooled(rows: Sequence[Row], index: IndexFile, spool: Path, services: Services) -> Iterator[Sequence[_Copy]]:
    copies: list[_Copy] = []
    try:
        for row in rows:
            target = spool / f"import-{secrets.token_hex(8)}"
            copies.append(_Copy(target, ""))
            most = services.settings.limits.megabytes
            with reading(index.folder, row.file, most) as source, target.open("xb") as copy:
                sha256, _ = copy_with_digest(source, copy)
            refuse_other_bytes(sha256, row.sha256)
            copies[-1] = _Copy(target, sha256)
        yield copies
    finally:
        for one in copies:
            one.path.unlink(missing_ok=True)


def _hand_in(rows: Sequence[Row], copies: Sequence[_Copy], told: Told, services: Services) -> Receipt:
    row = rows[0]
    source = source_of(row, copies[0].sha256)
    with services.records.look() as session:
        known = receipt_of(session, source)
        item = session.get(Item, known.item_id) if known else None
        if item is not None:
            return Receipt(item.id, item.reference, redelivered=True)
    capture = Capture(
        spooled=copies[0].path,
        channel=row.channel,
        source=source,
        received_at=min(row.received_at, services.now()),
        file_name=row.file_name,
        proven_sender=row.sender,
        hints=Hints(row.team, row.case_type),
        way=WAY,
        told=told,
    )
    if row.kind is Imported.OPEN:
        return receive(capture, services)
    return keep_closed(Matter(capture, told, rows, [copy.path for copy in copies]), services)


def _told(row: Row, index: IndexFile, asked: Asked) -> Told:
    return Told(
        index=index.path.name,
        index_sha256=index.sha256,
        line=row.line,
        by=asked.by,
        case_type=row.case_type,
        team=row.team,
        limited=row.limited,
        fields=dict(row.fields),
        acknowledge=asked.acknowledge,
    )
