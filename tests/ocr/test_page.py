from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pikepdf
import pytest
from PIL import Image

from ocr.engine import Engine
from ocr.errors import DamagedDocument, EncryptedDocument, NoSuchPage, PageTooLarge, UnsupportedFormat
from ocr.page import TEXT_LAYER, PageReading, read_page

Draw = Callable[..., Image.Image]
Write = Callable[..., Path]
SENTENCE = "The gutter above my kitchen window has been broken"


def bitonal(image: Image.Image) -> Image.Image:
    return image.point(lambda value: 255 * (value > 128)).convert("1")


def screen_width(reading: PageReading) -> int:
    with Image.open(reading.screen) as screen:
        return screen.width


def test_a_scanned_letter_is_read(letter: Image.Image, engine: Engine, tmp_path: Path) -> None:
    letter.save(tmp_path / "letter.jpg", dpi=(300, 300))
    page = read_page(tmp_path / "letter.jpg", 1, engine, tmp_path)
    assert SENTENCE in page.text
    assert page.confidence > 0.9
    assert page.unread < 0.05
    assert (page.number, page.dpi, page.rotation, page.blank, page.damaged) == (1, 300, 0, False, False)
    assert (page.width, page.height) == letter.size
    assert page.made_by == engine.name


def test_boxes_lie_on_the_ink_of_the_screen_picture_too(letter: Image.Image, engine: Engine, tmp_path: Path) -> None:
    letter.save(tmp_path / "letter.jpg", dpi=(300, 300))
    page = read_page(tmp_path / "letter.jpg", 1, engine, tmp_path)
    assert screen_width(page) == round(page.width * page.screen_scale) == 992
    with Image.open(page.screen) as screen:
        for word in page.words:
            box = tuple(round(side * page.screen_scale) for side in word.box)
            assert np.asarray(screen.crop(box)).min() < 128, f"no ink under {word.text}"  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("scan.tif", {"compression": "group4", "dpi": (300, 300)}),
        ("scan.tif", {"compression": "group3", "dpi": (300, 300)}),
        ("scan.png", {"dpi": (300, 300)}),
    ],
    ids=["G4", "G3", "PNG"],
)
def test_black_and_white_scans_are_read(
    name: str, options: dict[str, object], letter: Image.Image, engine: Engine, tmp_path: Path
) -> None:
    bitonal(letter).save(tmp_path / name, **options)  # type: ignore[arg-type]  # options of a format
    assert SENTENCE in read_page(tmp_path / name, 1, engine, tmp_path).text


@pytest.mark.parametrize("rows", [98, 196])
def test_a_fax_is_read(rows: int, draw: Draw, engine: Engine, tmp_path: Path) -> None:
    bitonal(draw(x_dpi=204, y_dpi=rows)).save(tmp_path / "fax.tif", compression="group3", dpi=(204, rows))
    page = read_page(tmp_path / "fax.tif", 1, engine, tmp_path)
    assert SENTENCE in page.text
    assert page.width / page.height == pytest.approx(8.27 / 5.83, rel=0.06)


def test_a_small_picture_is_enlarged_to_be_read(draw: Draw, engine: Engine, tmp_path: Path) -> None:
    picture = draw(x_dpi=110, y_dpi=110)
    picture.save(tmp_path / "small.png", dpi=(110, 110))
    page = read_page(tmp_path / "small.png", 1, engine, tmp_path)
    assert SENTENCE in page.text
    assert (page.width, page.height) == picture.size
    assert max(word.box[2] for word in page.words) < picture.width


@pytest.mark.parametrize("degrees", [90, 180, 270])
def test_a_page_fed_in_the_wrong_way_round_is_turned(
    degrees: int, letter: Image.Image, engine: Engine, tmp_path: Path
) -> None:
    letter.rotate(degrees, expand=True).save(tmp_path / "letter.jpg", dpi=(300, 300))
    page = read_page(tmp_path / "letter.jpg", 1, engine, tmp_path)
    assert SENTENCE in page.text
    assert page.rotation == degrees
    assert (page.width, page.height) == letter.size


def test_a_blank_page_is_kept_and_not_recognised(engine: Engine, tmp_path: Path) -> None:
    Image.new("L", (2480, 3508), 252).save(tmp_path / "back.jpg", dpi=(300, 300))
    page = read_page(tmp_path / "back.jpg", 1, engine, tmp_path)
    assert page.blank
    assert (page.text, page.words, page.confidence, page.layer) == ("", (), 0.0, None)
    assert page.screen.exists()


def test_a_born_digital_page_is_not_recognised(typed_pdf: Write, engine: Engine, tmp_path: Path) -> None:
    page = read_page(typed_pdf(), 1, engine, tmp_path)
    assert page.made_by == TEXT_LAYER
    assert (page.confidence, page.unread, page.layer, page.dpi) == (1.0, 0.0, None, 300)
    assert SENTENCE in page.text
    assert screen_width(page) == pytest.approx(page.width * page.screen_scale, abs=1)


