"""A PDF of pictures and nothing else, boxes painted into their pixels before anything is written.

Before: the boxes of each page are known. After: there are no words, no layers and no earlier state in the file that
could be taken off again: what is under a box was never in it. The pictures are our own, made when the pages were read.
"""

from __future__ import annotations

import io
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import IO

from PIL import Image, ImageDraw

from mailroom import plugins
from mailroom.domain.redaction import Box

_QUALITY = 80
_POINTS, _DOTS = 72, 120
"""Points of PDF in an inch, and dots of a picture for the screen."""


def painted(picture: IO[bytes], boxes: Sequence[Box], page_width: int) -> tuple[bytes, int, int]:
    """Return the picture of a page with the boxes painted black, as JPEG, with its width and height.

    Args:
        picture: JPEG, of our own making.
        boxes: in pixels of the page.
        page_width: its width in these pixels.
    """
    with Image.open(picture) as opened:
        clean = Image.new("L", opened.size)
        clean.paste(opened.convert("L"))  # pixels alone: nothing else that the file of the picture may hold
    factor = clean.width / page_width
    brush = ImageDraw.Draw(clean)
    for box in (box.scaled(factor) for box in boxes):
        brush.rectangle((int(box.left), int(box.top), int(box.right) + 1, int(box.bottom) + 1), fill=0)
    written = io.BytesIO()
    clean.save(written, "JPEG", quality=_QUALITY)
    return written.getvalue(), clean.width, clean.height


def write_pdf(pages: Iterable[tuple[bytes, int, int]], target: Path) -> None:
    """Write the pictures as a PDF, each a page of its own size."""
    pdf = plugins.load("fpdf:FPDF")(unit="pt")  # which is long to load, and few commands write one
    pdf.set_margin(0)
    pdf.set_auto_page_break(auto=False)
    for picture, width, height in pages:
        size = (width * _POINTS / _DOTS, height * _POINTS / _DOTS)
        pdf.add_page(format=size)
        pdf.image(io.BytesIO(picture), 0, 0, *size)
    pdf.output(str(target))
