"""How large a document and a page may claim to be; checked on headers, before anything is decoded."""

from __future__ import annotations

from dataclasses import dataclass

from ocr.errors import PageTooLarge


@dataclass(frozen=True, slots=True)
class PageLimits:
    """Bounds on what is decoded.

    Attributes:
        max_pages: pages of one document.
        max_pixels: pixels of one page image; A3 at 600 dpi has 70 million.
        max_drawn_pixels: pixels drawn of a PDF page; a larger sheet is drawn at fewer dpi (A2 at 300 dpi fits).
        least_dpi: a sheet so large that it would be drawn at fewer dpi than this is refused.
    """

    max_pages: int = 2000
    max_pixels: int = 100_000_000
    max_drawn_pixels: int = 40_000_000
    least_dpi: int = 100

    def check_pixels(self, number: int, width: int, height: int) -> None:
        """Refuse a page image by its claimed size in pixels.

        Raises:
            PageTooLarge: it has more than `max_pixels`.
        """
        if width * height > self.max_pixels:
            raise PageTooLarge(number, f"{width} x {height} pixels")

    def dpi_to_draw(self, number: int, sheet: tuple[float, float], wanted: int) -> int:
        """Return the dpi at which a sheet is drawn: the wanted one, or fewer where the sheet is large.

        Args:
            number: of the page, for the sentence.
            sheet: width and height in points.
            wanted: dpi for a sheet of usual size.

        Raises:
            PageTooLarge: even at `least_dpi` it would be too many pixels.
        """
        width, height = sheet
        square_inches = max(width * height, 1.0) / 72**2
        dpi = min(wanted, int((self.max_drawn_pixels / square_inches) ** 0.5))
        if dpi < self.least_dpi:
            raise PageTooLarge(number, f"a sheet of {width / 72:.0f} x {height / 72:.0f} inches")
        return dpi
