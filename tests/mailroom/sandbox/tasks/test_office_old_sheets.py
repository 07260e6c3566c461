"""Workbooks of the old kind, saved by LibreOffice, are read as new ones are."""

from __future__ import annotations

from pathlib import Path

import pytest
from office_files import saved_as

from mailroom.domain.errors import Cause
from mailroom.sandbox.tasks.look_inside import look_inside
from mailroom.sandbox.tasks.signatures import OLD_EXCEL

ROWS = b'Name,Amount,Date,Paid,Share\nMrs Pugh,12.5,2026-11-03,TRUE,=1/0\n,,,,\n"Lee, Ann",0.1,,,\n'


@pytest.fixture(scope="module")
def workbook() -> bytes:
    return saved_as("xls", ROWS, "csv")


def test_it_is_read_row_by_row_with_dates_as_dates(workbook: bytes, tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_bytes(workbook)
    found = look_inside(file, tmp_path, {})
    assert (found["media_type"], found["obstacle"]) == (OLD_EXCEL.media_type, None)
    assert found["text"].splitlines() == [
        "file",
        "Name\tAmount\tDate\tPaid\tShare",
        "Mrs Pugh\t12.5\t03/11/2026\tTRUE\t#DIV/0!",
        "",
        "Lee, Ann\t0.1",
    ]


def test_what_is_left_of_one_that_was_cut_short_is_called_damaged(workbook: bytes, tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_bytes(workbook[: len(workbook) * 2 // 3])
    obstacle = look_inside(file, tmp_path, {})["obstacle"]
    assert obstacle["cause"] in {Cause.DAMAGED, Cause.UNKNOWN_FORMAT}
