"""What is brought over as one item: a row, or in a bag the rows of one reference; and by what it is known again.

Before: rows that make sense. After: `bringing.py` brings each entry over once, however often it is tried.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

from mailroom.importing.columns import Headings
from mailroom.importing.index_file import IndexFile, RawRow, rows_of
from mailroom.importing.row import Fault, Known, Row, row_from


@dataclass(frozen=True, slots=True)
class Entry:
    """The rows of one item, the first of which says what it is, or what is wrong with them."""

    raw: Sequence[RawRow]
    rows: Sequence[Row]
    faults: Sequence[Fault]

    @property
    def first(self) -> Row:
        """The row that says what the item is."""
        return self.rows[0]


def entries_of(index: IndexFile, known: Known) -> Iterator[Entry]:
    """Yield what the index holds, item by item."""
    for raw in _grouped(index):
        told = [row_from(one, index.headings.places, len(index.first_line), known) for one in raw]
        faults = [fault for _, faults in told for fault in faults]
        yield Entry(raw, [row for row, _ in told if row is not None], faults)


def source_of(row: Row, sha256: str) -> str:
    """Return what names the item on the ledger: what the older system calls it, where its file lay, and its bytes."""
    named = f"{row.reference}\0{row.file}\0{sha256}"
    return f"import:{hashlib.sha256(named.encode()).hexdigest()}"


def _grouped(index: IndexFile) -> Iterator[Sequence[RawRow]]:
    rows = rows_of(index)
    if not index.is_bag:
        yield from ([row] for row in rows)
        return
    for reference, group in groupby(rows, lambda row: _reference(row, index.headings)):
        together = list(group)
        yield from [together] if reference else ([row] for row in together)


def _reference(row: RawRow, headings: Headings) -> str:
    place = headings.places.get("reference", len(row.cells))
    return row.cells[place].strip() if place < len(row.cells) else ""
