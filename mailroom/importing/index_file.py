"""Reads an index as rows of text, one after another, however the older system has written it.

Before: somebody names a folder, a file or a bag. After: `row.py` is given one row after another; none is kept in
memory. UTF-8 with or without its mark, else Windows-1252; comma, semicolon or tab.
"""

from __future__ import annotations

import codecs
import csv
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from mailroom.domain.errors import Misconfigured
from mailroom.importing.columns import Headings, headings_from
from storage.digest import digest_of

NAME = "index.csv"
_BAG, _MANIFEST = "bagit.txt", "manifest-sha256.txt"
_CHUNK = 1 << 20
_LONGEST_CELL = 1 << 20
_DELIMITERS = ",;\t"
_UTF_16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


@dataclass(frozen=True, slots=True)
class IndexFile:
    """An index that can be read.

    Attributes:
        path: the file.
        folder: where the paths in it begin, and which none of them leads out of.
        is_bag: whether it was exported by a mailroom: then rows of one reference are one item.
        encoding: how its characters are written.
        delimiter: what parts its cells.
        headings: its columns.
        first_line: its headings as they stand there.
        sha256: its digest.
    """

    path: Path
    folder: Path
    is_bag: bool
    encoding: str
    delimiter: str
    headings: Headings
    first_line: Sequence[str]
    sha256: str


@dataclass(frozen=True, slots=True)
class RawRow:
    """A row as text, and the line on which it begins."""

    line: int
    cells: Sequence[str]


def open_index(named: Path) -> IndexFile:
    """Return the index that is named, or that lies in the folder or bag that is named.

    Raises:
        Misconfigured: there is none, it cannot be read, lacks a column, or is another one than its bag says.
    """
    path, is_bag = _path_of(named)
    try:
        sha256, encoding = _digest_of(path), _encoding_of(path)
        delimiter, first = _first_line(path, encoding)
    except OSError as fault:
        raise Misconfigured(f"{path} cannot be read ({fault.strerror}). Name a folder with an {NAME}.") from fault
    if is_bag:
        _refuse_another_index(path, sha256)
    headings = headings_from(first)
    if headings.faults:
        raise Misconfigured(f"{path}, line 1: {' '.join(headings.faults)} docs/import.md lists the columns.")
    return IndexFile(path, path.parent, is_bag, encoding, delimiter, headings, first, sha256)


def rows_of(index: IndexFile) -> Iterator[RawRow]:
    """Yield the rows below the headings; lines without a word are passed by.

    Raises:
        Misconfigured: it is no CSV from some line on.
    """
    csv.field_size_limit(_LONGEST_CELL)
    with index.path.open(encoding=index.encoding, errors="replace", newline="") as file:
        reader = csv.reader((line.replace("\0", "") for line in file), delimiter=index.delimiter)
        before = 0
        try:
            for number, cells in enumerate(reader):
                line, before = before + 1, reader.line_num
                if number and any(cell.strip() for cell in cells):
                    yield RawRow(line, cells)
        except csv.Error as fault:
            raise Misconfigured(f"{index.path}, line {reader.line_num}: no CSV from here on ({fault}).") from fault


def _path_of(named: Path) -> tuple[Path, bool]:
    if (named / _BAG).is_file():
        return named / "data" / NAME, True
    path = named / NAME if named.is_dir() else named
    return path, path.parent.name == "data" and (path.parent.parent / _BAG).is_file()


def _refuse_another_index(path: Path, sha256: str) -> None:
    """Return where a bag was closed with this index: dates and senders stand nowhere else in it."""
    if f"{sha256}  data/{path.name}\n" in _lines(path.parent.parent / _MANIFEST):
        return
    told = f"{path} is not the index with which the bag was closed ({_MANIFEST} has another digest of it, or none)"
    raise Misconfigured(f"{told}. Copy the bag anew; if you have changed it on purpose, write {sha256} there.")


def _lines(manifest: Path) -> Iterator[str]:
    """Yield the lines of a list of digests, of which there may be millions; none where there is no list."""
    if manifest.is_file():
        with manifest.open(encoding="utf-8", errors="replace") as lines:
            yield from lines


def _digest_of(path: Path) -> str:
    with path.open("rb") as file:
        return digest_of(file)[0]


def _encoding_of(path: Path) -> str:
    decoder = codecs.getincrementaldecoder("utf-8")()
    with path.open("rb") as file:
        if file.read(2) in _UTF_16:
            raise Misconfigured(f"{path} is written in UTF-16. Save it as CSV UTF-8.")
        file.seek(0)
        try:
            while chunk := file.read(_CHUNK):
                decoder.decode(chunk)
            decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            return "cp1252"
    return "utf-8-sig"


def _first_line(path: Path, encoding: str) -> tuple[str, Sequence[str]]:
    with path.open(encoding=encoding, errors="replace", newline="") as file:
        line = file.readline(_CHUNK)
    delimiter = max(_DELIMITERS, key=line.count)
    return delimiter, next(csv.reader([line], delimiter=delimiter), [])
