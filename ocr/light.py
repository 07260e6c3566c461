"""Evens out the light of a page: the shadow of a lid or a hand, a lamp on one side, a bent page under a camera.

Before: `recognise` has a page in shades of grey. After: the engine reads it as if it had been lit evenly. Tesseract
parts ink from paper at one brightness for the whole page and silently loses what stands in the shade: of two shaded
letters it read 67 and 62 % of the words, and 96 and 99 % once they were evened out and made level.
"""

from __future__ import annotations

import cv2
import numpy as np

from ocr.engine import Grey
from ocr.picture import GLANCE_DPI, resized, shrunk_to

_LOOK_AT_DPI = 37
_WIDEST_STROKE = 9
_SMOOTH = 1.5
_IN_THE_LIGHT = 90
_IN_THE_SHADE = 0.9
_MUCH_SHADE = 0.05
_DARKEST_SHADE = 0.25
_WHITE = 255


def is_uneven(glance: Grey) -> bool:
    """Say whether a twentieth of the paper is darker by a tenth or more than the paper in the light.

    Of evenly lit scans, worn or not, no part is; of letters with a shadow over one edge, 10 to 27 %.

    Args:
        glance: the page at 75 dpi (`ocr.picture.glance_at`).
    """
    paper = _paper_of(glance, GLANCE_DPI)
    return float(np.mean(paper < _IN_THE_SHADE * np.percentile(paper, _IN_THE_LIGHT))) > _MUCH_SHADE


def evened(pixels: Grey, dpi: int) -> Grey:
    """Return the page as if lit evenly, its paper white.

    Paper darker than a quarter of that in the light is taken for a picture or a black edge and stays dark.

    Args:
        pixels: the page at any resolution.
        dpi: its pixels per inch.
    """
    paper = _paper_of(pixels, dpi)
    least = _DARKEST_SHADE * float(np.percentile(paper, _IN_THE_LIGHT))
    height, width = pixels.shape
    light = resized(np.maximum(paper, round(least)).astype(np.uint8), width, height, cv2.INTER_LINEAR)
    return np.asarray(cv2.divide(pixels, light, scale=_WHITE), dtype=np.uint8)


def _paper_of(pixels: Grey, dpi: int) -> Grey:
    """Return the brightness of the paper under and around the print, at 37 dpi; strokes up to 1/4 inch are gone."""
    coarse = shrunk_to(pixels, dpi, _LOOK_AT_DPI)
    window = np.ones((_WIDEST_STROKE, _WIDEST_STROKE), np.uint8)
    closed = cv2.morphologyEx(coarse, cv2.MORPH_CLOSE, window, borderType=cv2.BORDER_REPLICATE)
    return np.asarray(cv2.GaussianBlur(closed, (0, 0), _SMOOTH), dtype=np.uint8)