def test_pages_of_one_pdf_are_decided_one_by_one(
    typed_pdf: Write, scan_pdf: Write, letter: Image.Image, engine: Engine, tmp_path: Path
) -> None:
    with pikepdf.open(typed_pdf()) as both, pikepdf.open(scan_pdf(letter)) as scan:
        both.add_pages_from(scan)
        both.save(tmp_path / "both.pdf")
    makers = [read_page(tmp_path / "both.pdf", number, engine, tmp_path).made_by for number in (1, 2)]
    assert makers == [TEXT_LAYER, engine.name]


def test_a_garbage_text_layer_is_not_believed(
    scan_pdf: Write, letter: Image.Image, engine: Engine, tmp_path: Path
) -> None:
    garbage = b"BT 3 Tr /F1 12 Tf 14 TL 50 400 Td " + b"(xqzt bvnm vrtp kjhg sdfg) ' " * 25 + b"ET"
    page = read_page(scan_pdf(letter, content=garbage), 1, engine, tmp_path)
    assert page.made_by == engine.name
    assert SENTENCE in page.text
    assert "xqzt" not in page.text


def test_the_value_of_a_form_field_is_read(typed_pdf: Write, engine: Engine, tmp_path: Path) -> None:
    path = typed_pdf()
    with pikepdf.open(path, allow_overwriting_input=True) as pdf:
        font = pikepdf.Dictionary(Type=pikepdf.Name.Font, Subtype=pikepdf.Name.Type1, BaseFont=pikepdf.Name.Helvetica)
        field = pdf.make_indirect(
            pikepdf.Dictionary(
                Type=pikepdf.Name.Annot,
                Subtype=pikepdf.Name.Widget,
                FT=pikepdf.Name.Tx,
                T="account",
                V="Account 40718823",
                DA="/Helv 14 Tf 0 g",
                F=4,
                Rect=pikepdf.Array([100, 400, 400, 430]),
            )
        )
        pdf.pages[0].obj.Annots = pikepdf.Array([field])
        fonts = pikepdf.Dictionary(Font=pikepdf.Dictionary(Helv=font))
        pdf.Root.AcroForm = pikepdf.Dictionary(Fields=pikepdf.Array([field]), DR=fonts, NeedAppearances=True)
        pdf.save(path)
    page = read_page(path, 1, engine, tmp_path)
    assert "40718823" in page.text


def test_a_pdf_of_which_the_end_is_missing_is_marked_as_damaged(
    typed_pdf: Write, engine: Engine, tmp_path: Path
) -> None:
    path = typed_pdf()
    path.write_bytes(path.read_bytes()[:600])
    assert read_page(path, 1, engine, tmp_path).damaged


def test_a_drawing_too_large_for_300_dpi_is_read_at_fewer(engine: Engine, tmp_path: Path) -> None:
    with pikepdf.new() as pdf:
        pdf.add_blank_page(page_size=(2384, 3370))
        pdf.save(tmp_path / "plan.pdf")
    page = read_page(tmp_path / "plan.pdf", 1, engine, tmp_path)
    assert page.dpi == 160
    assert page.blank


def test_the_original_is_not_touched(letter: Image.Image, engine: Engine, tmp_path: Path) -> None:
    letter.save(tmp_path / "letter.jpg", dpi=(300, 300))
    before = (tmp_path / "letter.jpg").read_bytes()
    read_page(tmp_path / "letter.jpg", 1, engine, tmp_path)
    assert (tmp_path / "letter.jpg").read_bytes() == before


def test_what_cannot_be_read_says_why(typed_pdf: Write, engine: Engine, tmp_path: Path) -> None:
    with pikepdf.open(typed_pdf()) as pdf:
        pdf.save(tmp_path / "locked.pdf", encryption=pikepdf.Encryption(user="secret", owner="owner"))
    with pikepdf.new() as pdf:
        pdf.add_blank_page(page_size=(14400, 14400))
        pdf.save(tmp_path / "vast.pdf")
    Image.new("1", (20_000, 20_000)).save(tmp_path / "bomb.tif", compression="group4")
    (tmp_path / "junk.pdf").write_bytes(b"%PDF-1.7 junk")
    (tmp_path / "note.txt").write_text("Dear Sir")
    for name, error in (
        ("locked.pdf", EncryptedDocument),
        ("vast.pdf", PageTooLarge),
        ("bomb.tif", PageTooLarge),
        ("junk.pdf", DamagedDocument),
        ("note.txt", UnsupportedFormat),
    ):
        with pytest.raises(error):
            read_page(tmp_path / name, 1, engine, tmp_path)


@pytest.mark.parametrize("number", [0, 2])
def test_a_page_that_is_not_there_is_named(number: int, typed_pdf: Write, engine: Engine, tmp_path: Path) -> None:
    with pytest.raises(NoSuchPage):
        read_page(typed_pdf(), number, engine, tmp_path)
