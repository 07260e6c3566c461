"""An index is read however the older system wrote it, and refused with what to do where it is none."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from mailroom.bags.bag import new_bag
from mailroom.domain.errors import Misconfigured
from mailroom.importing.columns import COLUMNS
from mailroom.importing.index_file import open_index, rows_of

ROWS = [{"file": "a.pdf", "received": "2026-11-02", "sender_name": "Siân, O\u2019Dowd"}]
PAGE = Path(__file__).parents[3] / "docs" / "import.md"


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize(
    ("encoding", "read_as"), [("utf-8", "utf-8-sig"), ("utf-8-sig", "utf-8-sig"), ("cp1252", "cp1252")]
)
def test_delimiter_and_encoding_are_found_out(
    make_index: Callable[..., Path], delimiter: str, encoding: str, read_as: str
) -> None:
    index = open_index(make_index(ROWS, delimiter=delimiter, encoding=encoding))
    (row,) = rows_of(index)
    assert (index.encoding, index.delimiter, row.line) == (read_as, delimiter, 2)
    assert row.cells[index.headings.places["sender_name"]] == "Siân, O\u2019Dowd"


def test_lines_are_counted_as_an_editor_counts_them_and_empty_ones_are_passed_by(tmp_path: Path) -> None:
    index = tmp_path / "index.csv"
    index.write_text('file,received,title\na.pdf,2026-11-02,"two\nlines"\n,,\n\nb.pdf,2026-11-03,\n')
    assert [row.line for row in rows_of(open_index(index))] == [2, 6]


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"path,title\na.pdf,x\n", "no column received"),
        (b"file,path,received\n", "two columns file"),
        ("file,received\n".encode("utf-16"), "UTF-16"),
        (b"", "no column file"),
    ],
)
def test_a_file_that_is_no_index_is_refused_with_what_to_do(tmp_path: Path, content: bytes, sentence: str) -> None:
    (tmp_path / "index.csv").write_bytes(content)
    with pytest.raises(Misconfigured, match=sentence):
        open_index(tmp_path)


def test_the_index_of_a_bag_that_was_damaged_on_its_way_is_refused(tmp_path: Path) -> None:
    with new_bag(tmp_path / "bag") as bag:
        bag.put("index.csv", io.BytesIO(b"path,received\na.pdf,2026-11-02\n"))
        bag.close({})
    index = tmp_path / "bag" / "data" / "index.csv"
    assert [row.line for row in rows_of(open_index(tmp_path / "bag"))] == [2]
    index.write_text("path,received\na.pdf,2026-11-12\n")
    for named in (tmp_path / "bag", index):
        with pytest.raises(Misconfigured, match=r"not the index with which the bag was closed.*Copy the bag anew"):
            open_index(named)


def test_a_folder_without_an_index_is_told(tmp_path: Path) -> None:
    with pytest.raises(Misconfigured, match="Name a folder with an index"):
        open_index(tmp_path)


def test_the_page_names_every_column_with_its_other_names_and_no_more() -> None:
    rows = re.findall(r"^\| `(\w+)`(\*?) \|([^|]*)\|", PAGE.read_text("utf-8"), re.MULTILINE)
    told = {name: (bool(star), tuple(re.findall(r"`(\w+)`", also))) for name, star, also in rows}
    assert told == {column.name: (column.required, column.also) for column in COLUMNS}
