"""The plain text of a letter, read as what stands where on which page.

Before: a file of `letters/`. After: `sheet` draws the lines as ink, `born_digital` sets them as a PDF.

Marks at the start of a line: `#` letterhead, `>` the sender's block on the right, `<` a short line kept as it is,
`!` bold, `[x]` and `[ ]` tick boxes; `label | value || label | value` is a row of boxes; `===` alone begins a new page.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

_MARKS = {"#": "letterhead", ">": "right", "<": "left", "!": "bold"}
_STARTS_AFRESH = re.compile(r"- |\d\. |\([a-z]\) ")
_PARAGRAPH_GOES_ON_FROM = 75


class Kind(StrEnum):
    """What a line is to the page."""

    LETTERHEAD = "letterhead"
    RIGHT = "right"
    LEFT = "left"
    BOLD = "bold"
    TICKED = "ticked"
    UNTICKED = "unticked"
    BOXES = "boxes"
    PARAGRAPH = "paragraph"
    GAP = "gap"


@dataclass(frozen=True, slots=True)
class Line:
    """One thing to set on a page; a paragraph is one line, not yet broken to the width of the paper."""

    kind: Kind
    text: str = ""


def pages_of(text: str) -> tuple[tuple[Line, ...], ...]:
    """Return the pages of a letter, each as its lines from top to bottom."""
    return tuple(tuple(_lines_of(page)) for page in re.split(r"^===\n", text, flags=re.MULTILINE))


def boxes_of(row: str) -> list[tuple[str, str]]:
    """Return the (label, value) pairs of a row of boxes."""
    cells = (cell.partition("|") for cell in row.split("||"))
    return [(label.strip(), value.strip()) for label, _, value in cells]


def _lines_of(page: str) -> list[Line]:
    lines: list[Line] = []
    open_paragraph = False
    for raw in page.rstrip("\n").split("\n"):
        line = _line_of(raw.rstrip())
        goes_on = open_paragraph and line.kind is Kind.PARAGRAPH and not _STARTS_AFRESH.match(line.text)
        if goes_on:
            lines[-1] = Line(Kind.PARAGRAPH, f"{lines[-1].text} {line.text}")
        else:
            lines.append(line)
        open_paragraph = line.kind is Kind.PARAGRAPH and len(line.text) >= _PARAGRAPH_GOES_ON_FROM
    return lines


def _line_of(raw: str) -> Line:
    if not raw:
        return Line(Kind.GAP)
    if raw.startswith(("[x] ", "[ ] ")):
        return Line(Kind.TICKED if raw[1] == "x" else Kind.UNTICKED, raw[4:])
    if " | " in raw:
        return Line(Kind.BOXES, raw)
    if raw[0] in _MARKS:
        return Line(Kind(_MARKS[raw[0]]), raw[1:].strip())
    return Line(Kind.PARAGRAPH, raw)
