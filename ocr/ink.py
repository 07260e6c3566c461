"""Finds where the ink of a page stands, at a glance of 75 dpi: what is darker than the paper around it.

Before: `picture.glance_at`. After: `blank` asks whether there is any, `unread` whether words were found on it.
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
_SAMPLED = 2  # every other row and column tells as much of the noise, in a quarter of the time
_PAPER_SHRINK = 4
_PAPER_WINDOW = 9

Darkness = npt.NDArray[np.int16]
"""How much darker than the paper around it each pixel is, in levels of grey."""


def darkness_of(glance: Grey) -> Darkness:
    """Return how much darker each pixel is than the paper around it, which remains when print and strokes are gone."""
    height, width = glance.shape
    coarse = resized(glance, width // _PAPER_SHRINK, height // _PAPER_SHRINK)
    paper = np.asarray(cv2.medianBlur(coarse, _PAPER_WINDOW), dtype=np.uint8)
    return resized(paper, width, height, cv2.INTER_LINEAR).astype(np.int16) - glance


def marks_in(darkness: Darkness) -> Grey:
    """Return 1 where a pixel is darker than the paper by more than the noise of the scan, else 0."""
    return (darkness > _least_contrast(darkness)).astype(np.uint8)


def strokes_across(marks: Grey, length: int) -> Grey:
    """Return the marks that are part of a level stroke at least so many pixels long."""
    return np.asarray(cv2.morphologyEx(marks, cv2.MORPH_OPEN, np.ones((1, length), np.uint8)), dtype=np.uint8)


def strokes_down(marks: Grey, length: int) -> Grey:
    """Return the marks that are part of an upright stroke at least so many pixels long."""
    return np.asarray(cv2.morphologyEx(marks, cv2.MORPH_OPEN, np.ones((length, 1), np.uint8)), dtype=np.uint8)


def _least_contrast(darkness: Darkness) -> float:
    """Return how much darker than the paper a mark must be; closely written pages must not pass for noise."""
    sample = np.abs(darkness[::_SAMPLED, ::_SAMPLED])
    noise = float(np.percentile(sample, 25)) / _QUARTILE_OF_NOISE
    return min(max(_LEAST_CONTRAST, _NOISE_FACTOR * noise), _MOST_CONTRAST)
