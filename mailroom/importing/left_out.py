"""Writes the rows that were left out beside the index, as they stood there, each with what is wrong with it.

Before: the index has been checked. After: whoever made it mends these rows and brings that file over as an index.
"""

from __future__ import annotations

import csv
from pathlib import Path

from mailroom.domain.errors import MailroomError
from mailroom.importing.checking import Checked, reasons_by_line
from mailroom.importing.columns import REASON
from mailroom.importing.index_file import IndexFile, rows_of


def place_beside(index: IndexFile) -> Path:
    """Return where the rows are written that are left out of this index."""
    return index.path.with_name(f"{index.path.stem}.left-out.csv")


def write_left_out(index: IndexFile, checked: Checked, target: Path) -> int:
    """Write the rows, in place of what an earlier run wrote; return how many.

    Raises:
        MailroomError: the folder cannot be written to.
    """
    reasons = reasons_by_line(checked)
    columns = [heading for heading in index.first_line if heading.strip().lower() != REASON]
    try:
        with target.open("w", encoding="utf-8-sig", newline="") as file:
            lines = csv.writer(file, delimiter=index.delimiter)
            lines.writerow([*columns, REASON])
            for row in rows_of(index):
                if row.line in reasons:
                    cells = [*row.cells, *[""] * len(columns)][: len(columns)]
                    lines.writerow([*cells, reasons.pop(row.line)])
    except OSError as fault:
        told = f"{target} cannot be written ({fault.strerror})."
        raise MailroomError(f"{told} Name another file with --left-out; nothing was brought over.") from fault
    return len(reasons_by_line(checked))
