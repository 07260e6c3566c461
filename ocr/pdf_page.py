"""Turns a PDF page into a picture: the scan it holds where it is just that, else drawn by PDFium.

Before: `text_layer` found no text to rely on. After: `recognise`. Taking the embedded scan costs a third of drawing it,
and the engine then sees the scanner's own pixels.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pypdfium2

from ocr.embedded import BrokenScan, embedded_scan
from ocr.engine import Grey
from ocr.errors import DamagedDocument
from ocr.limits import PageLimits
from ocr.pdf_file import is_cut_short
from ocr.picture import Picture
from ocr.sheet import Sheet

DRAWN_DPI = 300


def picture_of_pdf(path: Path, page: pypdfium2.PdfPage, number: int, limits: PageLimits) -> Picture:
    """Return the picture of a page as a viewer shows it.

    Args:
        path: the PDF, for taking the embedded scan.
        page: the same page, open in PDFium.
        number: its number, counted from 1.
        limits: bounds on what is decoded or drawn.

    Raises:
        DamagedDocument: it cannot be drawn.
        PageTooLarge: the sheet is too large even at the least resolution.
    """
    broken = is_cut_short(path)
    try:
        scan = embedded_scan(path, number, limits)
    except BrokenScan:
        scan, broken = None, True
    if scan is not None:
        return replace(scan, damaged=broken)
    dpi = limits.dpi_to_draw(number, page.get_size(), DRAWN_DPI)
    return Picture(drawn(page, number, dpi), dpi, sheet_of(page), rows_per_inch=dpi, damaged=broken)


def drawn(page: pypdfium2.PdfPage, number: int, dpi: int) -> Grey:
    """Draw a page in grey; its size in pixels is compared with the sheet, for a renderer may fail without saying so.

    Raises:
        DamagedDocument: it cannot be drawn in full.
    """
    width, height = (side * dpi / 72 for side in page.get_size())
    try:
        pixels = page.render(scale=dpi / 72, grayscale=True).to_numpy()
    except (pypdfium2.PdfiumError, MemoryError, ValueError) as error:
        raise DamagedDocument(f"page {number} cannot be drawn") from error
    if abs(pixels.shape[1] - width) > 1 or abs(pixels.shape[0] - height) > 1:
        raise DamagedDocument(f"page {number} cannot be drawn in full")
    return np.ascontiguousarray(pixels.reshape(pixels.shape[:2]), dtype=np.uint8)


def sheet_of(page: pypdfium2.PdfPage) -> Sheet:
    """Return the visible area of the page: its crop box, as far as it lies on the media box (ISO 32000-1, 14.11.2)."""
    media, crop = page.get_mediabox(), page.get_cropbox()
    left, bottom = max(media[0], crop[0]), max(media[1], crop[1])
    right, top = min(media[2], crop[2]), min(media[3], crop[3])
    box = (left, bottom, right, top) if right > left and top > bottom else media
    return Sheet(box, page.get_rotation() % 360)
