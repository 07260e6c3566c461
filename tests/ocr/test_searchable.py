from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pikepdf
import pypdfium2
import pytest
from PIL import Image

from ocr.engine import Engine
from ocr.errors import EncryptedDocument
from ocr.page import PageReading, read_page
from ocr.pdf_file import opened_page
from ocr.pdf_page import drawn
from ocr.pdf_text import page_text
from ocr.searchable import make_searchable

Write = Callable[..., Path]
SENTENCE = "The gutter above my kitchen window has been broken"


def bitonal(image: Image.Image) -> Image.Image:
    return image.point(lambda value: 255 * (value > 128)).convert("1")


def read_all(original: Path, engine: Engine, pages: int = 1) -> list[PageReading]:
    return [read_page(original, number, engine, original.parent) for number in range(1, pages + 1)]


def assert_words_lie_where_they_are_seen(searchable: Path, reading: PageReading, number: int = 1) -> None:
    with opened_page(searchable, number) as page:
        shown_width, shown_height = page.get_size()
        assert shown_width / shown_height == pytest.approx(reading.width / reading.height, rel=0.02)
        text = page_text(page, reading.dpi)
    assert text is not None
    assert [word.text for word in text.words] == [word.text for word in reading.words]
    for found, wanted in zip(text.words, reading.words, strict=True):
        assert abs(found.box[0] - wanted.box[0]) < 20, found
        assert abs(found.box[3] - wanted.box[3]) < 20, found


@pytest.mark.parametrize("degrees", [0, 90, 180, 270])
def test_words_lie_under_the_print_of_a_scan_fed_in_any_way_round(
    degrees: int, letter: Image.Image, engine: Engine, tmp_path: Path
) -> None:
    letter.rotate(degrees, expand=True).save(tmp_path / "letter.jpg", dpi=(300, 300))
    (reading,) = read_all(tmp_path / "letter.jpg", engine)
    searchable = make_searchable(tmp_path / "letter.jpg", [reading], tmp_path / "searchable.pdf")
    assert_words_lie_where_they_are_seen(searchable, reading)


@pytest.mark.parametrize("turn", [0, 90, 180, 270])
def test_words_lie_under_the_print_of_a_pdf_page_with_a_turn_of_its_own(
    turn: int, scan_pdf: Write, letter: Image.Image, engine: Engine, tmp_path: Path
) -> None:
    original = scan_pdf(letter, Rotate=turn)
    (reading,) = read_all(original, engine)
    assert reading.rotation == (360 - turn) % 360
    searchable = make_searchable(original, [reading], tmp_path / "searchable.pdf")
    assert_words_lie_where_they_are_seen(searchable, reading)


def test_words_lie_under_the_print_of_a_cropped_page(
    scan_pdf: Write, letter: Image.Image, engine: Engine, tmp_path: Path
) -> None:
    original = scan_pdf(letter, CropBox=pikepdf.Array([20, 30, 560, 400]))
    (reading,) = read_all(original, engine)
    searchable = make_searchable(original, [reading], tmp_path / "searchable.pdf")
    assert_words_lie_where_they_are_seen(searchable, reading)


@pytest.mark.parametrize("orientation", [3, 5, 6, 8])
def test_words_lie_under_the_print_of_a_turned_photograph(
    orientation: int, letter: Image.Image, engine: Engine, tmp_path: Path
) -> None:
    exif = Image.Exif()
    exif[274] = orientation
    way = {3: "ROTATE_180", 5: "TRANSPOSE", 6: "ROTATE_90", 8: "ROTATE_270"}[orientation]
    letter.transpose(Image.Transpose[way]).save(tmp_path / "photo.jpg", exif=exif, dpi=(300, 300))
    (reading,) = read_all(tmp_path / "photo.jpg", engine)
    assert SENTENCE in reading.text
    searchable = make_searchable(tmp_path / "photo.jpg", [reading], tmp_path / "searchable.pdf")
    assert_words_lie_where_they_are_seen(searchable, reading)


def test_a_page_that_leaves_its_state_untidy_does_not_move_the_words(
    scan_pdf: Write, letter: Image.Image, engine: Engine, tmp_path: Path
) -> None:
    original = scan_pdf(letter, content=b"q 0.1 0 0 0.1 400 400 cm 0.5 g")
    (reading,) = read_all(original, engine)
    searchable = make_searchable(original, [reading], tmp_path / "searchable.pdf")
    assert_words_lie_where_they_are_seen(searchable, reading)


def test_a_pdf_looks_as_before(scan_pdf: Write, letter: Image.Image, engine: Engine, tmp_path: Path) -> None:
    original = scan_pdf(letter)
    searchable = make_searchable(original, read_all(original, engine), tmp_path / "searchable.pdf")
    with opened_page(original, 1) as before, opened_page(searchable, 1) as after:
        assert np.array_equal(drawn(before, 1, 100), drawn(after, 1, 100))
    with pikepdf.open(original) as before, pikepdf.open(searchable) as after:
        old, new = (pdf.pages[0].obj.Resources.XObject.Scan.read_raw_bytes() for pdf in (before, after))
    assert old == new


def test_a_jpeg_is_wrapped_byte_for_byte(letter: Image.Image, engine: Engine, tmp_path: Path) -> None:
    letter.save(tmp_path / "letter.jpg", dpi=(300, 300))
    readings = read_all(tmp_path / "letter.jpg", engine)
    with pikepdf.open(make_searchable(tmp_path / "letter.jpg", readings, tmp_path / "searchable.pdf")) as pdf:
        assert pdf.pages[0].obj.Resources.XObject.Scan.read_raw_bytes() == (tmp_path / "letter.jpg").read_bytes()


