from __future__ import annotations

import pytest

from ocr.errors import PageTooLarge
from ocr.limits import PageLimits

A4, A2, A0 = (595, 842), (1191, 1684), (2384, 3370)


@pytest.mark.parametrize(("sheet", "dpi"), [(A4, 300), (A2, 300), (A0, 160)])
def test_a_large_drawing_is_drawn_at_fewer_dpi(sheet: tuple[float, float], dpi: int) -> None:
    assert PageLimits().dpi_to_draw(1, sheet, 300) == dpi


@pytest.mark.parametrize("sheet", [(14400, 14400), (30000, 30000), (2_000_000, 400)])
def test_a_sheet_beyond_any_paper_is_refused(sheet: tuple[float, float]) -> None:
    with pytest.raises(PageTooLarge, match="Page 7 is too large"):
        PageLimits().dpi_to_draw(7, sheet, 300)


def test_a3_at_600_dpi_is_allowed_and_double_that_is_not() -> None:
    PageLimits().check_pixels(1, 7016, 9921)
    with pytest.raises(PageTooLarge, match="14032 x 9921"):
        PageLimits().check_pixels(1, 14032, 9921)
