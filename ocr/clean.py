"""Prepares an upright page for the engine, by the kind of its pixels, and maps what was read back onto the page.

Before: `recognise` has turned the page. After: the engine reads the prepared image. Recipes were measured on letters,
faxes and real scans: a light blur helps a fax more than removing specks, which eats full stops; print below about
150 dpi must be enlarged; 600 dpi reads no better than 300 and costs three times as much; a shaded page must be evened
out and made level.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import cv2
import numpy as np

from ocr.engine import Box, Grey, Reading, Word
from ocr.light import evened
from ocr.picture import Picture, resized
from ocr.skew import skew_of, straightened
from ocr.streaks import without_streaks

_FAX_DPI = range(180, 221)
_STANDARD_FAX_ROWS = 150
_LOW_DPI = 150
_READING_DPI = 300
_HIGH_DPI = 450
_MOST_ENLARGED = 2.5
_AROUND_INCHES = 0.15
_DARKER_THAN_AROUND = 10
_SOFTENED = 1.0
_WHITE = 255


@dataclass(frozen=True, slots=True)
class Recipe:
    """What is done to a page before it is read.

    Attributes:
        scale: factor of enlargement.
        blur: sigma of the Gaussian blur in pixels, 0 for none.
        straighten: measure and take out skew.
        wipe: take out the black streaks of a dirty fax scanner.
        even: take out shadows.
        cut: make each pixel black or white by what is around it.
    """

    scale: float = 1.0
    blur: float = 0.0
    straighten: bool = False
    wipe: bool = False
    even: bool = False
    cut: bool = False


@dataclass(frozen=True, slots=True)
class Prepared:
    """An image for the engine, and how it came from the page.

    Attributes:
        image: what the engine reads.
        dpi: its pixels per inch.
        scale: its pixels per pixel of the page.
        skew: degrees by which it was turned clockwise about its centre.
    """

    image: Grey
    dpi: int
    scale: float = 1.0
    skew: float = 0.0


def recipe_for(picture: Picture, *, uneven: bool = False) -> Recipe:
    """Choose by resolution and kind: fax, low resolution, very high resolution, or as it is; and by the light.

    Args:
        picture: the page.
        uneven: the light on it is (`ocr.light.is_uneven`).
    """
    recipe = _by_resolution(picture)
    return replace(recipe, even=True, straighten=True) if uneven else recipe


def harder_than(recipe: Recipe) -> Recipe:
    """Return the recipe for a second try at a page of which much was left unread."""
    return replace(recipe, even=True, straighten=True, cut=True)


def prepare(pixels: Grey, dpi: int, recipe: Recipe) -> Prepared:
    """Return the image for the engine."""
    pixels = without_streaks(pixels, dpi) if recipe.wipe else pixels
    image = _scaled(evened(pixels, dpi) if recipe.even else pixels, recipe.scale)
    dpi = round(dpi * recipe.scale)
    if recipe.blur:
        image = np.asarray(cv2.GaussianBlur(image, (0, 0), recipe.blur), dtype=np.uint8)
    skew = skew_of(image, dpi) if recipe.straighten else 0.0
    image = straightened(image, skew) if skew else image
    return Prepared(_cut(image, dpi) if recipe.cut else image, dpi, recipe.scale, skew)


def _by_resolution(picture: Picture) -> Recipe:
    if picture.bitonal and picture.dpi in _FAX_DPI:
        standard = picture.rows_per_inch < _STANDARD_FAX_ROWS
        return Recipe(blur=1.2, straighten=True, wipe=True) if standard else Recipe(blur=0.8, wipe=True)
    if picture.dpi < _LOW_DPI:
        return Recipe(scale=min(_MOST_ENLARGED, _READING_DPI / picture.dpi))
    if picture.dpi >= _HIGH_DPI:
        return Recipe(scale=_READING_DPI / picture.dpi)
    return Recipe()


def on_the_page(reading: Reading, prepared: Prepared) -> Reading:
    """Return the reading with its boxes in pixels of the page rather than of the prepared image."""
    if prepared.scale == 1.0 and not prepared.skew:
        return reading
    height, width = prepared.image.shape
    words = tuple(_moved_back(word, prepared, width / 2, height / 2) for word in reading.words)
    return replace(reading, words=words)


def _scaled(pixels: Grey, scale: float) -> Grey:
    if scale == 1.0:
        return pixels
    height, width = pixels.shape
    how = cv2.INTER_CUBIC if scale > 1 else cv2.INTER_AREA
    return resized(pixels, round(width * scale), round(height * scale), how)


def _cut(image: Grey, dpi: int) -> Grey:
    """Return black where a pixel is darker than a seventh of an inch around it on average, else white."""
    soft = cv2.GaussianBlur(image, (0, 0), _SOFTENED)
    window = 2 * round(_AROUND_INCHES * dpi / 2) + 1
    how = cv2.ADAPTIVE_THRESH_GAUSSIAN_C, cv2.THRESH_BINARY
    return np.asarray(cv2.adaptiveThreshold(soft, _WHITE, *how, max(window, 3), _DARKER_THAN_AROUND), dtype=np.uint8)


def _moved_back(word: Word, prepared: Prepared, middle_x: float, middle_y: float) -> Word:
    """Turn the middle of the box back about the image's middle and keep its size; skews are a few degrees at most."""
    left, top, right, bottom = word.box
    angle = np.deg2rad(-prepared.skew)
    across, down = (left + right) / 2 - middle_x, (top + bottom) / 2 - middle_y
    x = middle_x + across * np.cos(angle) - down * np.sin(angle)
    y = middle_y + across * np.sin(angle) + down * np.cos(angle)
    return replace(word, box=_box_around(float(x), float(y), right - left, bottom - top, prepared.scale))


def _box_around(x: float, y: float, width: int, height: int, scale: float) -> Box:
    left, top = round((x - width / 2) / scale), round((y - height / 2) / scale)
    return max(left, 0), max(top, 0), max(left + round(width / scale), 1), max(top + round(height / scale), 1)
