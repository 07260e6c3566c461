"""Finding the box of words on a page."""

from __future__ import annotations

import pytest

from mailroom.domain.decision import IndexField
from mailroom.journey.boxes import box_of, with_box
from mailroom.records.tables import Page

WORDS = [
    ["HD2", 0.9, 10, 20, 50, 40, 1],
    ["3AB,", 0.9, 60, 18, 110, 41, 1],
    ["Dear", 0.9, 10, 60, 70, 80, 2],
    ["HD2", 0.9, 10, 100, 50, 120, 3],
]


@pytest.mark.parametrize(
    ("wanted", "box"),
    [
        (["HD2", "3AB"], (10, 18, 110, 41)),
        (["hd2"], (10, 20, 50, 40)),
        (["Dear"], (10, 60, 70, 80)),
        (["3AB", "HD2"], None),
        (["HD2", "9ZZ"], None),
        ([], None),
        (["HD2", "3AB", "Dear", "HD2", "more"], None),
    ],
)
def test_the_box_goes_round_the_first_run_of_words_that_reads_so(wanted: list[str], box: object) -> None:
    assert box_of(wanted, WORDS) == box


def test_words_are_sought_on_the_page_of_the_field_alone() -> None:
    pages = [Page(number=1, words=[]), Page(number=2, words=WORDS)]
    field = IndexField("sender_postcode", "HD2 3AB", 0.9, page=2)
    assert with_box(field, "HD2 3AB", pages).box == (10, 18, 110, 41)
    assert with_box(IndexField("sender_postcode", "HD2 3AB", 0.9, page=1), "HD2 3AB", pages).box is None
    assert with_box(IndexField("sender_postcode", "HD2 3AB", 0.9, page=3), "HD2 3AB", pages).box is None
