"""Says how many pages a document has and how large they are, and whether it can be opened at all.

Before: the mailroom has a file from outside. After: `page.read_page` is called for each page. Nothing is decoded here.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pikepdf
import pypdfium2
from PIL import Image

from ocr.errors import DamagedDocument, TooManyPages
from ocr.image_file import go_to, opened_image
from ocr.limits import PageLimits
from ocr.media import PDF, TIFF, media_type_of
from ocr.pdf_file import broken_pdfs_named, opened_pdf
from ocr.resolution import believed_resolution


@dataclass(frozen=True, slots=True)
class PageSize:
    """The size of a page as it is shown, in points (1/72 inch)."""

    width: float
    height: float


@dataclass(frozen=True, slots=True)
class Outline:
    """What a document claims about itself.

    Attributes:
        media_type: by its bytes.
        pages: the size of each page, in order.
    """

    media_type: str
    pages: tuple[PageSize, ...]


def outline(path: Path, media_type: str | None = None, limits: PageLimits | None = None) -> Outline:
    """Open a document and count its pages.

    Args:
        path: the document.
        media_type: what it is held to be, or None to go by its bytes.
        limits: None for the usual ones.

    Raises:
        DamagedDocument: it cannot be opened, is not what it is held to be, or does not hold the pages it claims.
        EncryptedDocument: it needs a password.
        PageTooLarge: its first page claims more pixels than Pillow opens.
        TooManyPages: it has more than the limit; also where the claim is a lie.
        UnsupportedFormat: it is none of PDF, TIFF, JPEG and PNG.
    """
    limits = limits or PageLimits()
    found = media_type_of(path)
    if media_type not in (None, found):
        raise DamagedDocument(f"it is held to be {media_type}, but its bytes are {found}")
    if found == PDF:
        return Outline(found, _pdf_pages(path, limits.max_pages))
    with opened_image(path) as image:
        return Outline(found, _image_pages(image, limits.max_pages) if found == TIFF else (_size_of(image),))


def _pdf_pages(path: Path, most: int) -> tuple[PageSize, ...]:
    with opened_pdf(path) as document:
        count = len(document)
        if count > most:
            raise TooManyPages(most)
        try:
            sizes = tuple(PageSize(*document.get_page_size(index)) for index in range(count))
        except pypdfium2.PdfiumError as error:
            raise DamagedDocument("a page that it claims is not there") from error
    held = _pages_held(path, most)
    if not sizes or held != count:
        raise DamagedDocument(f"it claims {count} pages and holds {held}")
    return sizes


def _pages_held(path: Path, most: int) -> int:
    """Count the pages by walking the page tree: PDFium believes the count that the file states."""
    with broken_pdfs_named("its list of pages is broken"), pikepdf.open(path) as pdf:
        held = len(pdf.pages)
    if held > most:
        raise TooManyPages(most)
    return held


def _image_pages(image: Image.Image, most: int) -> tuple[PageSize, ...]:
    """Walk the pages of an image file; Pillow ends at a page that it has met before, so a loop ends, too."""
    sizes: list[PageSize] = []
    while go_to(image, len(sizes) + 1):
        if len(sizes) == most:
            raise TooManyPages(most)
        sizes.append(_size_of(image))
    return tuple(sizes)


def _size_of(image: Image.Image) -> PageSize:
    width, height = image.size
    x_dpi, y_dpi = believed_resolution(width, height, image.info.get("dpi"), bitonal=image.mode == "1")
    return PageSize(width * 72 / x_dpi, height * 72 / y_dpi)
