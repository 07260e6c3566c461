"""Makes the searchable copy of a document from the pages already read; nothing is recognised again.

Before: `page.read_page` wrote the layer of each page. After: a PDF that shows what the original shows and can be
searched and copied from. It is a rendition: the original stays as received.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import pikepdf
from pikepdf import Array, Dictionary, Name

from ocr.invisible_font import add_invisible_font
from ocr.layer import FONT
from ocr.limits import PageLimits
from ocr.media import PDF, media_type_of
from ocr.page import PageReading
from ocr.pdf_file import broken_pdfs_named
from ocr.wrap import add_image_page


def make_searchable(
    original: Path, readings: Sequence[PageReading], target: Path, limits: PageLimits | None = None
) -> Path:
    """Write the searchable PDF and return its path.

    A PDF keeps its pages as they are, with the words laid under them and sideways pages turned upright by the page's
    own turn. An image file is wrapped: JPEG unchanged, black and white as G4, else as JPEG.

    Args:
        original: the document; never changed.
        readings: of its pages, each at most once; pages of a PDF that were not read stay as they are.
        target: where to write; an existing file is replaced.
        limits: None for the usual ones.

    Raises:
        DamagedDocument: the document cannot be copied.
        EncryptedDocument: it needs a password.
    """
    with broken_pdfs_named("it cannot be copied"), _copy_of(original, readings, limits or PageLimits()) as pdf:
        font = add_invisible_font(pdf)
        for page, reading in _paired(pdf, original, readings):
            if reading.rotation:
                page.rotation = (page.rotation + reading.rotation) % 360
            if reading.layer is not None:
                _lay_under(page, _form(pdf, reading.layer, font), reading.number)
        pdf.save(target, deterministic_id=True, compress_streams=False)
    return target


def _copy_of(original: Path, readings: Sequence[PageReading], limits: PageLimits) -> pikepdf.Pdf:
    if media_type_of(original) == PDF:
        return pikepdf.open(original)
    pdf = pikepdf.new()
    for reading in readings:
        add_image_page(pdf, original, reading.number, limits)
    return pdf


def _paired(
    pdf: pikepdf.Pdf, original: Path, readings: Sequence[PageReading]
) -> Iterator[tuple[pikepdf.Page, PageReading]]:
    """Yield each page with its reading: by number in a PDF, in the order of wrapping else."""
    wrapped = media_type_of(original) != PDF
    for place, reading in enumerate(readings):
        yield pdf.pages[place if wrapped else reading.number - 1], reading


def _form(pdf: pikepdf.Pdf, layer: Path, font: pikepdf.Object) -> pikepdf.Object:
    """Return the layer's content as one object to draw, with the font that all pages share."""
    with pikepdf.open(layer) as words:
        content = words.pages[0].obj.Contents.read_raw_bytes()
        box = [float(side) for side in words.pages[0].mediabox]
    return pdf.make_stream(
        content,
        Filter=Name.FlateDecode,
        Type=Name.XObject,
        Subtype=Name.Form,
        BBox=Array(box),
        Resources=Dictionary(Font=Dictionary({str(FONT): font})),
    )


def _lay_under(page: pikepdf.Page, form: pikepdf.Object, number: int) -> None:
    """Draw the words before anything else on the page, so that nothing the page does to its own state can move them."""
    name = page.add_resource(form, Name.XObject, Name(f"/SearchableWords{number}"))
    page.contents_add(f"q {name} Do Q\n".encode("ascii"), prepend=True)
