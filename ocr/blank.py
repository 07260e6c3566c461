"""Tells a page with nothing on it, so that it is not recognised; a signature or faint pencil is something.

Before: `page` has the picture. After: a blank page is kept and shown, but not read. The folds of a letter are nothing;
otherwise the test errs on the side of reading: a hole punch only costs the time of one recognition.
"""

from __future__ import annotations

import cv2
import numpy as np

from ocr.engine import Grey
from ocr.ink import darkness_of, marks_in, without_folds

_DARK_PAPER = 96
_LEAST_MARK = 6
_LEAST_INK = 24


def is_blank(glance: Grey) -> bool:
    """Say whether the paper is light and bears no mark that could be writing.

    A mark is darker than the paper around it by more than the noise of the scan, larger than a speck and no fold: a
    connected area of 6 pixels at 75 dpi, 24 in all (a full stop of 12-point print has about 2, a one-word signature
    over 100).

    Args:
        glance: the page at 75 dpi (`ocr.picture.glance_at`).
    """
    if float(np.median(glance)) < _DARK_PAPER:
        return False
    darkness = darkness_of(glance)
    return _ink(without_folds(marks_in(darkness), darkness)) < _LEAST_INK


def _ink(marks: Grey) -> int:
    """Count the pixels of all marks larger than a speck."""
    _, _, areas, _ = cv2.connectedComponentsWithStats(marks, connectivity=8)
    sizes = areas[1:, cv2.CC_STAT_AREA]
    return int(sizes[sizes >= _LEAST_MARK].sum())
