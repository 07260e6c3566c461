"""Draws the lines of a letter on a sheet of A4, as sharp as the printer left it.

Before: `letter_text` has read the lines. After: `scanner` or `fax` makes of the clean page what the machine sends.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from PIL import Image, ImageDraw

from rendering import pen
from rendering.letter_text import Kind, Line, boxes_of
from rendering.typefaces import font

A4_INCHES = (8.268, 11.693)
_MARGIN = 0.95
_RIGHT_BLOCK = 5.2
_SIGNATURE_GAPS = 3
_HEAD, _FOOT = (1.1, 0.65), (5.4, 9.6)


@dataclass(frozen=True, slots=True)
class Style:
    """How a sender writes: typeface, size in points and, where the post room stamped the letter, the stamp's words."""

    face: str = "serif"
    points: float = 11.0
    stamp: tuple[str, ...] = ()


def draw_page(lines: tuple[Line, ...], style: Style, dpi: int, rng: np.random.Generator) -> Image.Image:
    """Return a grey page of A4 at `dpi` dots per inch with the lines on it; no lines give white paper.

    Raises:
        ValueError: the lines do not fit on one sheet.
    """
    width, height = (round(inches * dpi) for inches in A4_INCHES)
    paper = Image.new("L", (width, height), 255)
    sheet = _Sheet(ImageDraw.Draw(paper), style, dpi, rng)
    for line in lines:
        sheet.put(line)
    if sheet.top > height - 0.4 * dpi:
        raise ValueError(f"the page that begins with {lines[0].text!r} is too long for its sheet")
    if style.stamp and lines:
        headed = lines[0].kind is Kind.LETTERHEAD
        pen.stamp(paper, style.stamp, _FOOT if headed else _HEAD, dpi, rng)
    return paper


class _Sheet:
    """A sheet being filled from the top; `top` is where the next line goes, in pixels."""

    def __init__(self, ink: ImageDraw.ImageDraw, style: Style, dpi: int, rng: np.random.Generator) -> None:
        self._ink = ink
        self._style = style
        self._dpi = dpi
        self._rng = rng
        self._gaps = 0
        self._heads = 0
        self._pixels = round(style.points * dpi / 72)
        self._left = round(_MARGIN * dpi)
        self._width = round((A4_INCHES[0] - 2 * _MARGIN) * dpi)
        self.top = round(0.75 * dpi)

    def put(self, line: Line) -> None:
        """Set one line below the last one."""
        if self._gaps >= _SIGNATURE_GAPS and line.kind is Kind.PARAGRAPH:
            middle = (self._left, self.top - self._gaps * self._pixels * 0.42)
            pen.sign(self._ink, middle, self._pixels * 1.1, self._rng)
        self._gaps = self._gaps + 1 if line.kind is Kind.GAP else 0
        match line.kind:
            case Kind.GAP:
                self.top += round(self._pixels * 0.85)
            case Kind.LETTERHEAD:
                self._letterhead(line.text)
            case Kind.RIGHT:
                self._text(line.text, round(_RIGHT_BLOCK * self._dpi))
            case Kind.BOXES:
                self._boxes(boxes_of(line.text))
            case Kind.TICKED | Kind.UNTICKED:
                self._tick(line.text, ticked=line.kind is Kind.TICKED)
            case _:
                self._paragraph(line.text, bold=line.kind is Kind.BOLD)

    def _text(self, text: str, left: int, *, bold: bool = False) -> None:
        if self._style.face == "pen":
            pen.write(self._ink, (left, self.top), text, self._pixels, self._rng)
        else:
            self._ink.text((left, self.top), text, font=font(self._style.face, self._pixels, bold=bold), fill=20)
        self.top += round(self._pixels * 1.3)

    def _paragraph(self, text: str, *, bold: bool) -> None:
        for row in self._broken(text, self._width, bold=bold):
            self._text(row, self._left, bold=bold)

    def _broken(self, text: str, width: float, *, bold: bool = False) -> list[str]:
        shape = font(self._style.face, self._pixels, bold=bold)
        room = width * 0.93 if self._style.face == "pen" else width
        rows = [""]
        for word in text.split():
            longer = f"{rows[-1]} {word}".lstrip()
            if shape.getlength(longer) <= room:
                rows[-1] = longer
            else:
                rows.append(word)
        return rows

    def _letterhead(self, text: str) -> None:
        first = self._heads == 0
        pixels = round(self._pixels * (1.55 if first else 0.86))
        middle = (self._left + self._width / 2, self.top)
        self._ink.text(middle, text, font=font(self._style.face, pixels, bold=first), fill=20, anchor="ma")
        self.top += round(pixels * 1.4)
        self._heads += 1

    def _tick(self, text: str, *, ticked: bool) -> None:
        size, top, left = self._pixels, self.top, self._left + self._pixels
        self._ink.rectangle((left, top, left + size, top + size), outline=40, width=max(1, self._dpi // 100))
        if ticked:
            self._ink.line((left - 3, top, left + size + 2, top + size), fill=50, width=max(2, self._dpi // 75))
            self._ink.line((left + size, top - 4, left, top + size + 2), fill=50, width=max(2, self._dpi // 75))
        self._text(text, left + 2 * size)

    def _boxes(self, cells: list[tuple[str, str]]) -> None:
        width = self._width / len(cells)
        value_rows = [self._broken(value, width - self._pixels * 1.5) for _, value in cells]
        height = round(self._pixels * (0.5 + 1.3 * max(len(rows) for rows in value_rows)))
        below_labels = self.top + round(self._pixels * 1.05)
        for number, ((label, _), rows) in enumerate(zip(cells, value_rows, strict=True)):
            left = round(self._left + number * width)
            label_font = font(self._style.face, round(self._pixels * 0.78))
            self._ink.text((left, self.top), label, font=label_font, fill=60)
            corner = (left + width - self._pixels * 0.5, below_labels + height)
            self._ink.rectangle((left, below_labels, *corner), outline=70, width=max(1, self._dpi // 120))
            self._fill_in(rows, (left + self._pixels * 0.4, below_labels + self._pixels * 0.3))
        self.top = below_labels + height + round(self._pixels * 0.55)

    def _fill_in(self, rows: list[str], at: tuple[float, float]) -> None:
        for number, row in enumerate(rows):
            top = at[1] + number * self._pixels * 1.3
            self._ink.text((at[0], top), row, font=font(self._style.face, self._pixels), fill=30)
