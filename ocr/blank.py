"""Tells a page with nothing on it, so that it is not recognised; a signature or faint pencil is something.

Before: `page` has the picture. After: a blank page is kept and shown, but not read. The test errs on the side of
reading: a hole punch or the shadow of a fold only costs the time of one recognition.
"""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt

from ocr.engine import Grey
from ocr.picture import resized

_DARK_PAPER = 96
_LEAST_CONTRAST = 7.0
_MOST_CONTRAST = 25.0
_NOISE_FACTOR = 5.0
_QUARTILE_OF_NOISE = 0.3186  # of a normal distribution: a quarter of its values lie nearer to the mean, in sigmas
_LEAST_MARK = 6
_LEAST_INK = 24
_PAPER_SHRINK = 4
_PAPER_WINDOW = 9


def is_blank(glance: Grey) -> bool:
    """Say whether the paper is light and bears no mark that could be writing.

    A mark is darker than the paper around it by more than the noise of the scan, and larger than a speck: a connected
    area of 6 pixels at 75 dpi, 24 in all (a full stop of 12-point print has about 2, a one-word signature over 100).

    Args:
        glance: the page at 75 dpi (`ocr.picture.glance_at`).
    """
    if float(np.median(glance)) < _DARK_PAPER:
        return False
    darker = _paper_of(glance).astype(np.int16) - glance
    marks = (darker > _least_contrast(darker)).astype(np.uint8)
    return _ink(marks) < _LEAST_INK


def _least_contrast(darker: npt.NDArray[np.int16]) -> float:
    """Return how much darker than the paper a mark must be; closely written pages must not pass for noise."""
    noise = float(np.percentile(np.abs(darker), 25)) / _QUARTILE_OF_NOISE
    return min(max(_LEAST_CONTRAST, _NOISE_FACTOR * noise), _MOST_CONTRAST)


def _paper_of(glance: Grey) -> Grey:
    """Return the brightness of the paper around each pixel: what remains when print and pen strokes are taken away."""
    height, width = glance.shape
    coarse = resized(glance, width // _PAPER_SHRINK, height // _PAPER_SHRINK)
    return resized(np.asarray(cv2.medianBlur(coarse, _PAPER_WINDOW), dtype=np.uint8), width, height, cv2.INTER_LINEAR)


def _ink(marks: Grey) -> int:
    """Count the pixels of all marks larger than a speck."""
    _, _, areas, _ = cv2.connectedComponentsWithStats(marks, connectivity=8)
    sizes = areas[1:, cv2.CC_STAT_AREA]
    return int(sizes[sizes >= _LEAST_MARK].sum())
