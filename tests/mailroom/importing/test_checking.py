"""The whole index is looked at before anything comes over, and whatever is wrong is told by line and column."""

from __future__ import annotations

import csv
import os
import tempfile
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import func, select

from mailroom.importing.checking import Checked, check
from mailroom.importing.index_file import open_index
from mailroom.importing.left_out import place_beside, write_left_out
from mailroom.importing.source_files import FileFault, reading
from mailroom.records.tables import Item
from mailroom.services import Services

DAY = {"received": "2026-11-02"}
Bring = Callable[..., object]


@pytest.fixture
def checked(services: Services) -> Callable[[Path], Checked]:
    """Checks an index: `checked(folder)`."""
    return lambda folder: check(open_index(folder), services, lambda _: None)


def faults_of(checked: Checked) -> list[tuple[int, str, str]]:
    return [(fault.line, fault.column, fault.sentence) for fault in checked.faults]


def test_what_is_not_there_twice_or_not_the_same_is_found_before_anything_comes_over(
    make_index: Callable[..., Path], checked: Callable[[Path], Checked], services: Services
) -> None:
    rows = [
        {"file": "good.pdf", "reference": "1", "sha256": "", **DAY},
        {"file": "gone.pdf", "reference": "2", "sha256": "", **DAY},
        {"file": "other.pdf", "reference": "3", "sha256": "0" * 64, **DAY},
        {"file": "./good.pdf", "reference": "4", "sha256": "", **DAY},
        {"file": "same.pdf", "reference": "1", "sha256": "", **DAY},
        {"file": "folder", "reference": "5", "sha256": "", **DAY},
        {"file": "out", "reference": "6", "sha256": "", **DAY},
    ]
    folder = make_index(rows)
    for name in ("gone.pdf", "folder", "out"):
        (folder / name).unlink()
    (folder / "folder").mkdir()
    (folder / "out").symlink_to(folder.parent)
    found = checked(folder)
    told = [(line, column) for line, column, _ in faults_of(found)]
    assert told == [(3, "file"), (4, "file"), (5, "file"), (6, "reference"), (7, "file"), (8, "file")]
    words = [
        "no such file",
        "not the one that was written down",
        "on line 2",
        "Line 2 has the same",
        "no file",
        "leads out",
    ]
    assert [word for word, (_, _, sentence) in zip(words, faults_of(found), strict=True) if word not in sentence] == []
    assert (found.rows, found.open, found.closed) == (7, 1, 0)
    with services.records.look() as session:
        assert session.scalar(select(func.count()).select_from(Item)) == 0


def test_a_file_that_may_not_be_read_is_told() -> None:
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        folder.chmod(0o755)
        (folder / "a.pdf").touch(mode=0)
        as_nobody = os.geteuid() == 0
        if as_nobody:
            os.seteuid(65534)
        try:
            with pytest.raises(FileFault, match="may not be read"), reading(folder, "a.pdf", 1):
                pass
        finally:
            if as_nobody:
                os.seteuid(0)


def test_a_file_over_the_limit_is_told_and_not_read(
    make_index: Callable[..., Path], checked: Callable[[Path], Checked]
) -> None:
    folder = make_index([{"file": "huge.pdf", **DAY}])
    os.truncate(folder / "huge.pdf", 300 << 20)
    assert "300 MB, and 200 are taken (limits.megabytes)" in faults_of(checked(folder))[0][2]


def test_rows_that_are_left_out_lie_beside_the_index_and_can_be_mended_there(
    make_index: Callable[..., Path], checked: Callable[[Path], Checked]
) -> None:
    rows = [
        {"file": "good.pdf", "team": "revenues", **DAY},
        {"file": "bad;name.pdf", "team": "dragons", **DAY},
    ]
    index = open_index(make_index(rows, delimiter=";"))
    found = checked(index.path)
    target = place_beside(index)
    assert (target.name, write_left_out(index, found, target)) == ("index.left-out.csv", 1)
    with target.open(encoding="utf-8-sig", newline="") as file:
        (row,) = csv.DictReader(file, delimiter=";")
    assert (row["file"], row["team"], row["received"]) == ("bad;name.pdf", "dragons", "2026-11-02")
    assert row["reason"].startswith("team: There is no team 'dragons'")
    target.write_text(target.read_text("utf-8-sig").replace("dragons", "waste", 1), "utf-8")
    mended = checked(target)
    assert (mended.faults, mended.open) == ([], 1)
