"""Postcodes as they stand and as recognition leaves them."""

import random

import pytest

from classifiers.postcodes import AREAS, postcodes_of

CONFUSED = {"0": "O", "O": "0", "1": "I", "I": "1", "5": "S", "S": "5", "8": "B", "B": "8"}


def read(text: str) -> list[str]:
    return [one.value for one in postcodes_of(text)]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("HD7 4QT", "HD7 4QT"), ("HD74QT", "HD7 4QT"), ("M1 1AE", "M1 1AE"), ("EC1A 1BB", "EC1A 1BB"),
        ("W1A 0AX", "W1A 0AX"),
        ("HD7 4OT", None), ("H07 4QT", None), ("HD7 4Q7", None), ("HDI IAA", "HD1 1AA"), ("S0I5 2AB", "SO15 2AB"),
        ("5O15 2A8", "SO15 2AB"), ("ST1S 6YT", "ST15 6YT"), ("LS1 I8A", "LS1 1BA"),
    ],
)  # fmt: skip
def test_a_postcode_is_read_and_put_right_by_place(text: str, value: str | None) -> None:
    assert read(text) == ([value] if value else [])


@pytest.mark.parametrize(
    "text", ["so 12 her", "QQ1 1AA", "12 345", "PL/25/39849", "HB1043377", "AB12 CDE", "VAT 20% 164"]
)
def test_what_is_no_postcode_is_left_alone(text: str) -> None:
    assert read(text) == []


def test_a_repair_costs_confidence() -> None:
    right, mended, guessed = (next(postcodes_of(text)).confidence for text in ("HD7 4QT", "HD7 4Q7 HDI 4QT", "WB1 4AA"))
    assert right > mended > guessed


def test_there_are_124_areas() -> None:
    assert len(AREAS) == 124


def test_nine_in_ten_confused_postcodes_are_put_right() -> None:
    chance = random.Random(7)  # noqa: S311 - a fixed seed makes the same postcodes each time
    right = 0
    for _ in range(2000):
        area = chance.choice(sorted(AREAS))
        inward = "".join(chance.choice("ABDEFGHJLNPQRSTUWXYZ") for _ in range(2))
        true = f"{area}{chance.randint(1, 28)} {chance.randint(0, 9)}{inward}"
        noisy = "".join(CONFUSED.get(c, c) if chance.random() < 0.1 else c for c in true)
        right += read(noisy) == [true]
    assert right / 2000 >= 0.9
