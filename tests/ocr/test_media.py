from __future__ import annotations

from pathlib import Path

import pytest

from ocr.errors import UnsupportedFormat
from ocr.media import JPEG, PDF, PNG, TIFF, media_type_of


@pytest.mark.parametrize(
    ("head", "media_type"),
    [
        (b"%PDF-1.7\n", PDF),
        (b"\xef\xbb\xbf\r\n%PDF-1.4", PDF),
        (b"II*\x00\x08", TIFF),
        (b"MM\x00*\x00", TIFF),
        (b"II+\x00\x08", TIFF),
        (b"\xff\xd8\xff\xe0", JPEG),
        (b"\x89PNG\r\n\x1a\n", PNG),
    ],
)
def test_the_first_bytes_decide(head: bytes, media_type: str, tmp_path: Path) -> None:
    file = tmp_path / "letter.doc"
    file.write_bytes(head + b"rest")
    assert media_type_of(file) == media_type


@pytest.mark.parametrize("head", [b"", b"<html>", b"GIF89a", b"PK\x03\x04", b" " * 2000 + b"%PDF-1.4"])
def test_anything_else_is_not_ours(head: bytes, tmp_path: Path) -> None:
    file = tmp_path / "letter.pdf"
    file.write_bytes(head)
    with pytest.raises(UnsupportedFormat):
        media_type_of(file)
