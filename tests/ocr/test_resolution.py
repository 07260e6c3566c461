from __future__ import annotations

import pytest

from ocr.resolution import believed_resolution, is_square


@pytest.mark.parametrize(
    ("size", "stated", "bitonal", "believed"),
    [
        ((2480, 3508), (300, 300), False, (300, 300)),
        ((1728, 2292), (204, 196), True, (204, 196)),
        ((1728, 1146), (204, 98), True, (204, 98)),
        ((1728, 600), (204, 196), True, (204, 196)),
        ((1728, 1146), (204, 204), True, (204, 98)),
        ((1728, 1146), None, True, (204, 98)),
        ((1728, 2292), (72, 72), True, (204, 196)),
        ((2480, 3508), None, False, (300, 300)),
        ((4000, 3000), (72, 72), False, (363, 363)),
        ((640, 480), (72, 72), False, (72, 72)),
        ((2480, 3508), (1, 1), False, (300, 300)),
        ((2480, 3508), (0, 0), False, (300, 300)),
        ((2480, 3508), "300", False, (300, 300)),
        ((20000, 100), (300, 300), False, (1300, 1300)),
    ],
)
def test_the_resolution_believed(
    size: tuple[int, int], stated: object, bitonal: bool, believed: tuple[float, float]
) -> None:
    assert believed_resolution(*size, stated, bitonal=bitonal) == pytest.approx(believed, abs=1)


def test_a_fine_fax_has_nearly_square_pixels_and_a_standard_fax_has_not() -> None:
    assert is_square(204, 196)
    assert not is_square(204, 98)
