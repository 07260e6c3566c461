from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pikepdf
import pytest
from PIL import Image

from ocr.document import PageSize, outline
from ocr.errors import DamagedDocument, EncryptedDocument, PageTooLarge, TooManyPages, UnsupportedFormat
from ocr.limits import PageLimits
from ocr.media import PDF, TIFF

Write = Callable[..., Path]


def locked(path: Path, user: str) -> Path:
    target = path.with_name("locked.pdf")
    with pikepdf.open(path) as pdf:
        pdf.save(target, encryption=pikepdf.Encryption(user=user, owner="owner"))
    return target


def test_a_pdf_tells_the_size_of_each_page(typed_pdf: Write) -> None:
    found = outline(typed_pdf(("one",), ("two",), ("three",)), PDF)
    assert found.media_type == PDF
    assert [(round(page.width), round(page.height)) for page in found.pages] == [(595, 842)] * 3


def test_a_tiff_tells_the_size_of_each_page(letter: Image.Image, tmp_path: Path) -> None:
    half = letter.resize((letter.width // 2, letter.height))
    letter.save(tmp_path / "two.tif", save_all=True, append_images=[half], dpi=(300, 300))
    width, height = letter.width * 72 / 300, letter.height * 72 / 300
    pages = outline(tmp_path / "two.tif", TIFF).pages
    assert pages == (PageSize(width, height), PageSize(half.width * 72 / 300, height))


def test_a_jpeg_has_one_page(letter: Image.Image, tmp_path: Path) -> None:
    letter.save(tmp_path / "photo.jpg")
    assert len(outline(tmp_path / "photo.jpg").pages) == 1


def test_a_pdf_with_a_password_is_encrypted(typed_pdf: Write) -> None:
    with pytest.raises(EncryptedDocument, match="password"):
        outline(locked(typed_pdf(), user="secret"))


def test_a_pdf_that_only_restricts_printing_opens(typed_pdf: Write) -> None:
    assert len(outline(locked(typed_pdf(), user="")).pages) == 1


def test_a_pdf_of_which_only_the_head_is_there_is_damaged(typed_pdf: Write) -> None:
    path = typed_pdf()
    path.write_bytes(path.read_bytes()[:80])
    with pytest.raises(DamagedDocument):
        outline(path)


def test_a_pdf_with_wrong_cross_references_opens_all_the_same(typed_pdf: Write) -> None:
    path = typed_pdf(("one",), ("two",))
    path.write_bytes(re.sub(rb"startxref\n\d+", b"startxref\n1", path.read_bytes()))
    assert len(outline(path).pages) == 2


@pytest.mark.parametrize("claim", [1, 7])
def test_a_pdf_that_lies_about_its_pages_is_damaged(claim: int, typed_pdf: Write) -> None:
    path = typed_pdf(("one",), ("two",))
    path.write_bytes(path.read_bytes().replace(b"/Count 2", b"/Count %d" % claim))
    with pytest.raises(DamagedDocument, match=r"claims|not there"):
        outline(path)


def test_a_pdf_with_more_pages_than_are_read_is_refused(typed_pdf: Write) -> None:
    path = typed_pdf(("one",), ("two",), ("three",))
    with pytest.raises(TooManyPages, match="more than 2 pages"):
        outline(path, limits=PageLimits(max_pages=2))


def test_a_tiff_with_more_pages_than_are_read_is_refused(tmp_path: Path) -> None:
    page = Image.new("1", (100, 100))
    page.save(tmp_path / "many.tif", save_all=True, append_images=[page] * 3)
    assert len(outline(tmp_path / "many.tif", limits=PageLimits(max_pages=4)).pages) == 4
    with pytest.raises(TooManyPages):
        outline(tmp_path / "many.tif", limits=PageLimits(max_pages=3))


def test_a_tiff_whose_pages_run_in_a_circle_ends(tmp_path: Path) -> None:
    Image.new("1", (100, 100)).save(tmp_path / "loop.tif")
    data = bytearray((tmp_path / "loop.tif").read_bytes())
    start = int.from_bytes(data[4:8], "little")
    entries = int.from_bytes(data[start : start + 2], "little")
    data[start + 2 + 12 * entries : start + 6 + 12 * entries] = data[4:8]
    (tmp_path / "loop.tif").write_bytes(data)
    assert len(outline(tmp_path / "loop.tif").pages) == 1


def test_a_picture_beyond_measure_is_refused_unopened(tmp_path: Path) -> None:
    Image.new("1", (20_000, 20_000)).save(tmp_path / "bomb.png")
    with pytest.raises(PageTooLarge):
        outline(tmp_path / "bomb.png")


def test_what_is_not_what_it_is_held_to_be_is_damaged(typed_pdf: Write) -> None:
    with pytest.raises(DamagedDocument, match=r"held to be image/tiff"):
        outline(typed_pdf(), TIFF)


def test_a_web_page_is_not_ours(tmp_path: Path) -> None:
    (tmp_path / "page.pdf").write_text("<html></html>")
    with pytest.raises(UnsupportedFormat):
        outline(tmp_path / "page.pdf")
