"""Makes the picture of a page that people look at: small enough to load at once, sharp enough to read.

JPEG, for WebP costs as much as reading the page does.
"""

from __future__ import annotations

from pathlib import Path

import cv2

from ocr.engine import Grey
from ocr.errors import DamagedDocument
from ocr.picture import resized

SCREEN_DPI = 120
_WIDEST = 1240
_TALLEST = 4000
_QUALITY = 70


def write_screen(pixels: Grey, dpi: int, target: Path) -> float:
    """Write the picture for the screen and return its pixels per pixel of the page.

    Raises:
        DamagedDocument: the page is of a shape that no JPEG can hold.
        OSError: there is no room, or no right, to write it.
    """
    height, width = pixels.shape
    scale: float = min(1.0, SCREEN_DPI / dpi, _WIDEST / width, _TALLEST / height)
    small = pixels if scale == 1.0 else resized(pixels, round(width * scale), round(height * scale))
    encoded, content = cv2.imencode(".jpg", small, [cv2.IMWRITE_JPEG_QUALITY, _QUALITY])
    if not encoded:
        raise DamagedDocument("its picture cannot be made")
    target.write_bytes(content.tobytes())
    return scale
