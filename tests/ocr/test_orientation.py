from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

from ocr.orientation import is_sideways
from ocr.picture import Picture, glance_at, turned
from ocr.sheet import Sheet


@pytest.mark.parametrize(("turn", "sideways"), [(0, False), (90, True), (180, False), (270, True)])
def test_print_running_up_or_down_the_page_is_sideways(turn: int, sideways: bool, letter: Image.Image) -> None:
    pixels = turned(np.asarray(letter), turn)
    assert is_sideways(glance_at(Picture(pixels, 300, Sheet((0, 0, 1, 1))))) is sideways


@pytest.mark.parametrize("shape", [(20, 500), (1, 1), (600, 600)])
def test_where_there_are_no_lines_a_page_is_taken_as_upright(shape: tuple[int, int]) -> None:
    assert not is_sideways(np.full(shape, 255, np.uint8))
