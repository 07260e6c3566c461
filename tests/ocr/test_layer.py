from __future__ import annotations

from pathlib import Path

import pikepdf
import pypdfium2
import pytest

from ocr.engine import Word
from ocr.layer import baseline_of, write_layer
from ocr.sheet import Sheet

SHEET = Sheet((0.0, 0.0, 595.0, 842.0))
PIXELS = (2480, 3508)
WELSH = "Annwyl Syr, mae'r dŵr yn y tŷ ŵŷâêîôû ẁ ỳ"
POLISH = "Szanowni Państwo, mieszkam w Łodzi ąćęłńóśźż"


def placed(text: str, line: int = 0, slope: float = 0.0) -> list[Word]:
    words, left = [], 200
    for word in text.split():
        top = 300 + 80 * line + round(slope * left)
        words.append(Word(word, 0.9, (left, top, left + 24 * len(word), top + 40), line))
        left += 24 * len(word) + 12
    return words


def read_back(path: Path) -> str:
    document = pypdfium2.PdfDocument(path)
    try:
        return str(document[0].get_textpage().get_text_range()).strip()
    finally:
        document.close()


@pytest.mark.parametrize("text", [WELSH, POLISH, "I am a b c", "Ελληνικά Русский"])
def test_every_letter_can_be_read_back(text: str, tmp_path: Path) -> None:
    assert read_back(write_layer(tuple(placed(text)), PIXELS, SHEET, tmp_path / "layer.pdf")) == text


def test_lines_come_back_as_lines(tmp_path: Path) -> None:
    words = (*placed("Dear Sir", 0), *placed("the roof leaks", 1), *placed("again", 2))
    layer = write_layer(words, PIXELS, SHEET, tmp_path / "layer.pdf")
    assert [line.strip() for line in read_back(layer).splitlines()] == ["Dear Sir", "the roof leaks", "again"]


def test_a_line_askew_stays_one_line(tmp_path: Path) -> None:
    text = "The damp in the back bedroom has become much worse since you wrote"
    layer = write_layer(tuple(placed(text, slope=0.03)), PIXELS, SHEET, tmp_path / "layer.pdf")
    assert read_back(layer) == text


def test_nothing_of_the_layer_can_be_seen(tmp_path: Path) -> None:
    layer = write_layer(tuple(placed(WELSH)), PIXELS, SHEET, tmp_path / "layer.pdf")
    document = pypdfium2.PdfDocument(layer)
    drawn = document[0].render(scale=2).to_numpy()
    document.close()
    assert drawn.min() == 255


@pytest.mark.parametrize("turn", [0, 90, 180, 270])
def test_the_layer_lies_on_a_page_of_the_same_size_and_turn(turn: int, tmp_path: Path) -> None:
    sheet = Sheet((10.0, 20.0, 310.0, 520.0), turn)
    layer = write_layer(tuple(placed("Dear")), PIXELS, sheet, tmp_path / "layer.pdf")
    with pikepdf.open(layer) as pdf:
        assert [float(side) for side in pdf.pages[0].mediabox] == [10, 20, 310, 520]
        assert pdf.pages[0].rotation == turn


def test_the_same_words_make_the_same_bytes(tmp_path: Path) -> None:
    first = write_layer(tuple(placed(WELSH)), PIXELS, SHEET, tmp_path / "1.pdf").read_bytes()
    assert write_layer(tuple(placed(WELSH)), PIXELS, SHEET, tmp_path / "2.pdf").read_bytes() == first


def test_letters_below_the_baseline_do_not_pull_it_down() -> None:
    line = [
        Word("house", 0.9, (0, 10, 100, 40), 0),
        Word("gypsy", 0.9, (120, 20, 220, 50), 0),
        Word("quay", 0.9, (240, 20, 300, 50), 0),
    ]
    assert baseline_of(line) == (40.0, 30.0)
    assert baseline_of(line[1:])[0] == 50.0
