"""The text of an Excel workbook of the old kind (.xls), as `office_sheets` gives that of a new one.

Before: `read_text` knows the kind. After: the text is the one page of its document. The library is xlrd, which works no
formula out and runs no macro; what it raises for a damaged file has many names.
"""

from __future__ import annotations

import io
import struct
from pathlib import Path

import xlrd
from xlrd.biffh import XL_CELL_BOOLEAN, XL_CELL_DATE, XL_CELL_ERROR, XLRDError
from xlrd.compdoc import CompDocError
from xlrd.sheet import Cell

from mailroom.domain.errors import Cause
from mailroom.sandbox.errors import TaskRefused
from mailroom.sandbox.tasks.bounded_text import BoundedText
from mailroom.sandbox.tasks.office_sheets import as_people_write
from mailroom.sandbox.tasks.ole import OF_DAMAGE
from mailroom.sandbox.tasks.signatures import OLD_EXCEL

_OF_DAMAGE = (*OF_DAMAGE, XLRDError, CompDocError, AssertionError, struct.error, LookupError)
_DAYS_TO_1904 = 1462
"""Between the two days that Excel counts from; a workbook names one of them ([MS-XLS] 2.4.77, Date1904)."""


def old_sheets_text(source: Path) -> str:
    """Return the text of a workbook.

    Raises:
        TaskRefused: it is damaged, or larger than a letter.
    """
    text = BoundedText(OLD_EXCEL.words)
    try:
        with xlrd.open_workbook(str(source), logfile=io.StringIO(), on_demand=True, ragged_rows=True) as book:
            for name in book.sheet_names():
                text.add(f"{name}\n")
                _add_rows(book.sheet_by_name(name), book.datemode, text)
                book.unload_sheet(name)
    except _OF_DAMAGE as fault:
        sentence = f"This is {OLD_EXCEL.words}, and it is damaged. Ask the sender to send it again."
        raise TaskRefused(Cause.DAMAGED, sentence) from fault
    return str(text)


def _add_rows(sheet: xlrd.sheet.Sheet, datemode: int, text: BoundedText) -> None:
    for number in range(sheet.nrows):
        for cell in sheet.row(number):
            text.add(_as_read(cell, datemode))
            text.end_cell()
        text.end_row()


def _as_read(cell: Cell, datemode: int) -> str:
    """Return what the cell says, as somebody reads it who has the workbook before them."""
    if isinstance(cell.value, str):
        return cell.value
    if cell.ctype == XL_CELL_DATE:
        return as_people_write(cell.value + _DAYS_TO_1904 * datemode, is_date=True)
    if cell.ctype == XL_CELL_BOOLEAN:
        return "TRUE" if cell.value else "FALSE"
    if cell.ctype == XL_CELL_ERROR:
        return xlrd.error_text_from_code.get(int(cell.value), "")
    return as_people_write(cell.value, is_date=False)
