"""Takes the scan out of a PDF page that consists of exactly one image covering it, without drawing the page.

Before: `pdf_page` asks. After: its pixels as the scanner made them, or None wherever there is the least doubt, in which
case the page is drawn: a turn, a crop, a mask, anything else on the page, an unusual colour space or compression.
"""

from __future__ import annotations

import io
from collections.abc import Iterable
from pathlib import Path

import pikepdf
from pikepdf import Name
from pikepdf.exceptions import PikepdfError
from PIL import Image

from ocr.complaints import complaints
from ocr.engine import Grey
from ocr.errors import DamagedDocument
from ocr.image_file import broken_files_named
from ocr.image_page import grey_of, stretched
from ocr.limits import PageLimits
from ocr.picture import Picture
from ocr.sheet import Matrix, Sheet

_LONGEST_CONTENT = 4096
_COVERS = 0.01
_HARMLESS = ("q", "Q", "BMC", "EMC", "BDC", "MP", "DP")
_PLAIN_COLOURS = (Name.DeviceGray, Name.DeviceRGB, Name.CalGray, Name.CalRGB)
_PLAIN_FILTERS = (Name.DCTDecode, Name.CCITTFaxDecode)
_LEAST_DPI = 40


class BrokenScan(Exception):
    """The page is one image, but part of the image is missing: it can be drawn, but not relied upon."""


def embedded_scan(path: Path, number: int, limits: PageLimits) -> Picture | None:
    """Return the one image of a page, or None where the page must be drawn.

    Raises:
        BrokenScan: the image cannot be decoded whole.
        PageTooLarge: the image claims too many pixels.
    """
    try:
        with pikepdf.open(path) as pdf:
            return _scan_of(pdf.pages[number - 1], number, limits)
    except (pikepdf.PdfError, ValueError, TypeError, KeyError, IndexError, AttributeError, RuntimeError):
        return None  # whatever is odd about its structure, PDFium is asked to draw it


def _scan_of(page: pikepdf.Page, number: int, limits: PageLimits) -> Picture | None:
    sheet = _plain_sheet(page)
    image = _only_image(page)
    if sheet is None or image is None or not _is_plain(image):
        return None
    matrix = _only_drawing(page)
    if matrix is None or not _fills(matrix, sheet):
        return None
    width, height = int(image.Width), int(image.Height)
    limits.check_pixels(number, width, height)
    pixels = _decoded(image)
    if pixels is None or pixels.shape != (height, width):
        return None
    across, down = (float(side) for side in sheet.size_shown)
    x_dpi, y_dpi = width * 72 / across, height * 72 / down
    if min(x_dpi, y_dpi) < _LEAST_DPI:
        return None
    bitonal = image.get(Name.Filter) == Name.CCITTFaxDecode
    return Picture(stretched(pixels, x_dpi, y_dpi), round(max(x_dpi, y_dpi)), sheet, bitonal, round(y_dpi))


def _plain_sheet(page: pikepdf.Page) -> Sheet | None:
    """Return the page's sheet where it has no turn, no crop of its own and no annotations."""
    media = tuple(float(side) for side in page.mediabox)
    crop = tuple(float(side) for side in page.cropbox)
    if page.rotation or media != crop or page.obj.get(Name.Annots) or page.obj.get(Name.UserUnit, 1) != 1:
        return None
    left, bottom, right, top = media
    return Sheet((left, bottom, right, top)) if right > left and top > bottom else None


def _only_image(page: pikepdf.Page) -> pikepdf.Object | None:
    drawable = page.resources.get(Name.XObject)
    if drawable is None or len(drawable) != 1:
        return None
    (image,) = drawable.as_dict().values()
    return image if image.get(Name.Subtype) == Name.Image else None


def _is_plain(image: pikepdf.Object) -> bool:
    """Say whether the image is a JPEG or fax strip in an everyday colour space, drawn as it is."""
    for unusual in (Name.SMask, Name.Mask, Name.Decode, Name.ImageMask):
        if unusual in image:
            return False
    colours = image.get(Name.ColorSpace)
    if isinstance(colours, pikepdf.Array) and len(colours) and colours[0] == Name.ICCBased:
        return image.get(Name.Filter) in _PLAIN_FILTERS and colours[1].get(Name.N) in (1, 3)
    return image.get(Name.Filter) in _PLAIN_FILTERS and colours in _PLAIN_COLOURS


def _only_drawing(page: pikepdf.Page) -> Matrix | None:
    """Return the matrix under which the page draws its one image, or None where it does anything else besides."""
    if _content_length(page) > _LONGEST_CONTENT:
        return None
    matrix: Matrix | None = None
    draws = 0
    for instruction in pikepdf.parse_content_stream(page):
        operator = str(instruction.operator)
        if operator == "cm" and matrix is None and draws == 0:
            matrix = _matrix(instruction.operands)
        elif operator == "Do":
            draws += 1
        elif operator not in _HARMLESS:
            return None
    return matrix if draws == 1 else None


def _content_length(page: pikepdf.Page) -> int:
    """Return the stored length of the page's content: a short one cannot unpack to much."""
    contents = page.obj.Contents
    if isinstance(contents, pikepdf.Array):
        return sum(len(stream.read_raw_bytes()) for stream in contents)
    return len(contents.read_raw_bytes())


def _matrix(operands: Iterable[object]) -> Matrix:
    a, b, c, d, e, f = (float(number) for number in operands)  # type: ignore[arg-type]  # else the page is drawn
    return a, b, c, d, e, f


def _fills(matrix: Matrix, sheet: Sheet) -> bool:
    """Say whether the unit square, so placed, is the sheet to within one part in a hundred."""
    a, b, c, d, e, f = matrix
    left, bottom, right, top = sheet.box
    near = _COVERS * max(right - left, top - bottom)
    edges = ((e, left), (f, bottom), (e + a, right), (f + d, top))
    return abs(b) < near and abs(c) < near and all(abs(edge - side) <= near for edge, side in edges)


def _decoded(image: pikepdf.Object) -> Grey | None:
    try:
        with broken_files_named():
            is_fax = image.get(Name.Filter) == Name.CCITTFaxDecode
            return _decoded_fax(image) if is_fax else _decoded_jpeg(image)
    except (DamagedDocument, Image.DecompressionBombError, PikepdfError) as error:
        raise BrokenScan from error


def _decoded_jpeg(image: pikepdf.Object) -> Grey | None:
    with Image.open(io.BytesIO(image.read_raw_bytes()), formats=("JPEG",)) as jpeg:
        if jpeg.size != (int(image.Width), int(image.Height)) or jpeg.mode == "CMYK":
            return None
        jpeg.draft("L", jpeg.size)
        return grey_of(jpeg)


def _decoded_fax(image: pikepdf.Object) -> Grey:
    with complaints() as heard:
        pixels = grey_of(pikepdf.PdfImage(image).as_pil_image())  # type: ignore[arg-type]  # it is a stream
    if heard:
        raise BrokenScan
    return pixels
