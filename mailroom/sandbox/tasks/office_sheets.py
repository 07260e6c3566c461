"""The text of an Excel workbook: each sheet under its name, a row a line, cells apart by tabs, dates as people do.

Before: `read_text` knows the kind. After: the text is the one page of its document. Formulas are not worked out: what
Excel worked out stands beside them in the file. Cells are numbers into lists of texts and styles, which are read first.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import TypeVar

from mailroom.domain.errors import Cause
from mailroom.sandbox.errors import TaskRefused
from mailroom.sandbox.tasks.bounded_text import BoundedText
from mailroom.sandbox.tasks.office_package import Package, opened
from mailroom.sandbox.tasks.signatures import EXCEL

_SHEET = r"xl/worksheets/sheet\d*\.xml"
_BUILT_IN_DATES = frozenset({*range(14, 23), *range(27, 37), *range(45, 48), *range(50, 59)})  # ECMA-376 18.8.30
_NOT_OF_A_DATE = re.compile(r'"[^"]*"|\[[^\]]*\]|\\.')
_FIRST_DAY = datetime(1899, 12, 30)  # noqa: DTZ001 - a workbook knows no time zones
_LAST_DAY = 2_958_465  # 31 December 9999

_Value = TypeVar("_Value")


@dataclass(slots=True)
class _Book:
    """What cells refer to: the texts that occur, and which styles are those of dates."""

    texts: list[str] = field(default_factory=list)
    dates: list[bool] = field(default_factory=list)
    names: list[str] = field(default_factory=list)


def sheets_text(source: Path) -> str:
    """Return the text of a workbook.

    Raises:
        TaskRefused: it is damaged, larger than a letter, or of the kind that is not XML.
    """
    with opened(source, EXCEL.words) as package:
        sheets = package.like(_SHEET)
        if not sheets:
            sentence = f"This is {EXCEL.words} of a kind that the mailroom cannot read."
            raise TaskRefused(Cause.UNKNOWN_FORMAT, f"{sentence} Open the original and index it by hand.")
        book = _Book(_texts(package), _dates(package), _names(package))
        text = BoundedText(EXCEL.words)
        for number, sheet in enumerate(sheets):
            text.add(f"{book.names[number] if number < len(book.names) else ''}\n")
            rows = _Rows(book, text)
            package.walk(sheet, rows.start, rows.end, rows.hear)
    return str(text)


def _names(package: Package) -> list[str]:
    """Return the names of the sheets in their order."""
    names: list[str] = []

    def start(name: str, attributes: Mapping[str, str]) -> None:
        if name == "sheet":
            names.append(attributes.get("name", ""))

    _walk_if_there(package, "xl/workbook.xml", start)
    return names


def _dates(package: Package) -> list[bool]:
    """Return of each style whether it is that of a date."""
    codes: dict[str, str] = {}
    styles: list[str] = []
    within: list[str] = []

    def start(name: str, attributes: Mapping[str, str]) -> None:
        within.append(name)
        if name == "numFmt":
            codes[attributes.get("numFmtId", "")] = attributes.get("formatCode", "")
        elif name == "xf" and "cellXfs" in within[-2:]:
            styles.append(attributes.get("numFmtId", ""))

    def end(_: str) -> None:
        within.pop()

    _walk_if_there(package, "xl/styles.xml", start, end)
    return [_is_date(style, codes) for style in styles]


def _is_date(style: str, codes: Mapping[str, str]) -> bool:
    code = _NOT_OF_A_DATE.sub("", codes.get(style, "")[:200])
    return any(letter in code for letter in "dmyhDMYH") or (style.isdecimal() and int(style[:9]) in _BUILT_IN_DATES)


def _texts(package: Package) -> list[str]:
    """Return the texts that cells refer to by their number, each put together from its differently formatted parts."""
    texts: list[str] = []
    pieces: list[str] = []
    within: list[str] = []

    def end(name: str) -> None:
        within.pop()
        if name == "si":
            texts.append("".join(pieces))
            pieces.clear()

    def hear(words: str) -> None:
        if within[-1] == "t" and "rPh" not in within[-2:]:  # rPh: how a Japanese word is pronounced
            pieces.append(words)

    _walk_if_there(package, "xl/sharedStrings.xml", lambda name, _: within.append(name), end, hear)
    return texts


def _walk_if_there(
    package: Package,
    member: str,
    start: Callable[[str, Mapping[str, str]], None],
    end: Callable[[str], None] = lambda _: None,
    hear: Callable[[str], None] = lambda _: None,
) -> None:
    if member in package.names:
        package.walk(member, start, end, hear)


class _Rows:
    """Follows the rows of one sheet."""

    def __init__(self, book: _Book, text: BoundedText) -> None:
        self._book = book
        self._text = text
        self._cell: Mapping[str, str] = {}
        self._pieces: list[str] | None = None
        self._value = ""

    def start(self, name: str, attributes: Mapping[str, str]) -> None:
        if name == "c":
            self._cell, self._value = attributes, ""
        elif name in {"v", "t"}:
            self._pieces = []

    def hear(self, words: str) -> None:
        if self._pieces is not None:
            self._pieces.append(words)

    def end(self, name: str) -> None:
        if name in {"v", "t"} and self._pieces is not None:
            self._value += "".join(self._pieces)
            self._pieces = None
        elif name == "c" and self._value:
            self._text.add(self._as_read(self._value))
            self._text.end_cell()
        elif name == "row":
            self._text.end_row()

    def _as_read(self, value: str) -> str:
        """Return what the cell says, as somebody reads it who has the workbook before them."""
        match self._cell.get("t", "n"):
            case "s":
                return _at(self._book.texts, value) or ""
            case "b":
                return "TRUE" if value == "1" else "FALSE"
            case "n":
                return _number(value, is_date=bool(_at(self._book.dates, self._cell.get("s", "0"))))
        return value


def _at(values: Sequence[_Value], place: str) -> _Value | None:
    number = int(place) if place.isdecimal() and len(place) < 10 else len(values)
    return values[number] if number < len(values) else None


def _number(value: str, *, is_date: bool) -> str:
    try:
        return as_people_write(float(value), is_date=is_date)
    except ValueError:
        return value


def as_people_write(number: float, *, is_date: bool) -> str:
    """Return a number as it is written by people: a date where it is one, else without the noise of its last digits."""
    if not is_date or not 0 <= number <= _LAST_DAY:
        return f"{number:.15g}"
    moment = _FIRST_DAY + timedelta(days=number, seconds=0.5)
    if number < 1:
        return f"{moment:%H:%M}"
    return f"{moment:%d/%m/%Y}" if number == int(number) else f"{moment:%d/%m/%Y %H:%M}"
