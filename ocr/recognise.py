"""Reads a picture once; a second time, upside down, only where the first reading is poor.

Before: `page` has a picture that is not blank. After: `page` writes out the better reading. Asking Tesseract for the
orientation first would cost 0.6 s on every page to find the few that are upside down.
"""

from __future__ import annotations

from dataclasses import dataclass

from ocr.clean import Recipe, on_the_page, prepare, recipe_for
from ocr.engine import Engine, Grey, Reading
from ocr.orientation import is_sideways
from ocr.picture import Picture, turned

_POOR = 0.7
_SURE_WORD = 0.7
_A_HANDFUL = 8
_LEAST_SIDE = 12


@dataclass(frozen=True, slots=True)
class Recognised:
    """The better reading of a page.

    Attributes:
        rotation: clockwise degrees by which the picture was turned to be read.
        pixels: the picture so turned.
        reading: boxes in these pixels.
    """

    rotation: int
    pixels: Grey
    reading: Reading


def recognise(picture: Picture, glance: Grey, engine: Engine) -> Recognised:
    """Read a picture, whichever way up it is.

    Args:
        picture: the page as its file shows it.
        glance: the same at 75 dpi (`ocr.picture.glance_at`).
        engine: opened.
    """
    if min(picture.pixels.shape) < _LEAST_SIDE:
        return Recognised(0, picture.pixels, Reading("", (), 0.0))
    recipe = recipe_for(picture)
    rotation = 90 if is_sideways(glance) else 0
    first = _attempt(picture, rotation, recipe, engine)
    if first.reading.confidence >= _POOR:
        return first
    second = _attempt(picture, (rotation + 180) % 360, recipe, engine)
    return second if is_clearly_better(second.reading, first.reading) else first


def is_clearly_better(turned_over: Reading, as_it_lies: Reading) -> bool:
    """Say whether a page should be turned over: for a handful of letters, as in a drawing, it should not."""
    return _sure_letters(turned_over) > 2 * _sure_letters(as_it_lies) + _A_HANDFUL


def _attempt(picture: Picture, rotation: int, recipe: Recipe, engine: Engine) -> Recognised:
    pixels = turned(picture.pixels, rotation)
    prepared = prepare(pixels, picture.dpi, recipe)
    reading = engine.recognise(prepared.image, prepared.dpi)
    return Recognised(rotation, pixels, on_the_page(reading, prepared))


def _sure_letters(reading: Reading) -> int:
    """Count the letters in words that the engine is sure of; print read upside down gives hardly any."""
    return sum(len(word.text) for word in reading.words if word.confidence >= _SURE_WORD)
