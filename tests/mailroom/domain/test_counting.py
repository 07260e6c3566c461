"""A count reads as a person would write it."""

from __future__ import annotations

import pytest

from mailroom.domain.counting import many


@pytest.mark.parametrize(("number", "told"), [(0, "0 objects"), (1, "1 object"), (2, "2 objects")])
def test_one_is_one_and_any_other_number_is_many(number: int, told: str) -> None:
    assert many(number, "object") == told
