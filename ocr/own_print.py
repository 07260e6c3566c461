"""Takes pictures and words from a PDF that we printed ourselves: nothing is judged, and nothing is recognised.

Before: somebody has printed a text whose words are known. After: each page in colour for the screen, and the words that
can be seen on it with their boxes. Words that are there and that nobody sees (white on white, or too small) are left
out: whoever asks where a word stands wants to be shown it.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt
import pypdfium2

from ocr.engine import Word
from ocr.errors import DamagedDocument
from ocr.pdf_file import opened_pdf
from ocr.pdf_page import DRAWN_DPI
from ocr.pdf_text import page_text
from ocr.screen import SCREEN_DPI

_QUALITY = 75
_LEAST_CONTRAST = 32
"""Of 255, in the channel that differs most: below it, print and paper look the same."""

_LEAST_HEIGHT = 3
"""Pixels on the screen: letters that are lower are no more than dust."""

Colours = npt.NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class PrintedPage:
    """One page.

    Attributes:
        width: of the page that the words' boxes refer to, in pixels.
        height: likewise.
        words: those that can be seen.
        screen: its picture, a JPEG in colour.
    """

    width: int
    height: int
    words: tuple[Word, ...]
    screen: Path


def printed_pages(source: Path, most: int, folder: Path) -> tuple[list[PrintedPage], int]:
    """Return the first pages, and how many there are; the pictures are written as `sheet-NNNN.jpg`.

    Args:
        source: the PDF.
        most: pages that are looked at.
        folder: where the pictures are written; exists.

    Raises:
        DamagedDocument: a page cannot be drawn.
    """
    with opened_pdf(source) as pdf:
        wanted = range(min(len(pdf), most))
        return [_taken(pdf[index], folder / f"sheet-{index + 1:04d}.jpg") for index in wanted], len(pdf)


def _taken(page: pypdfium2.PdfPage, target: Path) -> PrintedPage:
    pixels = page.render(scale=SCREEN_DPI / 72).to_numpy()
    encoded, content = cv2.imencode(".jpg", pixels, [cv2.IMWRITE_JPEG_QUALITY, _QUALITY])
    if not encoded:
        raise DamagedDocument("its picture cannot be made")
    target.write_bytes(content.tobytes())
    text = page_text(page, DRAWN_DPI)
    words = tuple(word for word in text.words if is_seen(pixels, word)) if text else ()
    width, height = (round(side * DRAWN_DPI / 72) for side in page.get_size())
    return PrintedPage(width, height, words, target)


def is_seen(pixels: Colours, word: Word) -> bool:
    """Say whether a word stands out from what it is printed on.

    Args:
        pixels: of the page, at `SCREEN_DPI`.
        word: with its box at `DRAWN_DPI`.
    """
    left, top, right, bottom = (edge * SCREEN_DPI / DRAWN_DPI for edge in word.box)
    if bottom - top < _LEAST_HEIGHT and any(map(str.isalnum, word.text)):
        return False
    within = pixels[max(int(top), 0) : max(round(bottom + 1), 0), max(int(left), 0) : max(round(right + 1), 0)]
    if not within.size:
        return False
    flat = within.reshape(-1, within.shape[-1]).astype(np.int16)
    return int((flat.max(axis=0) - flat.min(axis=0)).max()) >= _LEAST_CONTRAST
