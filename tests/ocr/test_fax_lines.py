from __future__ import annotations

from pathlib import Path

import pytest
from PIL import Image

from ocr.fax_lines import lines_are_lost, tells_of_lost_lines

T6 = "TIFF_Warning Fax4Decode: Premature EOL at line {} of strip 0 (got 280, expected 2481)"
T4 = "TIFF_Warning Fax3Decode1D: Premature EOL at line {} of strip 0 (got 1326, expected 1728)"


@pytest.mark.parametrize(
    ("heard", "lost"),
    [
        ([], False),
        (["TIFF_Warning TIFFReadDirectory: Unknown field with tag 34821 (0x8805) encountered"], False),
        ([T6.format(491)], True),
        ([T6.format(2291)], False),
        ([T4.format(35), T4.format(2291)], False),
        ([T4.format(line) for line in range(100, 130)], True),
        ([T4.format(35)] * 50, False),
    ],
    ids=["silence", "unknown tag", "T.6 broken", "end of page", "one bad T.4 line", "30 bad lines", "one line, often"],
)
def test_the_judgement_of_complaints(heard: list[str], lost: bool) -> None:
    assert tells_of_lost_lines(heard, rows=2292) is lost


@pytest.mark.parametrize("compression", ["group3", "group4"])
def test_a_whole_fax_has_lost_nothing(compression: str, letter: Image.Image, tmp_path: Path) -> None:
    letter.convert("1").save(tmp_path / "fax.tif", compression=compression)
    assert not lines_are_lost(tmp_path / "fax.tif", 1)


def test_only_the_page_asked_for_is_judged(letter: Image.Image, tmp_path: Path) -> None:
    page = letter.resize((1728, 1200)).convert("1")
    page.save(tmp_path / "fax.tif", compression="group4", save_all=True, append_images=[page], tiffinfo={278: 1200})
    with Image.open(tmp_path / "fax.tif") as image:
        image.seek(1)
        start, length = image.tag_v2[273][0], image.tag_v2[279][0]  # type: ignore[attr-defined]  # a TIFF has tags
    data = bytearray((tmp_path / "fax.tif").read_bytes())
    data[start + length // 2 : start + length] = bytes(length - length // 2)
    (tmp_path / "fax.tif").write_bytes(data)
    assert not lines_are_lost(tmp_path / "fax.tif", 1)
    assert lines_are_lost(tmp_path / "fax.tif", 2)
