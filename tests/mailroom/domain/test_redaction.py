"""Boxes are where a person or the words say, and never smaller than what they hide."""

from __future__ import annotations

import pytest

from mailroom.domain.redaction import Box, boxes_of_words, by_page, written_box

WORDS = [
    ["Jane", 0.9, 10, 10, 50, 30, 0],
    ["Pemberton,", 0.9, 60, 10, 150, 30, 0],
    ["and", 0.9, 10, 50, 40, 70, 1],
    ["jane", 0.9, 50, 50, 90, 70, 1],
    ["Osgood", 0.9, 100, 50, 160, 70, 1],
    ["PEMBERTON'S", 0.9, 10, 90, 120, 110, 2],
]


def test_words_are_hidden_wherever_they_stand_however_they_are_written() -> None:
    assert len(boxes_of_words("pemberton", WORDS)) == 2
    assert len(boxes_of_words("Jane", WORDS)) == 2
    both = boxes_of_words("Jane Pemberton", WORDS)
    assert len(both) == 2
    first = both[0]
    assert (first.left < 10, first.top < 10, first.right > 50, first.bottom > 30) == (True, True, True, True)


@pytest.mark.parametrize("nothing", ["", "  ", "...", "Smith", "Osgood Jane"])
def test_what_does_not_stand_there_hides_nothing(nothing: str) -> None:
    assert boxes_of_words(nothing, WORDS) == []


def test_a_written_box_is_on_the_pages_named_or_on_its_own() -> None:
    assert list(written_box("10,20,30,40", [2, 3])) == [(2, Box(10, 20, 40, 60)), (3, Box(10, 20, 40, 60))]
    assert list(written_box("7:10,20,30,40", [2])) == [(7, Box(10, 20, 40, 60))]
    assert by_page([(2, Box(0, 0, 1, 1)), (1, Box(0, 0, 2, 2)), (2, Box(0, 0, 3, 3))]).keys() == {1, 2}


@pytest.mark.parametrize("wrong", ["10,20,30", "a,b,c,d", "10,20,0,40", "-1,2,3,4", "1,2,3,4"])
def test_what_is_no_box_is_told(wrong: str) -> None:
    with pytest.raises(ValueError, match="box"):
        list(written_box(wrong, []))
