"""Text that is put together piece by piece and refused as soon as it is longer than any letter.

Before: a reader of a format meets words. After: `read_text` gives the whole. A small file can stand for any amount of
text: a thousand cells may each name the same long string.
"""

from __future__ import annotations

from mailroom.domain.errors import Cause
from mailroom.sandbox.errors import TaskRefused

MOST_CHARACTERS = 2_000_000
"""About 700 pages of type; what is longer is an export of something, not a letter."""


class BoundedText:
    """Collects text; lines are ended and cells parted without leaving empty ones behind.

    Args:
        words: what a clerk calls the document.
    """

    def __init__(self, words: str) -> None:
        self._words = words
        self._pieces: list[str] = []
        self._length = 0

    def add(self, piece: str) -> None:
        """Put a piece of text behind the others.

        Raises:
            TaskRefused: it is more than may be read.
        """
        self._length += len(piece)
        if self._length > MOST_CHARACTERS:
            sentence = f"This is {self._words} of more than {MOST_CHARACTERS:,} characters, so it was not read."
            raise TaskRefused(Cause.TOO_LARGE, f"{sentence} Open the original and index it by hand.")
        self._pieces.append(piece)

    def end_cell(self) -> None:
        """Part a cell from the next: what ended the lines of its last paragraphs ends the cell."""
        self._drop("\n")
        self.add("\t")

    def end_row(self) -> None:
        """End a line of cells, without those at its end that are empty."""
        self._drop("\t")
        self.add("\n")

    def _drop(self, sign: str) -> None:
        while self._pieces and self._pieces[-1] == sign:
            self._pieces.pop()

    def __str__(self) -> str:
        """Return the whole."""
        return "".join(self._pieces)
