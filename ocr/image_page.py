"""Decodes a page of a TIFF, JPEG or PNG to grey, square pixels, and says when part of it is missing.

Before: `image_file` found its claims acceptable. After: a `Picture`. A decoder's success is not taken for a whole page:
what libtiff complains of is heard (`complaints`, `fax_lines`), and a JPEG that ends early is read as far as it goes.
"""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
from PIL import Image

from ocr.complaints import complaints
from ocr.engine import Grey
from ocr.errors import DamagedDocument
from ocr.fax_lines import FAX_COMPRESSIONS, lines_are_lost
from ocr.image_file import Frame, broken_files_named, early_ends_accepted, opened_frame, opened_image
from ocr.limits import PageLimits
from ocr.picture import Picture, resized, turned
from ocr.resolution import is_square


def picture_of_image(path: Path, number: int, limits: PageLimits) -> Picture:
    """Decode one page, counted from 1.

    Raises:
        DamagedDocument: it cannot be decoded, not even in part.
        NoSuchPage: the file has fewer pages.
        PageTooLarge: it claims too many pixels.
    """
    with opened_frame(path, number, limits) as frame:
        bitonal = frame.image.mode == "1"
        pixels, damaged = _decoded(frame, path, number)
        upright = turned(_mirrored(pixels) if frame.mirrored else pixels, frame.turn)
        return _square(upright, frame, bitonal=bitonal, damaged=damaged)


def stretched(pixels: Grey, x_dpi: float, y_dpi: float) -> Grey:
    """Return the image with square pixels at the finer of its two resolutions."""
    if is_square(x_dpi, y_dpi):
        return pixels
    height, width = pixels.shape
    finer = max(x_dpi, y_dpi)
    return resized(pixels, round(width * finer / x_dpi), round(height * finer / y_dpi), cv2.INTER_NEAREST)


def grey_of(image: Image.Image) -> Grey:
    """Decode a Pillow image to grey: see-through parts become white paper, 16-bit values are scaled down."""
    if image.mode.startswith("I;16"):
        return (np.asarray(image) >> 8).astype(np.uint8)
    if image.mode in ("I", "F"):
        return _scaled_to_bytes(np.asarray(image, dtype=np.float64))
    if image.mode in ("RGBA", "LA", "PA") or "transparency" in image.info:
        coloured = image.convert("RGBA")
        paper = Image.new("RGBA", coloured.size, "white")
        return np.asarray(Image.alpha_composite(paper, coloured).convert("L"))
    if image.mode == "LAB":
        return np.asarray(image.getchannel("L"))
    return np.asarray(image.convert("L"))


def _decoded(frame: Frame, path: Path, number: int) -> tuple[Grey, bool]:
    """Return the pixels as stored and whether part of them is missing."""
    image = frame.image
    if image.format == "TIFF":
        with complaints() as heard, broken_files_named():
            pixels = grey_of(image)
        is_fax = image.info.get("compression") in FAX_COMPRESSIONS
        return pixels, bool(heard) or (is_fax and lines_are_lost(path, number))
    image.draft("L", image.size)
    try:
        with broken_files_named():
            return grey_of(image), False
    except DamagedDocument:
        return _what_there_is(path), True


def _what_there_is(path: Path) -> Grey:
    """Decode a JPEG or PNG that ends early as far as it goes; its claims are checked already."""
    with early_ends_accepted(), opened_image(path) as image, broken_files_named():
        return grey_of(image)


def _square(pixels: Grey, frame: Frame, *, bitonal: bool, damaged: bool) -> Picture:
    """Return the picture, its rows repeated where the file has fewer of them per inch than columns."""
    x_dpi, y_dpi = (frame.y_dpi, frame.x_dpi) if frame.turn % 180 else (frame.x_dpi, frame.y_dpi)
    return Picture(
        stretched(pixels, x_dpi, y_dpi), round(max(x_dpi, y_dpi)), frame.sheet, bitonal, round(y_dpi), damaged
    )


def _mirrored(pixels: Grey) -> Grey:
    return np.ascontiguousarray(pixels[:, ::-1])


def _scaled_to_bytes(values: np.ndarray) -> Grey:
    low, high = float(np.nanmin(values)), float(np.nanmax(values))
    if not high > low:
        return np.full(values.shape, 255, dtype=np.uint8)
    return np.nan_to_num((values - low) * (255 / (high - low))).astype(np.uint8)
