from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

from ocr.engine import Engine, Grey, Reading, Word
from ocr.picture import Picture, glance_at, turned
from ocr.recognise import Recognised, is_clearly_better, recognise
from ocr.sheet import Sheet


class CountingEngine:
    """Passes pages on to a real engine and counts them."""

    def __init__(self, engine: Engine) -> None:
        self.name = engine.name
        self.pages = 0
        self._engine = engine

    def recognise(self, image: Grey, dpi: int) -> Reading:
        self.pages += 1
        return self._engine.recognise(image, dpi)


def read(pixels: Grey, engine: Engine) -> Recognised:
    picture = Picture(pixels, 300, Sheet((0, 0, 595, 420)))
    return recognise(picture, glance_at(picture), engine)


@pytest.mark.parametrize("turn", [0, 90, 180, 270])
def test_a_page_is_read_whichever_way_up_it_lies(turn: int, letter: Image.Image, engine: Engine) -> None:
    read_page = read(turned(np.asarray(letter), turn), engine)
    assert read_page.rotation == (360 - turn) % 360
    assert read_page.pixels.shape == np.asarray(letter).shape
    assert "kitchen window" in read_page.reading.text


def test_an_upright_page_is_recognised_once(letter: Image.Image, engine: Engine) -> None:
    counting = CountingEngine(engine)
    read(np.asarray(letter), counting)
    assert counting.pages == 1


def test_a_page_upside_down_is_recognised_twice(letter: Image.Image, engine: Engine) -> None:
    counting = CountingEngine(engine)
    read(turned(np.asarray(letter), 180), counting)
    assert counting.pages == 2


def with_letters(sure: int, unsure: int = 0) -> Reading:
    words = (Word("a" * sure, 0.9, (0, 0, 1, 1), 0), Word("b" * unsure, 0.3, (0, 0, 1, 1), 0))
    return Reading("", words, 0.5)


@pytest.mark.parametrize(
    ("turned_over", "as_it_lies", "better"),
    [
        (with_letters(300), with_letters(5, 200), True),
        (with_letters(9), with_letters(0), True),
        (with_letters(8), with_letters(0), False),
        (with_letters(40), with_letters(30), False),
        (with_letters(0, 500), with_letters(0), False),
    ],
)
def test_only_a_clearly_better_reading_turns_a_page_over(
    turned_over: Reading, as_it_lies: Reading, better: bool
) -> None:
    assert is_clearly_better(turned_over, as_it_lies) is better


@pytest.mark.parametrize("shape", [(1, 1), (3, 2000), (2000, 2)])
def test_a_sliver_has_no_text(shape: tuple[int, int], engine: Engine) -> None:
    assert read(np.zeros(shape, np.uint8), engine).reading.words == ()
