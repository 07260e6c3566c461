"""Measures by how many degrees a page went askew through the machine, and turns it back.

Before: `clean` has a fax page. After: its lines are level, which a coarse fax needs to be read well; the engine copes
with the skew of ordinary scans by itself.
"""

from __future__ import annotations

import cv2
import numpy as np

from ocr.engine import Grey
from ocr.picture import shrunk_to

_LOOK_AT_DPI = 75
_STEPS = np.arange(-3.0, 3.01, 0.25)
_WORTH_TURNING = 0.2
_WHITE = 255


def skew_of(pixels: Grey, dpi: int) -> float:
    """Return the degrees, from -3 to 3, by which turning clockwise makes the lines level; 0 where it is not worth it.

    The lines are level when the ink per row changes most sharply from row to row.
    """
    small = shrunk_to(pixels, dpi, _LOOK_AT_DPI)
    if min(small.shape) < 16:
        return 0.0
    sharpness = [_sharpness(straightened(small, float(step))) for step in _STEPS]
    best = float(_STEPS[int(np.argmax(sharpness))])
    return best if abs(best) > _WORTH_TURNING else 0.0


def straightened(pixels: Grey, degrees: float) -> Grey:
    """Return the image turned clockwise about its centre, its size kept and the corners filled with white."""
    height, width = pixels.shape
    matrix = cv2.getRotationMatrix2D((width / 2, height / 2), -degrees, 1.0)
    turned = cv2.warpAffine(
        pixels, matrix, (width, height), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_CONSTANT, borderValue=_WHITE
    )
    return np.asarray(turned, dtype=np.uint8)


def _sharpness(small: Grey) -> float:
    rows = small.mean(axis=1)
    return float(np.square(np.diff(rows)).sum())
