"""What paper and scanner do to a page: tilt, blur, folds, shadows, faded toner, dirt and the noise of the sensor.

Before: `sheet` has drawn a clean page. After: `files` packs the grey picture the way scanners do.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

Grey = NDArray[np.uint8]
_Light = NDArray[np.float32]
_PLATEN = 247.0


@dataclass(frozen=True, slots=True)
class Look:
    """How badly a page came through.

    Attributes:
        tilt: largest tilt in degrees to either side.
        blur: standard deviation of the blur in hundredths of an inch.
        noise: standard deviation of the sensor's noise in grey levels.
        folds: how much darker the two folds of the letter are, in grey levels.
        shadow: share of the light lost at the left edge.
        ink: share of the ink's blackness that is left.
        specks: number of dark specks.
    """

    tilt: float
    blur: float
    noise: float
    folds: float = 0.0
    shadow: float = 0.0
    ink: float = 1.0
    specks: int = 0


LOOKS = {
    "clean": Look(tilt=0.2, blur=0.2, noise=1.2),
    "ordinary": Look(tilt=0.7, blur=0.3, noise=2.0, folds=14, ink=0.92, specks=10),
    "worn": Look(tilt=1.6, blur=0.4, noise=4.0, folds=34, shadow=0.12, ink=0.8, specks=60),
    "poor": Look(tilt=2.2, blur=0.55, noise=6.0, folds=48, shadow=0.24, ink=0.65, specks=150),
}


def scan(page: Grey, look: Look, dpi: int, rng: np.random.Generator) -> Grey:
    """Return the page as the scanner saw it, of the same size."""
    light = _PLATEN - (_PLATEN - np.minimum(page, _PLATEN).astype(np.float32)) * np.float32(look.ink)
    light = light * _unevenness(page.shape, look, rng) - _folds(page.shape[0], look, dpi, rng)
    _add_specks(light, look.specks, dpi, rng)
    light = _tilted(light, rng.uniform(-look.tilt, look.tilt))
    light = cv2.GaussianBlur(light, (0, 0), max(0.3, look.blur * dpi / 100)).astype(np.float32)
    light += rng.standard_normal(light.shape, dtype=np.float32) * np.float32(look.noise)
    seen: Grey = np.clip(light, 0, 255).astype(np.uint8)
    return seen


def turned(page: Grey, degrees: int) -> Grey:
    """Return the page as it comes out when it lay wrongly in the feeder: 0, 90, 180 or 270 degrees anticlockwise."""
    return np.ascontiguousarray(np.rot90(page, degrees // 90))


def back_of(page: Grey) -> Grey:
    """Return the empty back of a page, with its print showing through faintly and mirrored."""
    through = cv2.GaussianBlur(np.ascontiguousarray(page[:, ::-1]), (0, 0), 3).astype(np.float32)
    return (255 - (255 - through) * 0.03).astype(np.uint8)


def black_and_white(page: Grey) -> Grey:
    """Return the page as 0 and 255, cut at a level between its ink and its paper (Otsu's method)."""
    return cv2.threshold(page, 0, 255, cv2.THRESH_BINARY | cv2.THRESH_OTSU)[1].astype(np.uint8)


def _unevenness(shape: tuple[int, ...], look: Look, rng: np.random.Generator) -> _Light:
    coarse = 1 - np.abs(rng.normal(0, 0.012 if look.noise > 3 else 0.004, (12, 9))).astype(np.float32)
    coarse *= 1 - look.shadow * np.linspace(1, 0, 9, dtype=np.float32) ** 3
    return cv2.resize(coarse, (shape[1], shape[0]), interpolation=cv2.INTER_CUBIC).astype(np.float32)


def _folds(height: int, look: Look, dpi: int, rng: np.random.Generator) -> _Light:
    rows = np.arange(height, dtype=np.float32)
    places = (height / 3 + rng.normal(0, dpi * 0.06), height * 2 / 3 + rng.normal(0, dpi * 0.06))
    dark = sum(np.exp(-(((rows - place) / (dpi * 0.025)) ** 2)) for place in places)
    return np.asarray(dark * look.folds, dtype=np.float32)[:, None]


def _add_specks(light: _Light, number: int, dpi: int, rng: np.random.Generator) -> None:
    height, width = light.shape
    for _ in range(number):
        middle = (int(rng.integers(width)), int(rng.integers(height)))
        cv2.circle(light, middle, int(rng.integers(0, max(2, dpi // 90))), float(rng.uniform(60, 170)), -1)


def _tilted(light: _Light, degrees: float) -> _Light:
    height, width = light.shape
    turn = cv2.getRotationMatrix2D((width / 2, height / 2), degrees, 1)
    return cv2.warpAffine(light, turn, (width, height), borderValue=_PLATEN).astype(np.float32)
