"""Finds where the ink of a page stands, at a glance of 75 dpi: what is darker than the paper around it.

Before: `picture.glance_at`. After: `blank` asks whether there is any, `unread` whether words were found where it stands.
"""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt

from ocr.engine import Grey
from ocr.picture import resized

_LEAST_CONTRAST = 7.0
_MOST_CONTRAST = 25.0
_NOISE_FACTOR = 5.0
_QUARTILE_OF_NOISE = 0.3186  # of a normal distribution: a quarter of its values lie nearer to the mean, in sigmas
_PAPER_SHRINK = 4
_PAPER_WINDOW = 9
_FOLD_RUN = 40
_FOLD_BAND = 7
_FOLD_FROM_EDGE_TO_EDGE = 0.9
_FOLD_DARKNESS = 60

Darkness = npt.NDArray[np.int16]
"""How much darker than the paper around it each pixel is, in levels of grey."""


def darkness_of(glance: Grey) -> Darkness:
    """Return how much darker than the paper around it each pixel is: paper is what remains without print and pen strokes."""
    height, width = glance.shape
    coarse = resized(glance, width // _PAPER_SHRINK, height // _PAPER_SHRINK)
    blurred = np.asarray(cv2.medianBlur(coarse, _PAPER_WINDOW), dtype=np.uint8)
    return resized(blurred, width, height, cv2.INTER_LINEAR).astype(np.int16) - glance


def marks_in(darkness: Darkness) -> Grey:
    """Return 1 where a pixel is darker than the paper by more than the noise of the scan, else 0."""
    return (darkness > _least_contrast(darkness)).astype(np.uint8)


def without_folds(marks: Grey, darkness: Darkness) -> Grey:
    """Return the marks without the pale straight lines from edge to edge that the folds of a letter leave.

    Writing that crosses a fold stays, but for the few pixels within it.
    """
    across = _folds_across(marks, darkness)
    down = _folds_across(np.ascontiguousarray(marks.T), darkness.T).T
    return marks & ~(across | down) & 1


def _folds_across(marks: Grey, darkness: Darkness) -> Grey:
    """Return 1 in and beside every fold that runs from the left edge to the right."""
    runs = np.asarray(cv2.morphologyEx(marks, cv2.MORPH_OPEN, np.ones((1, _FOLD_RUN), np.uint8)), dtype=np.uint8)
    number, labels, boxes, _ = cv2.connectedComponentsWithStats(runs, connectivity=8)
    folds = np.zeros_like(marks)
    for label in range(1, number):
        if boxes[label, cv2.CC_STAT_WIDTH] >= _FOLD_FROM_EDGE_TO_EDGE * marks.shape[1]:
            fold = labels == label
            if darkness[fold].mean() <= _FOLD_DARKNESS:
                folds |= fold.astype(np.uint8)
    return np.asarray(cv2.dilate(folds, np.ones((_FOLD_BAND, 1), np.uint8)), dtype=np.uint8)


def _least_contrast(darker: Darkness) -> float:
    """Return how much darker than the paper a mark must be; closely written pages must not pass for noise."""
    noise = float(np.percentile(np.abs(darker), 25)) / _QUARTILE_OF_NOISE
    return min(max(_LEAST_CONTRAST, _NOISE_FACTOR * noise), _MOST_CONTRAST)
