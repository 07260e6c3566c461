"""Takes out the thin black streaks that dirt on a fax scanner's glass draws down the page.

Before: `clean` has a fax page. After: it is blurred and read. With one streak across its text, a page of print lost
three whole lines in recognition; ruled lines of a table go, too, which does no harm to reading.
"""

from __future__ import annotations

import cv2
import numpy as np

from ocr.engine import Grey

_LEAST_LENGTH_MM = 15
_MOST_WIDTH_MM = 1
_HALF = 128


def without_streaks(pixels: Grey, dpi: int) -> Grey:
    """Return the page with vertical black runs of 15 mm or more made white, where they are at most 1 mm wide."""
    length, width = (max(round(size * dpi / 25.4), 2) for size in (_LEAST_LENGTH_MM, _MOST_WIDTH_MM))
    ink = cv2.bitwise_not(pixels)
    tall = cv2.morphologyEx(ink, cv2.MORPH_OPEN, np.ones((length, 1), np.uint8))
    wide = cv2.morphologyEx(tall, cv2.MORPH_OPEN, np.ones((1, width), np.uint8))
    streaks = cv2.dilate(cv2.subtract(tall, wide), np.ones((1, 3), np.uint8))
    return np.where(streaks > _HALF, 255, pixels).astype(np.uint8)
