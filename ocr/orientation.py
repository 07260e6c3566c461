"""Tells a page that lies on its side from an upright one by the rhythm of its lines, in a few milliseconds.

Lines of print make the ink per row go up and down every few pixels, while the ink per column stays even. This cannot
tell a page from the same page upside down: that is found by `recognise`, and only where the first reading is poor.
"""

from __future__ import annotations

import cv2
import numpy as np

from ocr.engine import Grey

_WINDOW = 15
_HEAVY = 0.3
_CLEARLY = 1.5
_LEAST_SIDE = 4 * _WINDOW


def is_sideways(glance: Grey) -> bool:
    """Say whether the lines of print clearly run from top to bottom of the image.

    Args:
        glance: the page at 75 dpi (`ocr.picture.glance_at`).
    """
    if min(glance.shape) < _LEAST_SIDE:
        return False
    _, thresholded = cv2.threshold(glance, 0, 1, cv2.THRESH_BINARY_INV | cv2.THRESH_OTSU)
    ink = np.asarray(thresholded, dtype=np.uint8)
    return _rhythm(ink, axis=0) > _CLEARLY * _rhythm(ink, axis=1)


def _rhythm(ink: Grey, axis: int) -> float:
    """Return how far the share of ink of a row (axis 1) or column (axis 0) departs from that of its neighbourhood.

    Margins, columns and pictures change slowly and drop out; a ruled line or a black edge counts no more than a heavy
    line of print.
    """
    share = ink.mean(axis=axis)
    around = np.convolve(share, np.full(_WINDOW, 1 / _WINDOW), "same")
    return float(np.minimum(np.abs(share - around), _HEAVY).mean())
