from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from ocr.errors import DamagedDocument, NoSuchPage, PageTooLarge
from ocr.image_page import grey_of, picture_of_image
from ocr.limits import PageLimits
from ocr.picture import Picture

ORIENTATION = 274


def picture(path: Path, number: int = 1) -> Picture:
    return picture_of_image(path, number, PageLimits())


def bitonal(image: Image.Image) -> Image.Image:
    return image.point(lambda value: 255 * (value > 128)).convert("1")


@pytest.mark.parametrize("compression", ["group3", "group4", "tiff_lzw", "tiff_deflate", "packbits", None])
def test_black_and_white_of_any_compression(compression: str | None, letter: Image.Image, tmp_path: Path) -> None:
    page = bitonal(letter)
    page.save(tmp_path / "page.tif", compression=compression, dpi=(300, 300))
    found = picture(tmp_path / "page.tif")
    assert np.array_equal(found.pixels, np.asarray(page.convert("L")))
    assert (found.dpi, found.bitonal, found.damaged) == (300, True, False)


def test_the_rows_of_a_standard_fax_are_stretched_to_square_pixels(letter: Image.Image, tmp_path: Path) -> None:
    bitonal(letter.resize((1728, 571))).save(tmp_path / "fax.tif", compression="group3", dpi=(204, 98))
    found = picture(tmp_path / "fax.tif")
    assert (found.dpi, found.rows_per_inch) == (204, 98)
    assert found.pixels.shape == (1189, 1728)
    assert found.sheet.size_shown == pytest.approx((1728 * 72 / 204, 571 * 72 / 98))


def test_each_page_of_a_tiff_is_reached_and_none_beyond(letter: Image.Image, tmp_path: Path) -> None:
    pages = [bitonal(letter), bitonal(letter.rotate(180)), letter.resize((500, 400))]
    pages[0].save(tmp_path / "pages.tif", save_all=True, append_images=pages[1:], dpi=(300, 300))
    assert np.array_equal(picture(tmp_path / "pages.tif", 2).pixels, np.asarray(pages[1].convert("L")))
    assert picture(tmp_path / "pages.tif", 3).pixels.shape == (400, 500)
    with pytest.raises(NoSuchPage, match="no page 4"):
        picture(tmp_path / "pages.tif", 4)


def test_a_fax_with_lost_lines_is_marked_as_damaged(letter: Image.Image, tmp_path: Path) -> None:
    bitonal(letter).save(tmp_path / "fax.tif", compression="group4", tiffinfo={278: letter.height}, dpi=(300, 300))
    with Image.open(tmp_path / "fax.tif") as image:
        start, length = image.tag_v2[273][0], image.tag_v2[279][0]  # type: ignore[attr-defined]  # a TIFF has tags
    data = bytearray((tmp_path / "fax.tif").read_bytes())
    data[start + length // 2 : start + length] = bytes(length - length // 2)
    (tmp_path / "fax.tif").write_bytes(data)
    assert picture(tmp_path / "fax.tif").damaged


@pytest.mark.parametrize("name", ["photo.jpg", "photo.png"])
def test_a_picture_that_ends_early_is_read_as_far_as_it_goes(name: str, letter: Image.Image, tmp_path: Path) -> None:
    letter.save(tmp_path / name, dpi=(300, 300))
    data = (tmp_path / name).read_bytes()
    (tmp_path / name).write_bytes(data[: len(data) // 2])
    found = picture(tmp_path / name)
    assert found.damaged
    assert np.abs(found.pixels[:400].astype(int) - np.asarray(letter)[:400]).mean() < 5


@pytest.mark.parametrize("name", ["page.tif", "page.jpg"])
def test_a_file_of_which_only_the_head_is_there_is_damaged(name: str, letter: Image.Image, tmp_path: Path) -> None:
    letter.save(tmp_path / name)
    (tmp_path / name).write_bytes((tmp_path / name).read_bytes()[:60])
    with pytest.raises(DamagedDocument):
        picture(tmp_path / name)


@pytest.mark.parametrize(("orientation", "turn"), [(1, 0), (3, 180), (6, 90), (8, 270)])
def test_a_photograph_is_turned_as_the_camera_says(
    orientation: int, turn: int, letter: Image.Image, tmp_path: Path
) -> None:
    exif = Image.Exif()
    exif[ORIENTATION] = orientation
    letter.rotate(turn, expand=True).save(tmp_path / "photo.jpg", exif=exif, dpi=(300, 300), quality=95)
    found = picture(tmp_path / "photo.jpg")
    assert found.sheet.turn == turn
    assert np.abs(found.pixels.astype(int) - np.asarray(letter)).mean() < 3


@pytest.mark.parametrize("orientation", [2, 4, 5, 7])
def test_a_mirrored_photograph_is_mirrored_back(orientation: int, letter: Image.Image, tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[ORIENTATION] = orientation
    undone = {2: "FLIP_LEFT_RIGHT", 4: "FLIP_TOP_BOTTOM", 5: "TRANSPOSE", 7: "TRANSVERSE"}[orientation]
    letter.transpose(Image.Transpose[undone]).save(tmp_path / "photo.jpg", exif=exif, dpi=(300, 300), quality=95)
    assert np.abs(picture(tmp_path / "photo.jpg").pixels.astype(int) - np.asarray(letter)).mean() < 3


@pytest.mark.parametrize("size", [(13_000, 13_000), (20_000, 20_000)])
def test_a_picture_that_claims_too_much_is_not_decoded(size: tuple[int, int], tmp_path: Path) -> None:
    Image.new("1", size).save(tmp_path / "bomb.png")
    with pytest.raises(PageTooLarge):
        picture(tmp_path / "bomb.png")


def test_what_is_see_through_is_white_paper() -> None:
    assert grey_of(Image.new("RGBA", (2, 2), (0, 0, 0, 0))).tolist() == [[255, 255], [255, 255]]


@pytest.mark.parametrize(
    ("image", "brightness"),
    [
        (Image.fromarray(np.full((2, 2), 0x8000, np.uint16)), 0x80),
        (Image.fromarray(np.array([[0.0, 0.5]], np.float32)), 0),
        (Image.new("CMYK", (2, 2), (0, 0, 0, 255)), 0),
        (Image.new("P", (2, 2), 0), 0),
    ],
    ids=["16 bits", "floating point", "CMYK", "palette"],
)
def test_unusual_pixels_become_grey(image: Image.Image, brightness: int) -> None:
    assert grey_of(image)[0, 0] == brightness


def test_the_error_stream_is_put_back(letter: Image.Image, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    bitonal(letter).save(tmp_path / "page.tif", compression="group4")
    picture(tmp_path / "page.tif")
    os.write(2, b"still here")
    assert capfd.readouterr().err == "still here"
