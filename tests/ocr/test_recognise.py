from __future__ import annotations

from dataclasses import replace

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


def crumpled(letter: Image.Image) -> Grey:
    """The letter on paper crushed to a ball: shadows a fifth of an inch wide."""
    bumps = np.random.default_rng(3).normal(0.75, 0.2, (29, 41))
    light = Image.fromarray(np.clip(bumps, 0.25, 1)).resize(letter.size, Image.Resampling.BICUBIC)
    return np.asarray(np.clip(np.asarray(letter) * np.asarray(light), 0, 255), dtype=np.uint8)


def test_a_shaded_letter_is_read_at_the_first_try(letter: Image.Image, engine: Engine) -> None:
    counting = CountingEngine(engine)
    light = np.linspace(0.35, 1, letter.width)[None, :]
    shaded = read(np.asarray(np.asarray(letter) * light, dtype=np.uint8), counting)
    assert counting.pages == 1
    assert "Dear Housing Office" in shaded.reading.text
    assert shaded.unread < 0.05


def test_a_page_of_which_much_is_unread_is_tried_once_more(letter: Image.Image, engine: Engine) -> None:
    counting = CountingEngine(engine)
    found = read(crumpled(letter), counting)
    assert counting.pages > 1
    assert found.unread < 0.4
    assert "kitchen window" in found.reading.text


class BlindOnTheLeft(CountingEngine):
    """Finds nothing in the left third of a page."""

    def recognise(self, image: Grey, dpi: int) -> Reading:
        reading = super().recognise(image, dpi)
        return replace(reading, words=tuple(w for w in reading.words if w.box[0] > image.shape[1] / 3))


def test_what_stays_unread_is_told(letter: Image.Image, engine: Engine) -> None:
    blind = BlindOnTheLeft(engine)
    assert read(np.asarray(letter), blind).unread > 0.3
    assert blind.pages == 2


def test_a_black_and_white_page_is_not_cut_again(letter: Image.Image, engine: Engine) -> None:
    blind = BlindOnTheLeft(engine)
    pixels = np.where(np.asarray(letter) > 128, 255, 0).astype(np.uint8)
    picture = Picture(pixels, 300, Sheet((0, 0, 595, 420)), bitonal=True)
    assert recognise(picture, glance_at(picture), blind).unread > 0.3
    assert blind.pages == 1


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
