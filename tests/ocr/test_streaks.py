from __future__ import annotations

import numpy as np
from PIL import Image

from ocr.streaks import without_streaks


def test_a_streak_down_the_page_goes_and_the_print_stays(letter: Image.Image) -> None:
    clean = np.where(np.asarray(letter) > 128, 255, 0).astype(np.uint8)
    streaked = clean.copy()
    streaked[:, 900:904] = 0
    wiped = without_streaks(streaked, 300)
    away = np.ones(clean.shape[1], dtype=bool)
    away[895:910] = False
    assert (wiped[:, 900:904] == 255).mean() > 0.99
    assert (wiped[:, away] == clean[:, away]).mean() > 0.9999


def test_a_broad_black_area_is_no_streak() -> None:
    page = np.full((800, 600), 255, np.uint8)
    page[100:700, 200:400] = 0
    assert (without_streaks(page, 204) == page).mean() > 0.99
