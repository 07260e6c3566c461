"""What a hand does to paper: uneven writing, signatures and the rubber stamp of the post room.

Before: `sheet` says where. After: the ink is on the page. This only looks like handwriting: it is a slanted typeface
set letter by letter off its line, and easier to read than most real hands.
"""

from __future__ import annotations

import numpy as np
from PIL import Image, ImageDraw

from rendering.typefaces import font

_INK = 45


def write(page: ImageDraw.ImageDraw, at: tuple[float, float], text: str, pixels: int, rng: np.random.Generator) -> None:
    """Write a line by hand from `at` (left, top, in pixels): letters jump, words drift up and down."""
    left, top = at
    drift = 0.0
    for letter in text:
        drift = 0.8 * drift + rng.normal(0, pixels * 0.035)
        shape = font("pen", max(8, round(pixels * rng.normal(1, 0.05))))
        page.text((left, top + drift), letter, font=shape, fill=_INK + int(rng.integers(0, 40)))
        left += shape.getlength(letter) * rng.normal(1.02, 0.05)


def sign(page: ImageDraw.ImageDraw, at: tuple[float, float], size: float, rng: np.random.Generator) -> None:
    """Sign at `at` (left, middle): loops of a width and height of their own, running flat towards the end."""
    turn = np.linspace(0, 2 * np.pi * rng.uniform(4, 9), 220)
    loop = np.exp(-turn / turn[-1] * rng.uniform(0.8, 2.5))
    beat = 0.55 + 0.45 * np.sin(turn * rng.uniform(0.2, 0.6) + rng.uniform(0, 6))
    height = loop * beat * np.sin(turn + rng.uniform(0, 6)) * size
    along = turn * size * rng.uniform(0.09, 0.19) + np.cos(turn) * loop * size * rng.uniform(0.1, 0.7)
    points = list(zip((at[0] + along).tolist(), (at[1] - height).tolist(), strict=True))
    page.line(points, fill=_INK, width=max(1, round(size / 14)), joint="curve")


def stamp(
    sheet: Image.Image, words: tuple[str, ...], at_inches: tuple[float, float], dpi: int, rng: np.random.Generator
) -> None:
    """Stamp words with the upper left corner at about `at_inches` (left, top), askew and unevenly inked."""
    height = round(dpi * 0.17)
    size = (round(dpi * 1.75), height * len(words) + round(dpi * 0.12))
    pad = Image.new("L", size, 0)
    ink = ImageDraw.Draw(pad)
    ink.rectangle((2, 2, size[0] - 3, size[1] - 3), outline=190, width=max(1, dpi // 70))
    for row, line in enumerate(words):
        middle = (size[0] / 2, (row + 0.5) * height + dpi * 0.06)
        ink.text(middle, line, font=font("sans", round(dpi * 0.13), bold=True), fill=190, anchor="mm")
    turned = pad.rotate(rng.uniform(-7, 7), expand=True, resample=Image.Resampling.BICUBIC)
    uneven = Image.fromarray((np.asarray(turned) * rng.uniform(0.75, 1)).astype(np.uint8))
    left, top = (round(dpi * (inches + rng.uniform(-0.12, 0.12))) for inches in at_inches)
    sheet.paste(60, (left, top), uneven)
