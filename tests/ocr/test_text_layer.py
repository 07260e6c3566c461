from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pikepdf
import pytest
from PIL import Image

from ocr.engine import Reading, Word
from ocr.pdf_file import opened_page
from ocr.pdf_text import PageText
from ocr.text_layer import good_text, is_readable, is_word_like

Write = Callable[..., Path]


def text_of(path: Path) -> Reading | None:
    with opened_page(path, 1) as page:
        return good_text(page, 300)


def page_of(*words: str, broken: int = 0) -> PageText:
    placed = tuple(Word(word, 1.0, (0, 0, 1, 1), 0) for word in words)
    return PageText(placed, broken, sum(map(len, words)))


def typed(text: str, down: float) -> bytes:
    return f"BT /F1 12 Tf 50 {down} Td ({text}) Tj ET\n".encode()


def test_a_born_digital_page_gives_its_own_words_line_by_line(typed_pdf: Write, lines: tuple[str, ...]) -> None:
    reading = text_of(typed_pdf())
    assert reading is not None
    assert reading.text.splitlines() == list(lines)
    assert reading.confidence == 1
    first, last = reading.words[0], reading.words[-1]
    assert first.box[1] < last.box[1]
    assert (first.line, last.line) == (0, len(lines) - 1)


def test_letters_of_every_language_come_through(typed_pdf: Write) -> None:
    line = "Annwyl Syr, diolch am eich llythyr ynghylch y tŷ a'r dŵr; Łódź, Kraków"
    reading = text_of(typed_pdf((line,)))
    assert reading is not None
    assert reading.text == line


@pytest.mark.parametrize(
    ("page", "readable"),
    [
        (page_of("Please", "repair", "the", "gutter", "above", "my", "window", "£118.42", "01632", "960124"), True),
        (page_of("received", "12"), False),
        (page_of("xqzt", "bvnm", "vrtp", "kjhg", "sdfg", "zxcv", "qxrt", "plkj"), False),
        (page_of("the", "gutter", "above", "kitchen", "window", "broken", broken=10), False),
        (page_of(), False),
    ],
    ids=["a letter", "a stamp", "characters at random", "a font without a map", "nothing"],
)
def test_what_counts_as_readable(page: PageText, readable: bool) -> None:
    assert is_readable(page) is readable


@pytest.mark.parametrize(
    "word", ["Dear", "won't", "e-mail", "a.b@c.org", "£118.42", "14/02/2026", "cwmwl", "dŵr", "Łódź", "дом", "-"]
)
def test_words_numbers_and_addresses_are_word_like(word: str) -> None:
    assert is_word_like(word)


@pytest.mark.parametrize("word", ["xqzt", "a%b$c", "x" * 40, "~~~~~", "a" + "." * 5000 + "_"])
def test_characters_at_random_are_not(word: str) -> None:
    assert not is_word_like(word)


def test_a_stamp_printed_over_a_scan_is_not_its_text(scan_pdf: Write, letter: Image.Image) -> None:
    stamp = typed("RECEIVED by the post room of Harbour District Council", 20)
    assert text_of(scan_pdf(letter, content=stamp)) is None


def test_the_text_of_an_earlier_recognition_is_used(scan_pdf: Write, letter: Image.Image) -> None:
    layer = b"".join(typed("The gutter above my kitchen window", 400 - 20 * line) for line in range(15))
    reading = text_of(scan_pdf(letter, content=b"3 Tr " + layer))
    assert reading is not None
    assert reading.text.count("kitchen window") == 15


@pytest.mark.parametrize("subtype", ["FreeText", "Stamp", "Ink", "Widget"])
def test_a_page_with_marks_on_top_is_recognised_for_their_sake(subtype: str, typed_pdf: Write) -> None:
    path = typed_pdf()
    with pikepdf.open(path, allow_overwriting_input=True) as pdf:
        mark = pdf.make_indirect(
            pikepdf.Dictionary(
                Subtype=pikepdf.Name(f"/{subtype}"), FT=pikepdf.Name.Tx, Rect=pikepdf.Array([0, 0, 9, 9])
            )
        )
        pdf.pages[0].obj.Annots = pikepdf.Array([mark])
        pdf.Root.AcroForm = pikepdf.Dictionary(Fields=pikepdf.Array([mark] if subtype == "Widget" else []))
        pdf.save(path)
    assert text_of(path) is None


def test_a_link_is_no_mark(typed_pdf: Write) -> None:
    path = typed_pdf()
    with pikepdf.open(path, allow_overwriting_input=True) as pdf:
        link = pikepdf.Dictionary(
            Type=pikepdf.Name.Annot, Subtype=pikepdf.Name.Link, Rect=pikepdf.Array([0, 0, 50, 50])
        )
        pdf.pages[0].obj.Annots = pikepdf.Array([pdf.make_indirect(link)])
        pdf.save(path)
    assert text_of(path) is not None
