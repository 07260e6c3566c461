from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

from ocr.clean import Prepared, Recipe, harder_than, on_the_page, prepare, recipe_for
from ocr.engine import Engine, Reading, Word
from ocr.picture import Picture
from ocr.sheet import Sheet

SHEET = Sheet((0, 0, 595, 842))
PIXELS = np.full((300, 200), 255, np.uint8)


@pytest.mark.parametrize(
    ("picture", "recipe"),
    [
        (Picture(PIXELS, 300, SHEET), Recipe()),
        (Picture(PIXELS, 300, SHEET, bitonal=True, rows_per_inch=300), Recipe()),
        (Picture(PIXELS, 204, SHEET), Recipe()),
        (Picture(PIXELS, 204, SHEET, bitonal=True, rows_per_inch=196), Recipe(blur=0.8, wipe=True)),
        (Picture(PIXELS, 204, SHEET, bitonal=True, rows_per_inch=98), Recipe(blur=1.2, straighten=True, wipe=True)),
        (Picture(PIXELS, 100, SHEET), Recipe(scale=2.5)),
        (Picture(PIXELS, 140, SHEET), Recipe(scale=300 / 140)),
        (Picture(PIXELS, 600, SHEET), Recipe(scale=0.5)),
    ],
)
def test_the_recipe_follows_the_kind_of_pixels(picture: Picture, recipe: Recipe) -> None:
    assert recipe_for(picture) == recipe


def test_an_unevenly_lit_page_is_evened_out_and_made_level() -> None:
    assert recipe_for(Picture(PIXELS, 100, SHEET), uneven=True) == Recipe(scale=2.5, straighten=True, even=True)


def test_the_harder_recipe_leaves_black_and_white(letter: Image.Image) -> None:
    image = prepare(np.asarray(letter), 300, harder_than(Recipe())).image
    assert set(np.unique(image)) == {0, 255}


def test_an_untouched_page_is_not_copied() -> None:
    assert prepare(PIXELS, 300, Recipe()).image is PIXELS


def test_boxes_of_an_enlarged_page_come_back_to_its_own_pixels() -> None:
    enlarged = prepare(PIXELS, 120, Recipe(scale=2.5))
    reading = Reading("rent", (Word("rent", 0.9, (250, 100, 350, 150), 0),), 0.9)
    assert enlarged.image.shape == (750, 500)
    assert on_the_page(reading, enlarged).words[0].box == (100, 40, 140, 60)


def test_boxes_of_a_straightened_page_come_back_to_where_the_words_stand_askew(
    letter: Image.Image, engine: Engine
) -> None:
    askew = np.asarray(letter.rotate(-2, Image.Resampling.BICUBIC, fillcolor=255))
    prepared = prepare(askew, 300, Recipe(straighten=True))
    assert abs(prepared.skew) > 1.5
    for word in on_the_page(engine.recognise(prepared.image, 300), prepared).words:
        left, top, right, bottom = word.box
        assert (askew[top:bottom, left:right] < 128).mean() > 0.04, f"no ink under {word.text}"


def test_a_word_that_turning_back_pushes_over_the_edge_keeps_a_box_inside() -> None:
    prepared = Prepared(PIXELS, 300, 1.0, 3.0)
    moved = on_the_page(Reading("a", (Word("a", 0.9, (0, 0, 10, 10), 0),), 0.9), prepared)
    assert min(moved.words[0].box) >= 0
