from __future__ import annotations

import pytest

from ocr.sheet import Sheet

BOX = (10.0, 20.0, 110.0, 220.0)


@pytest.mark.parametrize(
    ("turn", "top_left_in_user_space"),
    [(0, (10, 220)), (90, (10, 20)), (180, (110, 20)), (270, (110, 220))],
)
def test_the_corner_shown_top_left_is_found_in_user_space(turn: int, top_left_in_user_space: tuple[int, int]) -> None:
    sheet = Sheet(BOX, turn)
    a, b, c, d, e, f = sheet.placement()
    x, y = 0.0, sheet.size_shown[1]
    assert (a * x + c * y + e, b * x + d * y + f) == top_left_in_user_space


def test_a_quarter_turn_swaps_the_sides_shown() -> None:
    assert Sheet(BOX).size_shown == (100, 200)
    assert Sheet(BOX).turned(90).size_shown == (200, 100)
    assert Sheet(BOX, 270).turned(180).turn == 90