@pytest.mark.parametrize("compression", ["group3", "group4", "tiff_lzw"])
def test_black_and_white_pages_are_wrapped_without_loss(
    compression: str, letter: Image.Image, engine: Engine, tmp_path: Path
) -> None:
    pages = [bitonal(letter), bitonal(letter.rotate(180))]
    pages[0].save(tmp_path / "fax.tif", save_all=True, append_images=pages[1:], compression=compression, dpi=(300, 300))
    readings = read_all(tmp_path / "fax.tif", engine, pages=2)
    searchable = make_searchable(tmp_path / "fax.tif", readings, tmp_path / "searchable.pdf")
    with pikepdf.open(searchable) as pdf:
        for page, wrapped in zip(pages, pdf.pages, strict=True):
            scan = wrapped.obj.Resources.XObject.Scan
            assert isinstance(scan, pikepdf.Stream)
            image = pikepdf.PdfImage(scan)
            assert image.filters == ["/CCITTFaxDecode"]
            assert np.array_equal(np.asarray(image.as_pil_image().convert("L")), np.asarray(page.convert("L")))
    for number, reading in enumerate(readings, start=1):
        assert SENTENCE in reading.text
        assert_words_lie_where_they_are_seen(searchable, reading, number)


def test_a_standard_fax_is_shown_at_its_true_height(letter: Image.Image, engine: Engine, tmp_path: Path) -> None:
    bitonal(letter.resize((1687, 571))).save(tmp_path / "fax.tif", compression="group3", dpi=(204, 98))
    readings = read_all(tmp_path / "fax.tif", engine)
    searchable = make_searchable(tmp_path / "fax.tif", readings, tmp_path / "searchable.pdf")
    assert_words_lie_where_they_are_seen(searchable, readings[0])


@pytest.mark.parametrize("mode", ["L", "RGB", "RGBA", "P", "CMYK", "I;16"])
def test_other_pictures_are_wrapped_as_they_look(
    mode: str, letter: Image.Image, engine: Engine, tmp_path: Path
) -> None:
    name = tmp_path / ("picture.tif" if mode in ("CMYK", "L") else "picture.png")
    picture = Image.fromarray(np.asarray(letter).astype(np.uint16) << 8) if mode == "I;16" else letter.convert(mode)
    picture.save(name, dpi=(300, 300))
    readings = read_all(name, engine)
    searchable = make_searchable(name, readings, tmp_path / "searchable.pdf")
    with opened_page(searchable, 1) as page:
        shown = drawn(page, 1, 300).astype(int)
    height, width = min(shown.shape[0], letter.height), min(shown.shape[1], letter.width)
    assert np.abs(shown[:height, :width] - np.asarray(letter)[:height, :width]).mean() < 6
    assert_words_lie_where_they_are_seen(searchable, readings[0])


def test_born_digital_and_blank_pages_stay_as_they_are(typed_pdf: Write, engine: Engine, tmp_path: Path) -> None:
    original = typed_pdf((SENTENCE,) * 3, ())
    readings = read_all(original, engine, pages=2)
    assert [reading.layer for reading in readings] == [None, None]
    searchable = make_searchable(original, readings, tmp_path / "searchable.pdf")
    document = pypdfium2.PdfDocument(searchable)
    texts = [page.get_textpage().get_text_range() for page in document]
    document.close()
    assert texts[0].count(SENTENCE) == 3
    assert texts[1] == ""


def test_the_same_readings_make_the_same_bytes(letter: Image.Image, engine: Engine, tmp_path: Path) -> None:
    letter.save(tmp_path / "letter.jpg", dpi=(300, 300))
    readings = read_all(tmp_path / "letter.jpg", engine)
    first = make_searchable(tmp_path / "letter.jpg", readings, tmp_path / "1.pdf").read_bytes()
    assert make_searchable(tmp_path / "letter.jpg", readings, tmp_path / "2.pdf").read_bytes() == first


def test_a_locked_pdf_is_not_copied(typed_pdf: Write, tmp_path: Path) -> None:
    with pikepdf.open(typed_pdf()) as pdf:
        pdf.save(tmp_path / "locked.pdf", encryption=pikepdf.Encryption(user="secret", owner="owner"))
    with pytest.raises(EncryptedDocument):
        make_searchable(tmp_path / "locked.pdf", [], tmp_path / "searchable.pdf")


@pytest.mark.parametrize("size", [(1, 1), (3, 900)])
def test_a_scrap_is_wrapped_like_any_page(size: tuple[int, int], engine: Engine, tmp_path: Path) -> None:
    Image.new("L", size).save(tmp_path / "scrap.png", dpi=(300, 300))
    readings = read_all(tmp_path / "scrap.png", engine)
    searchable = make_searchable(tmp_path / "scrap.png", readings, tmp_path / "searchable.pdf")
    with pikepdf.open(searchable) as pdf:
        assert float(pdf.pages[0].mediabox[2]) == pytest.approx(size[0] * 72 / 300, abs=0.01)


@pytest.mark.parametrize("name", ["letter.jpg", "letter.png"])
def test_what_there_is_of_a_picture_that_ends_early_is_wrapped(
    name: str, letter: Image.Image, engine: Engine, tmp_path: Path
) -> None:
    letter.save(tmp_path / name, dpi=(300, 300))
    data = (tmp_path / name).read_bytes()
    (tmp_path / name).write_bytes(data[: len(data) * 2 // 3])
    readings = read_all(tmp_path / name, engine)
    assert readings[0].damaged
    searchable = make_searchable(tmp_path / name, readings, tmp_path / "searchable.pdf")
    assert_words_lie_where_they_are_seen(searchable, readings[0])
