"""Opens one page of a TIFF, JPEG or PNG: claims first, pixels only when the claims are acceptable.

Before: `page`, `document` and `wrap` know the file's kind. After: a Pillow image positioned on the page, and the
resolution it is to be believed to have. TIFF is decoded by Pillow's libtiff; the one in tesserocr's wheel is old.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from PIL import ExifTags, Image, ImageFile

from ocr.errors import DamagedDocument, NoSuchPage, PageTooLarge
from ocr.limits import PageLimits
from ocr.resolution import believed_resolution
from ocr.sheet import Sheet

_TURN_OF_ORIENTATION = {3: 180, 4: 180, 5: 270, 6: 90, 7: 90, 8: 270}
_MIRRORED = (2, 4, 5, 7)
_ON_ITS_SIDE = (5, 6, 7, 8)
_UNREADABLE = (OSError, SyntaxError, ValueError, TypeError, KeyError, IndexError, OverflowError, EOFError)
"""What Pillow raises on broken files: its readers let errors of parsing through as they come."""


@dataclass(frozen=True, slots=True)
class Frame:
    """One page of an image file, as its header claims it.

    Attributes:
        image: positioned on the page, not decoded yet.
        x_dpi: columns per inch, as stored in the file.
        y_dpi: rows per inch.
        turn: clockwise degrees by which it is to be turned for display (the EXIF orientation of a photograph).
        mirrored: it is to be mirrored, left to right, before that; such a file is never embedded as it is.
    """

    image: Image.Image
    x_dpi: float
    y_dpi: float
    turn: int = 0
    mirrored: bool = False

    @property
    def sheet(self) -> Sheet:
        """The page of a PDF that holds this image as stored, or upright where it is mirrored, and nothing else."""
        width, height = self.image.width * 72 / self.x_dpi, self.image.height * 72 / self.y_dpi
        if not self.mirrored:
            return Sheet((0.0, 0.0, width, height), self.turn)
        return Sheet((0.0, 0.0, height, width) if self.turn % 180 else (0.0, 0.0, width, height))


@contextmanager
def opened_frame(path: Path, number: int, limits: PageLimits) -> Iterator[Frame]:
    """Open the file at a page, counted from 1.

    Raises:
        DamagedDocument: Pillow cannot make sense of it.
        NoSuchPage: it has fewer pages.
        PageTooLarge: the page claims too many pixels.
    """
    with opened_image(path) as image:
        if not go_to(image, number):
            raise NoSuchPage(number)
        width, height = image.size
        limits.check_pixels(number, width, height)
        with broken_files_named():
            frame = _frame(image)
        yield frame


@contextmanager
def opened_image(path: Path) -> Iterator[Image.Image]:
    """Open the file at its first page; Pillow's own warnings about size and broken tags are not wanted here.

    Raises:
        DamagedDocument: Pillow cannot make sense of it.
        PageTooLarge: Pillow refuses its claimed size.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            with broken_files_named():
                image = Image.open(path, formats=("TIFF", "JPEG", "PNG"))
        except Image.DecompressionBombError as error:
            raise PageTooLarge(1, "over 178 million pixels") from error
        with image:
            yield image


def go_to(image: Image.Image, number: int) -> bool:
    """Position the image on a page, counted from 1, and say whether there is one.

    Raises:
        DamagedDocument: the way to that page is broken.
    """
    with broken_files_named():
        try:
            image.seek(number - 1)
        except EOFError:
            return False
        return True


@contextmanager
def broken_files_named() -> Iterator[None]:
    """Turn what Pillow raises on broken files into DamagedDocument; to be put around calls of Pillow only."""
    try:
        yield
    except _UNREADABLE as error:
        raise DamagedDocument("the image cannot be decoded") from error


@contextmanager
def early_ends_accepted() -> Iterator[None]:
    """Let Pillow decode a JPEG or PNG that ends early as far as it goes; it can be told so only for all of itself."""
    strict = ImageFile.LOAD_TRUNCATED_IMAGES
    ImageFile.LOAD_TRUNCATED_IMAGES = True
    try:
        yield
    finally:
        ImageFile.LOAD_TRUNCATED_IMAGES = strict


def _frame(image: Image.Image) -> Frame:
    width, height = image.size
    x_dpi, y_dpi = believed_resolution(width, height, image.info.get("dpi"), bitonal=image.mode == "1")
    if image.format == "PNG":  # Pillow would decode it all to look for an orientation, which no scanner writes
        return Frame(image, x_dpi, y_dpi)
    orientation = image.getexif().get(ExifTags.Base.Orientation, 1)
    if image.format == "TIFF":  # Pillow turns it as it decodes; its size is that of the turned image already
        return Frame(image, y_dpi, x_dpi) if orientation in _ON_ITS_SIDE else Frame(image, x_dpi, y_dpi)
    return Frame(image, x_dpi, y_dpi, _TURN_OF_ORIENTATION.get(orientation, 0), orientation in _MIRRORED)
