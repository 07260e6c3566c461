"""Measures how much of what looks like text was not read: the engine's confidence speaks only of the words it found.

Before: `recognise` has a reading. After: where much is unread it tries once more, and `page` tells how much remains.
Letters that were read whole come out at 0.05 or less, two that lost their shaded part at 0.34 and 0.43.
"""

from __future__ import annotations

import cv2
import numpy as np

from ocr.engine import Grey, Word
from ocr.ink import darkness_of, marks_in, strokes_across, strokes_down

_RULE_ACROSS, _RULE_DOWN = 40, 20
_PALE = 0.3
_DARK_INK = 95
_JOIN = 7
_LOWEST, _HIGHEST = 4, 26
_SHORTEST = 12
_LEAST_SHAPE = 1.5
_FULLEST = 0.7
_THREE_LINES = 1500
_A_GUESS = 0.4
_AROUND = 2


def unread_share(glance: Grey, words: tuple[Word, ...], page_size: tuple[int, int], scale: float) -> float:
    """Return the share of the ink in lines of text, 0 to 1, on which no word stands but a guess.

    Where there is less ink than in about three lines, the share is of that much: a lone signature gives little.

    Args:
        glance: the page at 75 dpi, upright and evenly lit, its outermost parts cut off alike on opposite sides.
        words: boxes in pixels of the page; those below a confidence of 0.4 are guesses.
        page_size: rows and columns of the page.
        scale: pixels of the glance per pixel of the page.
    """
    text = text_like(glance)
    known = _covered([word for word in words if word.confidence >= _A_GUESS], glance.shape, page_size, scale)
    return int((text & ~known).sum()) / max(int(text.sum()), _THREE_LINES)


def text_like(glance: Grey) -> Grey:
    """Return 1 where ink stands in groups shaped like words, else 0.

    Rules, boxes, folds and the bars of barcodes drop out as long strokes; show-through and stains as too pale; pictures
    as too high or too full.
    """
    ink = _dark_marks(glance)
    ink &= ~(strokes_across(ink, _RULE_ACROSS) | strokes_down(ink, _RULE_DOWN))
    joined = np.asarray(cv2.morphologyEx(ink, cv2.MORPH_CLOSE, np.ones((1, _JOIN), np.uint8)), dtype=np.uint8)
    _, labels, boxes, _ = cv2.connectedComponentsWithStats(joined, connectivity=8)
    width, height = boxes[:, cv2.CC_STAT_WIDTH], boxes[:, cv2.CC_STAT_HEIGHT]
    shaped = (height >= _LOWEST) & (height <= _HIGHEST) & (width >= _SHORTEST) & (width >= _LEAST_SHAPE * height)
    full = np.bincount(labels[ink > 0], minlength=len(boxes)) > _FULLEST * width * height
    like_a_word = shaped & ~full
    like_a_word[0] = False
    return np.asarray(ink & like_a_word[labels], dtype=np.uint8)


def _dark_marks(glance: Grey) -> Grey:
    darkness = darkness_of(glance)
    marks = marks_in(darkness)
    if not marks.any():
        return marks
    return marks & (darkness >= _PALE * float(np.percentile(darkness[marks > 0], _DARK_INK)))


def _covered(words: list[Word], shape: tuple[int, ...], page_size: tuple[int, int], scale: float) -> Grey:
    """Return 1 on and just around the words, in pixels of the glance."""
    covered = np.zeros(shape, np.uint8)
    top_margin, left_margin = ((side * scale - part) / 2 for side, part in zip(page_size, shape, strict=True))
    for word in words:
        left, top, right, bottom = (side * scale for side in word.box)
        corner = round(left - left_margin) - _AROUND, round(top - top_margin) - _AROUND
        opposite = round(right - left_margin) + _AROUND, round(bottom - top_margin) + _AROUND
        cv2.rectangle(covered, corner, opposite, 1, cv2.FILLED)
    return covered
