"""Tells a page with nothing on it, so that it is not recognised; a signature or faint pencil is something.

Before: `page` has the picture. After: a blank page is kept and shown, but not read. The folds of a letter are nothing;
otherwise the test errs on the side of reading: a hole punch only costs the time of one recognition.
"""

from __future__ import annotations

import cv2
import numpy as np

from ocr.engine import Grey
from ocr.ink import Darkness, darkness_of, marks_in, strokes_across

_DARK_PAPER = 96
_SAMPLED = 2
_LEAST_MARK = 6
_LEAST_INK = 24
_FOLD_STROKE = 40
_FOLD_BAND = 7
_FROM_EDGE_TO_EDGE = 0.9
_DARKEST_FOLD = 60


def is_blank(glance: Grey) -> bool:
    """Say whether the paper is light and bears no mark that could be writing.

    A mark is darker than the paper around it by more than the noise of the scan, larger than a speck and no fold: a
    connected area of 6 pixels at 75 dpi, 24 in all (a full stop of 12-point print has about 2, a one-word signature
    over 100).

    Args:
        glance: the page at 75 dpi (`ocr.picture.glance_at`).
    """
    if float(np.median(glance[::_SAMPLED, ::_SAMPLED])) < _DARK_PAPER:
        return False
    darkness = darkness_of(glance)
    return _ink(_without_folds(marks_in(darkness), darkness)) < _LEAST_INK


def _without_folds(marks: Grey, darkness: Darkness) -> Grey:
    """Return the marks without folds; writing that crosses a fold stays, but for the few pixels within it."""
    across = _folds_across(marks, darkness)
    down = _folds_across(np.ascontiguousarray(marks.T), darkness.T).T
    return marks & ~(across | down)


def _folds_across(marks: Grey, darkness: Darkness) -> Grey:
    """Return 1 in and beside pale, straight lines from the left edge to the right, as the folds of a letter leave.

    A printed rule is darker and ends at the margins; folds of 48 levels, the deepest tried, come out as 34 on average.
    """
    folds = np.zeros_like(marks)
    strokes = strokes_across(marks, _FOLD_STROKE)
    if strokes.any(axis=0).mean() < _FROM_EDGE_TO_EDGE:
        return folds
    number, labels, boxes, _ = cv2.connectedComponentsWithStats(strokes, connectivity=8)
    for label in range(1, number):
        if boxes[label, cv2.CC_STAT_WIDTH] >= _FROM_EDGE_TO_EDGE * marks.shape[1]:
            line = labels == label
            if darkness[line].mean() <= _DARKEST_FOLD:
                folds |= line.astype(np.uint8)
    return np.asarray(cv2.dilate(folds, np.ones((_FOLD_BAND, 1), np.uint8)), dtype=np.uint8)


def _ink(marks: Grey) -> int:
    """Count the pixels of all marks larger than a speck."""
    _, _, areas, _ = cv2.connectedComponentsWithStats(marks, connectivity=8)
    sizes = areas[1:, cv2.CC_STAT_AREA]
    return int(sizes[sizes >= _LEAST_MARK].sum())
