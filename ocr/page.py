"""Reads one page of a PDF, TIFF, JPEG or PNG: the only door of this workshop for reading.

Before: `document.outline` said how many pages there are. After: text, boxes and confidences for whoever decides, a
picture for the screen, and the invisible layer for `searchable`. A page is recognised once, and again only where the
reading is poor or much is left unread.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pypdfium2

from ocr.blank import is_blank
from ocr.engine import Engine, Reading, Word
from ocr.image_page import picture_of_image
from ocr.layer import write_layer
from ocr.limits import PageLimits
from ocr.media import PDF, media_type_of
from ocr.pdf_file import is_cut_short, opened_page
from ocr.pdf_page import DRAWN_DPI, drawn, picture_of_pdf
from ocr.picture import Picture, glance_at
from ocr.recognise import Recognised, recognise
from ocr.screen import SCREEN_DPI, write_screen
from ocr.text_layer import good_text

TEXT_LAYER = "text layer"
"""The maker of text that the document held already."""

_NOTHING = Reading("", (), 0.0)


@dataclass(frozen=True, slots=True)
class PageReading:
    """All that is known of one page.

    Attributes:
        number: counted from 1.
        width: of the upright page image that the words' boxes refer to, in pixels.
        height: likewise.
        dpi: pixels per inch of that image.
        rotation: clockwise degrees by which the page, as its file shows it, was turned to be read: 0, 90, 180 or 270.
        blank: nothing is on it; it was not recognised.
        damaged: part of the page is missing or could not be decoded.
        text: lines in reading order.
        words: with boxes in the page image.
        confidence: mean of the words, 0 to 1; 1 for a text layer, 0 where no words are.
        unread: share of the ink in lines of text on which no word or only a guess was found; 0 for a text layer.
        made_by: the engine's name, or `TEXT_LAYER`.
        screen: JPEG of the upright page.
        screen_scale: pixels of `screen` per pixel of the page image.
        layer: PDF of one page with the words as invisible text; None where the page holds its text already or has none.
    """

    number: int
    width: int
    height: int
    dpi: int
    rotation: int
    blank: bool
    damaged: bool
    text: str
    words: tuple[Word, ...]
    confidence: float
    unread: float
    made_by: str
    screen: Path
    screen_scale: float
    layer: Path | None


def read_page(
    original: Path, number: int, engine: Engine, folder: Path, limits: PageLimits | None = None
) -> PageReading:
    """Read one page and write its pictures as `page-NNNN.jpg` and `page-NNNN.pdf`; a second call replaces them.

    Args:
        original: the document; never changed.
        number: of the page, counted from 1.
        engine: opened; used for this call only.
        folder: where the files are written; exists.
        limits: None for the usual ones.

    Raises:
        DamagedDocument: the page cannot be decoded, not even in part.
        EncryptedDocument: the document needs a password.
        NoSuchPage: it has fewer pages.
        PageTooLarge: the page claims more than the limits allow.
        UnsupportedFormat: it is none of the four formats.
    """
    limits = limits or PageLimits()
    if media_type_of(original) != PDF:
        return _read_picture(picture_of_image(original, number, limits), number, engine, folder)
    with opened_page(original, number) as page:
        screen_dpi = limits.dpi_to_draw(number, page.get_size(), SCREEN_DPI)
        text = None if is_cut_short(original) else good_text(page, DRAWN_DPI)
        if text is not None:
            return _use_text(text, page, number, folder, screen_dpi)
        picture = picture_of_pdf(original, page, number, limits)
    return _read_picture(picture, number, engine, folder)


def _use_text(text: Reading, page: pypdfium2.PdfPage, number: int, folder: Path, dpi: int) -> PageReading:
    screen = folder / f"page-{number:04d}.jpg"
    scale = write_screen(drawn(page, number, dpi), dpi, screen)
    width, height = (round(side * DRAWN_DPI / 72) for side in page.get_size())
    return PageReading(
        number=number,
        width=width,
        height=height,
        dpi=DRAWN_DPI,
        rotation=0,
        blank=False,
        damaged=False,
        text=text.text,
        words=text.words,
        confidence=text.confidence,
        unread=0.0,
        made_by=TEXT_LAYER,
        screen=screen,
        screen_scale=scale * dpi / DRAWN_DPI,
        layer=None,
    )


def _read_picture(picture: Picture, number: int, engine: Engine, folder: Path) -> PageReading:
    glance = glance_at(picture)
    blank = is_blank(glance)
    read = Recognised(0, picture.pixels, _NOTHING) if blank else recognise(picture, glance, engine)
    screen = folder / f"page-{number:04d}.jpg"
    scale = write_screen(read.pixels, picture.dpi, screen)
    height, width = read.pixels.shape
    return PageReading(
        number=number,
        width=width,
        height=height,
        dpi=picture.dpi,
        rotation=read.rotation,
        blank=blank,
        damaged=picture.damaged,
        text=read.reading.text,
        words=read.reading.words,
        confidence=read.reading.confidence,
        unread=read.unread,
        made_by=engine.name,
        screen=screen,
        screen_scale=scale,
        layer=_layer(read, picture, folder / f"page-{number:04d}.pdf"),
    )


def _layer(read: Recognised, picture: Picture, target: Path) -> Path | None:
    if not read.reading.words:
        return None
    height, width = read.pixels.shape
    return write_layer(read.reading.words, (width, height), picture.sheet.turned(read.rotation), target)
