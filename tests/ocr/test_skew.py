from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

from ocr.skew import skew_of, straightened


@pytest.mark.parametrize("askew", [-2.0, -0.75, 0.0, 1.5])
def test_skew_is_measured_to_a_quarter_of_a_degree(askew: float, letter: Image.Image) -> None:
    clockwise = np.asarray(letter.rotate(-askew, Image.Resampling.BICUBIC, fillcolor=250))
    assert skew_of(clockwise, 300) == pytest.approx(-askew, abs=0.26)


def test_straightening_keeps_the_size_and_fills_with_white() -> None:
    turned = straightened(np.zeros((100, 200), np.uint8), 2.0)
    assert turned.shape == (100, 200)
    assert turned[0, 0] == 255


def test_a_scrap_has_no_skew() -> None:
    assert skew_of(np.zeros((10, 10), np.uint8), 300) == 0
