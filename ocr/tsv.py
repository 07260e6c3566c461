"""Reads Tesseract's table of words (TSV), which both engines get from the one recognition pass.

Before: an engine has recognised a page. After: its `Reading`. Columns: level, page, block, paragraph, line, word,
left, top, width, height, confidence, text (Tesseract manual, "TSV renderer"); level 5 is a word.
"""

from __future__ import annotations

from dataclasses import dataclass

from ocr.engine import Reading, Word

_WORD_LEVEL = "5"
_COLUMNS = 12


@dataclass(frozen=True, slots=True)
class _Row:
    paragraph: tuple[str, ...]
    line: tuple[str, ...]
    box: tuple[int, int, int, int]
    confidence: float
    text: str


def reading_from_tsv(table: str) -> Reading:
    """Return the words of one page's table; rows of other levels, blank words and the heading are passed over."""
    rows = [row for row in map(_word_row, table.splitlines()) if row is not None]
    numbers: dict[tuple[str, ...], int] = {}
    words = tuple(Word(row.text, row.confidence, row.box, numbers.setdefault(row.line, len(numbers))) for row in rows)
    return Reading(_text(rows), words, mean_confidence(words))


def mean_confidence(words: tuple[Word, ...]) -> float:
    """Return the mean confidence of the words, 0 where there are none."""
    return sum(word.confidence for word in words) / len(words) if words else 0.0


def _word_row(row: str) -> _Row | None:
    cells = row.split("\t", _COLUMNS - 1)
    if len(cells) < _COLUMNS or cells[0] != _WORD_LEVEL or not cells[11].strip():
        return None
    left, top, width, height = (int(cell) for cell in cells[6:10])
    confidence = min(max(float(cells[10]) / 100, 0.0), 1.0)
    text = "".join(cells[11].split())
    return _Row(tuple(cells[1:4]), tuple(cells[1:5]), (left, top, left + width, top + height), confidence, text)


def _text(rows: list[_Row]) -> str:
    lines: list[str] = []
    last: _Row | None = None
    for row in rows:
        if last is not None and row.line == last.line:
            lines[-1] += " " + row.text
        else:
            if last is not None and row.paragraph != last.paragraph:
                lines.append("")
            lines.append(row.text)
        last = row
    return "\n".join(lines)
