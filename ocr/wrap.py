"""Puts a page of an image file into a PDF: the same image, in the form that takes least and loses least.

Before: `searchable` copies a TIFF, JPEG or PNG. After: it lays the words under the page.
"""

from __future__ import annotations

import io
from pathlib import Path

import pikepdf
from pikepdf import Array, Dictionary, Name
from PIL import Image, ImageOps
from PIL.TiffImagePlugin import TiffImageFile

from ocr.errors import DamagedDocument
from ocr.image_file import Frame, broken_files_named, early_ends_accepted, opened_frame
from ocr.image_page import grey_of
from ocr.limits import PageLimits
from ocr.sheet import Sheet

_QUALITY = 85
_ROWS_PER_STRIP, _STRIP_OFFSETS, _STRIP_LENGTHS, _PHOTOMETRIC = 278, 273, 279, 262
_MIN_IS_WHITE = 0
_COLOURS = {"L": Name.DeviceGray, "RGB": Name.DeviceRGB}


def add_image_page(pdf: pikepdf.Pdf, path: Path, number: int, limits: PageLimits) -> None:
    """Append a page that holds the image and nothing else, as large as its resolution says and turned for display.

    Args:
        pdf: is appended to.
        path: TIFF, JPEG or PNG.
        number: of the page in that file, counted from 1.
        limits: bounds on what is decoded.

    Raises:
        DamagedDocument: the image cannot be decoded.
        PageTooLarge: it claims too many pixels.
    """
    with opened_frame(path, number, limits) as frame:
        if frame.image.mode == "1":
            image = _as_g4(pdf, frame.image)
        elif _can_stay(frame):
            image = _jpeg(pdf, path.read_bytes(), frame.image)
        else:
            image = _as_jpeg(pdf, frame)
        _append(pdf, image, frame.sheet)


def _append(pdf: pikepdf.Pdf, image: pikepdf.Object, sheet: Sheet) -> None:
    _, _, width, height = sheet.box
    page = pdf.add_blank_page()
    page.mediabox = Array(list(sheet.box))
    page.rotation = sheet.turn
    page.obj.Resources = Dictionary(XObject=Dictionary(Scan=image))
    page.obj.Contents = pdf.make_stream(f"q {width:.4f} 0 0 {height:.4f} 0 0 cm /Scan Do Q\n".encode("ascii"))


def _can_stay(frame: Frame) -> bool:
    """Say whether the file's own bytes can be the PDF's image: a grey or colour JPEG that is not mirrored."""
    return frame.image.format == "JPEG" and frame.image.mode in _COLOURS and not frame.mirrored


def _jpeg(pdf: pikepdf.Pdf, data: bytes, image: Image.Image) -> pikepdf.Object:
    return _image(pdf, data, image.size, BitsPerComponent=8, ColorSpace=_COLOURS[image.mode], Filter=Name.DCTDecode)


def _as_jpeg(pdf: pikepdf.Pdf, frame: Frame) -> pikepdf.Object:
    with early_ends_accepted(), broken_files_named():
        frame.image.load()
    upright = ImageOps.exif_transpose(frame.image) if frame.mirrored else frame.image
    plain, data = _plain(upright), io.BytesIO()
    plain.save(data, "JPEG", quality=_QUALITY)
    return _jpeg(pdf, data.getvalue(), plain)


def _plain(image: Image.Image) -> Image.Image:
    """Return the image as grey or RGB of 8 bits, which is all that a plain JPEG holds."""
    if image.mode in _COLOURS and "transparency" not in image.info:
        return image
    if image.mode in ("P", "RGBA", "RGB", "CMYK", "YCbCr"):
        coloured = image.convert("RGBA")
        paper = Image.new("RGBA", coloured.size, "white")
        return Image.alpha_composite(paper, coloured).convert("RGB")
    return Image.fromarray(grey_of(image))


def _as_g4(pdf: pikepdf.Pdf, image: Image.Image) -> pikepdf.Object:
    """Compress black and white without loss (ITU-T T.6) by writing a TIFF of one strip and taking the strip."""
    data = io.BytesIO()
    with broken_files_named():
        image.load()
    image.save(data, "TIFF", compression="group4", tiffinfo={_ROWS_PER_STRIP: image.height})
    data.seek(0)
    with TiffImageFile(data) as written:
        tags = written.tag_v2
        offsets, lengths = tags[_STRIP_OFFSETS], tags[_STRIP_LENGTHS]
        white_is_one = tags[_PHOTOMETRIC] != _MIN_IS_WHITE
    if len(offsets) != 1:
        raise DamagedDocument("its image cannot be copied")
    strip = data.getvalue()[offsets[0] : offsets[0] + lengths[0]]
    parameters = Dictionary(K=-1, Columns=image.width, Rows=image.height, BlackIs1=white_is_one)
    return _image(
        pdf,
        strip,
        image.size,
        BitsPerComponent=1,
        ColorSpace=Name.DeviceGray,
        Filter=Name.CCITTFaxDecode,
        DecodeParms=parameters,
    )


def _image(pdf: pikepdf.Pdf, data: bytes, size: tuple[int, int], **entries: object) -> pikepdf.Object:
    """Add an image with its entries as named in ISO 32000-1, table 89."""
    width, height = size
    stream = pikepdf.Stream(pdf, data, Type=Name.XObject, Subtype=Name.Image, Width=width, Height=height, **entries)
    return pdf.make_indirect(stream)
