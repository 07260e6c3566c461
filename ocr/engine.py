"""What an engine is: a grey page in, words with boxes and confidences out.

Before: `recognise` has an upright, cleaned image. After: `page` writes text, boxes and the searchable layer from the
one Reading; nothing is recognised twice for different outputs.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np
import numpy.typing as npt

Grey = npt.NDArray[np.uint8]
"""A page as rows x columns of brightness, 0 black to 255 white."""

Box = tuple[int, int, int, int]
"""Left, top, right, bottom in pixels from the top left corner; right and bottom lie just outside."""


@dataclass(frozen=True, slots=True)
class Word:
    """One word as it stands on the page.

    Attributes:
        text: never empty, no white space.
        confidence: 0 to 1, as the engine judges it.
        box: (left, top, right, bottom) in pixels of the image that was given.
        line: number of its line, counted from 0 in reading order; equal numbers share a line.
    """

    text: str
    confidence: float
    box: Box
    line: int


@dataclass(frozen=True, slots=True)
class Reading:
    """What one recognition found.

    Attributes:
        text: lines in reading order, an empty line between paragraphs.
        words: the same words, in the same order.
        confidence: mean of the words' confidences, 0 to 1; 0 where there are no words.
    """

    text: str
    words: tuple[Word, ...]
    confidence: float


class Engine(Protocol):
    """Reads print. Opened once and used for many pages, one at a time."""

    name: str
    """Maker, version and languages, for instance `tesserocr 5.5.4 eng`; kept with every page it read."""

    def recognise(self, image: Grey, dpi: int) -> Reading:
        """Read one upright page.

        Args:
            image: contiguous rows x columns of uint8, square pixels.
            dpi: pixels per inch of the image.
        """
        ...
