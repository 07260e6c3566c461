"""A page as pixels, wherever it came from, and the few turns and resizings that everything else is made of.

Before: `image_file` or `pdf_page` made it. After: `blank`, `orientation` and `recognise` look at it, `screen` shows it.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from ocr.engine import Grey
from ocr.sheet import Sheet

cv2.setNumThreads(1)

GLANCE_DPI = 75
_GLANCE_MARGIN = 0.03


@dataclass(frozen=True, slots=True)
class Picture:
    """One page as it would be shown before anybody looks which way up its print is.

    Attributes:
        pixels: grey, square pixels.
        dpi: pixels per inch.
        sheet: where the page lies in its document, for the searchable layer.
        bitonal: the file holds black and white only (fax, G4 scan).
        rows_per_inch: of the file itself, before its pixels were made square; 98 for a standard fax.
        damaged: part of the image is missing or could not be decoded.
    """

    pixels: Grey
    dpi: int
    sheet: Sheet
    bitonal: bool = False
    rows_per_inch: int = 0
    damaged: bool = False


def turned(pixels: Grey, degrees: int) -> Grey:
    """Return the image turned clockwise by 0, 90, 180 or 270 degrees, contiguous in memory."""
    return np.ascontiguousarray(np.rot90(pixels, -degrees // 90))


def resized(pixels: Grey, width: int, height: int, how: int = cv2.INTER_AREA) -> Grey:
    """Return the image in another size, at least one pixel each way."""
    return np.asarray(cv2.resize(pixels, (max(width, 1), max(height, 1)), interpolation=how), dtype=np.uint8)


def shrunk_to(pixels: Grey, dpi: int, wanted_dpi: int) -> Grey:
    """Return the image at about the wanted dpi; never enlarged."""
    if dpi <= wanted_dpi:
        return pixels
    height, width = pixels.shape
    return resized(pixels, round(width * wanted_dpi / dpi), round(height * wanted_dpi / dpi))


def glance_at(picture: Picture) -> Grey:
    """Return the page at 75 dpi without its outermost 3 %, where scanners leave shadows: enough to see its lines."""
    small = shrunk_to(picture.pixels, picture.dpi, GLANCE_DPI)
    rows, columns = (int(side * _GLANCE_MARGIN) for side in small.shape)
    return np.ascontiguousarray(small[rows : small.shape[0] - rows, columns : small.shape[1] - columns])
