from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest
from PIL import Image

from ocr.engine import Engine, Grey
from ocr.light import evened, is_uneven
from ocr.picture import Picture, glance_at
from ocr.sheet import Sheet

Light = npt.NDArray[np.float64]
SHAPE = (1749, 2481)
ACROSS = np.linspace(0, 1, SHAPE[1])[None, :]
DOWN = np.linspace(0, 1, SHAPE[0])[:, None]
SHADOWS = {
    "lid": 1 - 0.65 * (1 - ACROSS + 0 * DOWN) ** 2,
    "lamp": 0.3 + 0.7 * np.exp(-((ACROSS - 0.8) ** 2 + (DOWN - 0.5) ** 2) / 0.3),
    "hand": np.where(ACROSS + DOWN > 0.9, 0.45, 1.0),
}


def in_the_light_of(letter: Image.Image, light: Light) -> Grey:
    return np.asarray(np.asarray(letter) * light, dtype=np.uint8)


def is_uneven_page(pixels: Grey) -> bool:
    return is_uneven(glance_at(Picture(pixels, 300, Sheet((0, 0, 595, 420)))))


@pytest.mark.parametrize("light", SHADOWS.values(), ids=SHADOWS)
def test_a_shadow_over_part_of_the_page_is_seen_and_taken_out(light: Light, letter: Image.Image) -> None:
    shaded = in_the_light_of(letter, light)
    assert is_uneven_page(shaded)
    assert not is_uneven_page(evened(shaded, 300))


@pytest.mark.parametrize("light", [1.0, 0.6], ids=["white", "dark paper"])
def test_an_evenly_lit_letter_is_left_alone(light: float, letter: Image.Image) -> None:
    assert not is_uneven_page(in_the_light_of(letter, np.full(SHAPE, light)))


@pytest.mark.parametrize("light", SHADOWS.values(), ids=SHADOWS)
def test_the_words_in_the_shade_are_read(
    light: Light, letter: Image.Image, lines: tuple[str, ...], engine: Engine
) -> None:
    text = engine.recognise(evened(in_the_light_of(letter, light), 300), 300).text
    read = set(text.split())
    expected = [word for line in lines for word in line.split()]
    assert sum(word in read for word in expected) >= 0.95 * len(expected)


def test_a_black_edge_stays_dark(letter: Image.Image) -> None:
    page = np.array(letter)
    page[:, :400] = 5
    assert evened(page, 300)[:, :300].max() < 64
