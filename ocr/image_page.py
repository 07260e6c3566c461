"""Decodes a page of a TIFF, JPEG or PNG to grey, square pixels, and says when part of it is missing.

Before: `image_file` found its claims acceptable. After: a `Picture`. libtiff fills the lines of a broken fax with
whatever it has and reports success; its complaints on the error stream are the only sign, so they are read.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import cv2
import numpy as np
from PIL import Image, ImageFile

from ocr.engine import Grey
from ocr.errors import DamagedDocument
from ocr.image_file import Frame, broken_files_named, opened_frame, opened_image
from ocr.limits import PageLimits
from ocr.picture import Picture, resized, turned
from ocr.resolution import is_square

_MIRROR = Image.Transpose.FLIP_LEFT_RIGHT
_STANDARD_ERROR = 2


def picture_of_image(path: Path, number: int, limits: PageLimits) -> Picture:
    """Decode one page, counted from 1.

    Raises:
        DamagedDocument: it cannot be decoded, not even in part.
        NoSuchPage: the file has fewer pages.
        PageTooLarge: it claims too many pixels.
    """
    with opened_frame(path, number, limits) as frame:
        bitonal = frame.image.mode == "1"
        pixels, damaged = _decoded(frame, path)
        upright = turned(_mirrored(pixels) if frame.mirrored else pixels, frame.turn)
        return square_picture(upright, frame, bitonal=bitonal, damaged=damaged)


def square_picture(pixels: Grey, frame: Frame, *, bitonal: bool, damaged: bool) -> Picture:
    """Return the picture, its rows repeated where the file has fewer of them per inch than columns."""
    x_dpi, y_dpi = (frame.y_dpi, frame.x_dpi) if frame.turn % 180 else (frame.x_dpi, frame.y_dpi)
    return Picture(
        stretched(pixels, x_dpi, y_dpi), round(max(x_dpi, y_dpi)), frame.sheet, bitonal, round(y_dpi), damaged
    )


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


def _decoded(frame: Frame, path: Path) -> tuple[Grey, bool]:
    """Return the pixels as stored and whether part of them is missing."""
    image = frame.image
    if image.format == "TIFF":
        with complaints() as heard, broken_files_named():
            pixels = grey_of(image)
        return pixels, bool(heard)
    image.draft("L", image.size)
    try:
        with broken_files_named():
            return grey_of(image), False
    except DamagedDocument:
        return _what_there_is(path), True


def _what_there_is(path: Path) -> Grey:
    """Decode a JPEG or PNG that ends early as far as it goes; its claims are checked already."""
    strict = ImageFile.LOAD_TRUNCATED_IMAGES
    ImageFile.LOAD_TRUNCATED_IMAGES = True
    try:
        with opened_image(path) as image, broken_files_named():
            return grey_of(image)
    finally:
        ImageFile.LOAD_TRUNCATED_IMAGES = strict


def _mirrored(pixels: Grey) -> Grey:
    return np.ascontiguousarray(pixels[:, ::-1])


def _scaled_to_bytes(values: np.ndarray) -> Grey:
    low, high = float(np.nanmin(values)), float(np.nanmax(values))
    if not high > low:
        return np.full(values.shape, 255, dtype=np.uint8)
    return np.nan_to_num((values - low) * (255 / (high - low))).astype(np.uint8)


@contextmanager
def complaints() -> Iterator[list[str]]:
    """Collect what C libraries write to the error stream meanwhile; the list is filled when the block ends."""
    lines: list[str] = []
    kept = os.dup(_STANDARD_ERROR)
    with tempfile.TemporaryFile() as file:
        os.dup2(file.fileno(), _STANDARD_ERROR)
        try:
            yield lines
        finally:
            os.dup2(kept, _STANDARD_ERROR)
            os.close(kept)
            file.seek(0)
            lines.extend(file.read(4096).decode("utf-8", "replace").splitlines())
