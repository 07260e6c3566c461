from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pikepdf
import pytest
from PIL import Image

from ocr.embedded import BrokenScan, embedded_scan
from ocr.errors import PageTooLarge
from ocr.limits import PageLimits

Write = Callable[..., Path]
BOX = pikepdf.Array([0, 0, 500, 300])


def test_a_page_that_is_one_scan_gives_its_pixels(scan_pdf: Write, letter: Image.Image, tmp_path: Path) -> None:
    scan = embedded_scan(scan_pdf(letter), 1, PageLimits())
    assert scan is not None
    with Image.open(tmp_path / "scan.jpg") as jpeg:
        assert np.array_equal(scan.pixels, np.asarray(jpeg))
    assert (scan.dpi, scan.damaged, scan.sheet.turn) == (300, False, 0)


@pytest.mark.parametrize(
    "changes",
    [
        {"content": b"BT /F1 12 Tf 50 50 Td (RECEIVED) Tj ET"},
        {"content": b"0 0 50 50 re f"},
        {"content": b"q 10 0 0 10 0 0 cm /Scan Do Q"},
        {"content": b"% " + np.random.default_rng(3).bytes(5000).hex().encode()},
        {"Rotate": 90},
        {"CropBox": pikepdf.Array([0, 0, 100, 100])},
        {"MediaBox": BOX},
        {"UserUnit": 2},
        {"Annots": pikepdf.Array([pikepdf.Dictionary(Subtype=pikepdf.Name.Stamp)])},
    ],
    ids=["text", "a drawing", "drawn twice", "long", "turned", "cropped", "does not fit", "scaled", "stamped"],
)
def test_where_anything_is_odd_the_page_is_to_be_drawn(
    changes: dict[str, object], scan_pdf: Write, letter: Image.Image
) -> None:
    assert embedded_scan(scan_pdf(letter, **changes), 1, PageLimits()) is None


@pytest.mark.parametrize("key", ["SMask", "Decode", "ImageMask", "Mask"])
def test_a_masked_image_is_to_be_drawn(key: str, scan_pdf: Write, letter: Image.Image) -> None:
    path = scan_pdf(letter)
    with pikepdf.open(path, allow_overwriting_input=True) as pdf:
        pdf.pages[0].obj.Resources.XObject.Scan[f"/{key}"] = pikepdf.Array([1, 0])
        pdf.save(path)
    assert embedded_scan(path, 1, PageLimits()) is None


def test_a_scan_that_ends_early_is_broken(scan_pdf: Write, letter: Image.Image) -> None:
    path = scan_pdf(letter)
    with pikepdf.open(path, allow_overwriting_input=True) as pdf:
        image = pdf.pages[0].obj.Resources.XObject.Scan
        data = image.read_raw_bytes()
        image.write(data[: len(data) // 2], filter=pikepdf.Name.DCTDecode)
        pdf.save(path)
    with pytest.raises(BrokenScan):
        embedded_scan(path, 1, PageLimits())


def test_a_scan_that_claims_too_much_is_refused(scan_pdf: Write, letter: Image.Image) -> None:
    path = scan_pdf(letter)
    with pikepdf.open(path, allow_overwriting_input=True) as pdf:
        pdf.pages[0].obj.Resources.XObject.Scan.Width = 1_000_000
        pdf.save(path)
    with pytest.raises(PageTooLarge):
        embedded_scan(path, 1, PageLimits())
