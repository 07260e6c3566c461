"""Pictures and words of a PDF that we printed ourselves: what is seen on it, and where."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from fpdf import FPDF
from PIL import Image

from ocr.engine import Word
from ocr.own_print import is_seen, printed_pages


@pytest.fixture
def print_of_two(tmp_path: Path) -> Path:
    """Two pages with print in black, in white, in pale grey, and as dust."""
    pdf = FPDF(unit="pt", format=(300, 400))
    pdf.set_font("helvetica", size=12)
    pdf.add_page()
    for colour, word in ((0, "Refund"), (255, "Hidden"), (250, "Pale")):
        pdf.set_text_color(colour)
        pdf.cell(0, 20, word, new_x="LMARGIN", new_y="NEXT")
    pdf.set_text_color(0)
    pdf.set_font_size(1)
    pdf.cell(0, 20, "dust", new_x="LMARGIN", new_y="NEXT")
    pdf.set_font_size(12)
    pdf.add_page()
    pdf.cell(0, 20, "Second page")
    target = tmp_path / "print.pdf"
    pdf.output(str(target))
    return target


def test_words_that_are_seen_come_with_their_boxes(print_of_two: Path, tmp_path: Path) -> None:
    (first, second), there = printed_pages(print_of_two, 5, tmp_path)
    assert there == 2
    assert [word.text for word in first.words] == ["Refund"]
    assert [word.text for word in second.words] == ["Second", "page"]
    assert (first.width, first.height) == (1250, 1667)
    with Image.open(first.screen) as screen:
        assert (screen.format, screen.size) == ("JPEG", (500, 667))
        left, top, right, bottom = (edge * 0.4 for edge in first.words[0].box)
        assert screen.convert("L").crop((int(left), int(top), int(right), int(bottom))).getextrema()[0] < 80


def test_no_more_pages_are_drawn_than_asked_for(print_of_two: Path, tmp_path: Path) -> None:
    pages, there = printed_pages(print_of_two, 1, tmp_path)
    assert (len(pages), there) == (1, 2)
    assert not (tmp_path / "sheet-0002.jpg").exists()


@pytest.mark.parametrize(
    ("box", "text", "seen"),
    [
        ((25, 25, 100, 50), "ink", True),
        ((25, 125, 100, 150), "paper", False),
        ((25, 25, 100, 30), "low", False),
        ((25, 25, 100, 30), "-", True),
        ((-90, 25, -10, 50), "outside", False),
        ((900, 25, 950, 50), "outside", False),
    ],
)
def test_a_word_is_seen_where_it_stands_out_from_its_ground(box: tuple[int, ...], text: str, seen: bool) -> None:
    pixels = np.full((100, 100, 3), 255, dtype=np.uint8)
    pixels[12:16, 12:30] = (255, 255, 200)
    left, top, right, bottom = box
    assert is_seen(pixels, Word(text, 1.0, (left, top, right, bottom), 0)) is seen
