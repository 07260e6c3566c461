"""Tells the four kinds of document apart by their first bytes; a file's name or stated type is not believed."""

from __future__ import annotations

from pathlib import Path

from ocr.errors import UnsupportedFormat

PDF = "application/pdf"
TIFF = "image/tiff"
JPEG = "image/jpeg"
PNG = "image/png"

_STARTS = {
    b"\xff\xd8\xff": JPEG,
    b"\x89PNG\r\n\x1a\n": PNG,
    b"II*\x00": TIFF,
    b"MM\x00*": TIFF,
    b"II+\x00": TIFF,
    b"MM\x00+": TIFF,
}
_PDF_HEADER_WITHIN = 1024


def media_type_of(path: Path) -> str:
    """Return the media type of the file's bytes.

    A PDF may have other bytes before its header, as viewers accept (ISO 32000-1, annex H, note 13).

    Raises:
        UnsupportedFormat: it is none of the four.
    """
    with path.open("rb") as file:
        head = file.read(_PDF_HEADER_WITHIN)
    for start, media_type in _STARTS.items():
        if head.startswith(start):
            return media_type
    if b"%PDF-" in head:
        return PDF
    raise UnsupportedFormat
