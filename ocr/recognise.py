"""Reads a picture once; again only where the reading is poor (upside down) or much is unread (cut to black and white).

Before: `page` has a picture that is not blank. After: `page` writes out the better reading. Asking Tesseract for the
orientation first would cost 0.6 s on every page to find the few that are upside down.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from ocr.clean import Recipe, harder_than, on_the_page, prepare, recipe_for
from ocr.engine import Engine, Grey, Reading
from ocr.light import evened, is_uneven
from ocr.orientation import is_sideways
from ocr.picture import GLANCE_DPI, Picture, turned
from ocr.unread import unread_share

_POOR = 0.7
_SURE_WORD = 0.7
_A_HANDFUL = 8
_LEAST_SIDE = 12
_MUCH_UNREAD = 0.1  # pages read whole leave 0.08 at the most


@dataclass(frozen=True, slots=True)
class Recognised:
    """The better reading of a page.

    Attributes:
        rotation: clockwise degrees by which the picture was turned to be read.
        pixels: the picture so turned.
        reading: boxes in these pixels.
        unread: share of the ink in lines of text that was not read (`ocr.unread`).
    """

    rotation: int
    pixels: Grey
    reading: Reading
    unread: float = 0.0


def recognise(picture: Picture, glance: Grey, engine: Engine) -> Recognised:
    """Read a picture, whichever way up it is and however it is lit.

    Args:
        picture: the page as its file shows it.
        glance: the same at 75 dpi (`ocr.picture.glance_at`).
        engine: opened.
    """
    if min(picture.pixels.shape) < _LEAST_SIDE:
        return Recognised(0, picture.pixels, Reading("", (), 0.0))
    uneven = not picture.bitonal and is_uneven(glance)
    glance = evened(glance, GLANCE_DPI) if uneven else glance
    recipe = recipe_for(picture, uneven=uneven)
    first = _measured(_right_way_up(picture, glance, recipe, engine), picture, glance)
    if picture.bitonal or first.unread <= _MUCH_UNREAD:
        return first
    second = _attempt(picture, first.rotation, harder_than(recipe), engine)
    better = _sure_letters(second.reading) > _sure_letters(first.reading)
    return _measured(second, picture, glance) if better else first


def is_clearly_better(turned_over: Reading, as_it_lies: Reading) -> bool:
    """Say whether a page should be turned over: for a handful of letters, as in a drawing, it should not."""
    return _sure_letters(turned_over) > 2 * _sure_letters(as_it_lies) + _A_HANDFUL


def _right_way_up(picture: Picture, glance: Grey, recipe: Recipe, engine: Engine) -> Recognised:
    rotation = 90 if is_sideways(glance) else 0
    first = _attempt(picture, rotation, recipe, engine)
    if first.reading.confidence >= _POOR:
        return first
    second = _attempt(picture, (rotation + 180) % 360, recipe, engine)
    return second if is_clearly_better(second.reading, first.reading) else first


def _attempt(picture: Picture, rotation: int, recipe: Recipe, engine: Engine) -> Recognised:
    pixels = turned(picture.pixels, rotation)
    prepared = prepare(pixels, picture.dpi, recipe)
    reading = engine.recognise(prepared.image, prepared.dpi)
    return Recognised(rotation, pixels, on_the_page(reading, prepared))


def _measured(read: Recognised, picture: Picture, glance: Grey) -> Recognised:
    """Return the same reading with what it left unread; the glance is evenly lit and not yet turned."""
    height, width = read.pixels.shape
    scale = min(GLANCE_DPI / picture.dpi, 1.0)
    unread = unread_share(turned(glance, read.rotation), read.reading.words, (height, width), scale)
    return replace(read, unread=unread)


def _sure_letters(reading: Reading) -> int:
    """Count the letters in words that the engine is sure of; print read upside down gives hardly any."""
    return sum(len(word.text) for word in reading.words if word.confidence >= _SURE_WORD)
