"""Where a page lies in the coordinates of its PDF, and how the upright image maps onto it.

Before: `image_file` or `pdf_page` knows the sheet. After: `layer` places each word by `placement`.
"""

from __future__ import annotations

from dataclasses import dataclass

Matrix = tuple[float, float, float, float, float, float]


@dataclass(frozen=True, slots=True)
class Sheet:
    """The visible area of a page.

    Attributes:
        box: (left, bottom, right, top) in points of PDF user space, before any turn.
        turn: clockwise degrees by which a viewer turns it for display (the page's /Rotate): 0, 90, 180 or 270.
    """

    box: tuple[float, float, float, float]
    turn: int = 0

    @property
    def size_shown(self) -> tuple[float, float]:
        """Width and height in points as a viewer shows it."""
        left, bottom, right, top = self.box
        width, height = right - left, top - bottom
        return (height, width) if self.turn % 180 else (width, height)

    def turned(self, degrees: int) -> Sheet:
        """Return the sheet with a further clockwise turn."""
        return Sheet(self.box, (self.turn + degrees) % 360)

    def placement(self) -> Matrix:
        """Return the matrix from the shown page (points, origin bottom left) to user space (ISO 32000-1, 8.3.3)."""
        left, bottom, right, top = self.box
        return {
            0: (1.0, 0.0, 0.0, 1.0, left, bottom),
            90: (0.0, 1.0, -1.0, 0.0, right, bottom),
            180: (-1.0, 0.0, 0.0, -1.0, right, top),
            270: (0.0, -1.0, 1.0, 0.0, left, top),
        }[self.turn]
