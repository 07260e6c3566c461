"""Packs page pictures the way scanners do: JPEG in a PDF, single pictures, TIFFs with one picture a page.

Before: `scanner` has made the pictures. After: the bytes lie in the post room's folder.
"""

from __future__ import annotations

import io
from datetime import UTC, datetime

import numpy as np
from fpdf import FPDF
from PIL import Image

from rendering.scanner import Grey, black_and_white

_MADE = datetime(2026, 11, 20, 8, 45, tzinfo=UTC)
_JPEG_QUALITY = 58
_PAPER_FROM = 215
_MILLIMETRES = 25.4


def jpeg(page: Grey, dpi: int) -> bytes:
    """Return one page as a grey JPEG."""
    return _picture(page, "JPEG", dpi=(dpi, dpi), quality=_JPEG_QUALITY)


def png(page: Grey, dpi: int) -> bytes:
    """Return one page as a PNG of 16 grey levels on white, as document scanners save it to stay small."""
    buffer = io.BytesIO()
    white = np.where(page > _PAPER_FROM, 255, page).astype(np.uint8)
    few = Image.fromarray(white).quantize(16, dither=Image.Dither.NONE)
    few.save(buffer, "PNG", dpi=(dpi, dpi), optimize=False)
    return buffer.getvalue()


def grey_tiff(page: Grey, dpi: int) -> bytes:
    """Return one page as a grey TIFF, its strips packed as JPEG."""
    return _picture(page, "TIFF", dpi=(dpi, dpi), compression="jpeg", quality=_JPEG_QUALITY)


def group4_tiff(pages: list[Grey], dpi: int) -> bytes:
    """Return the pages as a black and white TIFF, packed as ITU-T T.6 (Group 4)."""
    dots = [Image.fromarray(black_and_white(page)).convert("1", dither=Image.Dither.NONE) for page in pages]
    buffer = io.BytesIO()
    dots[0].save(buffer, "TIFF", compression="group4", dpi=(dpi, dpi), save_all=True, append_images=dots[1:])
    return buffer.getvalue()


def scanned_pdf(pages: list[Grey], dpi: int) -> bytes:
    """Return a PDF with one JPEG filling each page: what most office scanners send."""
    document = new_pdf("Harrowdale post room scanner")
    for page in pages:
        height, width = (pixels / dpi * _MILLIMETRES for pixels in page.shape)
        document.add_page(format=(width, height))
        document.image(io.BytesIO(jpeg(page, dpi)), 0, 0, width, height)
    return bytes(document.output())


def new_pdf(maker: str) -> FPDF:
    """Return an empty PDF whose bytes depend on its content only, never on the clock."""
    document = FPDF(unit="mm", format="A4")
    document.set_creation_date(_MADE)
    document.set_producer(maker)
    return document


def _picture(page: Grey, kind: str, **options: object) -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(page).save(buffer, kind, **options)
    return buffer.getvalue()
