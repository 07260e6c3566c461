"""Writes the words of a page as invisible text, each where it stands in the image, as a PDF of one page.

Before: `page` has a reading. After: `searchable` lays it under the page. Words of a line share one baseline and one
size, and each is stretched to its box: readers that rebuild lines from positions then find the lines of the letter.
"""

from __future__ import annotations

from itertools import groupby
from pathlib import Path

import numpy as np
import pikepdf
from pikepdf import Dictionary, Name

from ocr.engine import Word
from ocr.invisible_font import ADVANCE, CAPITALS, add_invisible_font, compressed
from ocr.sheet import Sheet

FONT = Name("/Invisible")

_BELOW_BASELINE = frozenset("gjpqyQ,;()[]{}|/@$§ŷýţşųķļņģç_")
_LEAST_SIZE = 1.0
_LEAST_WIDTH = 0.1


def write_layer(words: tuple[Word, ...], pixels: tuple[int, int], sheet: Sheet, target: Path) -> Path:
    """Write the layer.

    Args:
        words: boxes in pixels of the upright image.
        pixels: width and height of that image.
        sheet: the page, with the turn that shows it upright.
        target: where to write; an existing file is replaced.
    """
    with pikepdf.new() as pdf:
        page = pdf.add_blank_page()
        page.mediabox = pikepdf.Array(list(sheet.box))
        page.rotation = sheet.turn
        page.obj.Resources = Dictionary(Font=Dictionary({str(FONT): add_invisible_font(pdf)}))
        page.obj.Contents = compressed(pdf, layer_content(words, pixels, sheet))
        pdf.save(target, deterministic_id=True, compress_streams=False)
    return target


def layer_content(words: tuple[Word, ...], pixels: tuple[int, int], sheet: Sheet) -> bytes:
    """Return the content stream: all text in render mode 3, invisible (ISO 32000-1, 9.3.6)."""
    width, height = sheet.size_shown
    to_points = width / pixels[0], height / pixels[1]
    lines = [_line(list(line), to_points, height) for _, line in groupby(words, key=lambda word: word.line)]
    place = " ".join(_number(part) for part in sheet.placement())
    return "\n".join([f"q {place} cm BT 3 Tr", *lines, "ET Q\n"]).encode("ascii")


def baseline_of(line: list[Word]) -> tuple[float, float]:
    """Return the height of the line's baseline and of its capitals, in pixels, y running downwards.

    Boxes of words with letters below the baseline end lower, so the others decide where there are any. The baseline is
    level even where the line is not: readers take words at different heights for different lines.
    """
    standing = [word for word in line if not _BELOW_BASELINE.intersection(word.text)] or line
    bottoms = [word.box[3] for word in standing]
    heights = [word.box[3] - word.box[1] for word in standing]
    return float(np.median(bottoms)), float(np.percentile(heights, 75))


def _line(line: list[Word], to_points: tuple[float, float], height: float) -> str:
    baseline, capitals = baseline_of(line)
    size = max(capitals * to_points[1] * 1000 / CAPITALS, _LEAST_SIZE)
    y = _number(height - baseline * to_points[1])
    words = (_word(word, to_points[0], y, size) for word in line)
    return " ".join([f"{FONT} {_number(size)} Tf", *words])


def _word(word: Word, to_points: float, y: str, size: float) -> str:
    """Return the operators that place a word and stretch it to its box.

    A space follows in the same string: readers would join words that stand close.
    """
    left, _, right, _ = word.box
    codes = word.text.encode("utf-16-be")
    natural_width = len(codes) / 2 * ADVANCE / 1000 * size
    stretch = 100 * max((right - left) * to_points, _LEAST_WIDTH) / natural_width
    return f"1 0 0 1 {_number(left * to_points)} {y} Tm {_number(stretch)} Tz <{codes.hex().upper()}0020> Tj"


def _number(value: float) -> str:
    return f"{value:.4f}".rstrip("0").rstrip(".")
