"""Makes a fax: 1728 dots a line, black and white, the sender's line on top, specks and lost lines from the telephone.

Before: `sheet` has drawn the clean pages at the fax's own dots per inch. After: the TIFF a fax server lays down.
Resolutions are those of ITU-T T.4: 204 dots per inch across, 98 (standard) or 196 (fine) lines per inch down.
"""

from __future__ import annotations

import io

import cv2
import numpy as np
from PIL import Image, ImageDraw

from rendering.scanner import Grey, black_and_white
from rendering.typefaces import font

ACROSS = 204
_WIDTH = 1728
_HEADER_ROWS = 34


def fax(pages: list[Image.Image], header: str, down: int, rng: np.random.Generator) -> bytes:
    """Return a Group 3 TIFF of the pages.

    Args:
        pages: grey pages of A4 at 204 dots per inch both ways.
        header: what the sending machine writes on top of each page; the page number is added.
        down: lines per inch: 98 or 196.
        rng: source of the line's errors.
    """
    total = len(pages)
    headed = [_with_header(page, f"{header}  P.{n:03d}/{total:03d}") for n, page in enumerate(pages, start=1)]
    sent = [Image.fromarray(_sent(page, down, rng)).convert("1", dither=Image.Dither.NONE) for page in headed]
    buffer = io.BytesIO()
    options = {"compression": "group3", "dpi": (ACROSS, down), "save_all": True}
    sent[0].save(buffer, "TIFF", append_images=sent[1:], **options)
    return buffer.getvalue()


def _with_header(page: Image.Image, header: str) -> Grey:
    wide = Image.new("L", (_WIDTH, page.height), 255)
    wide.paste(page, ((_WIDTH - page.width) // 2, 0))
    ImageDraw.Draw(wide).text((60, 4), header, font=font("typewriter", _HEADER_ROWS - 8), fill=0)
    return np.asarray(wide)


def _sent(page: Grey, down: int, rng: np.random.Generator) -> Grey:
    rows = round(page.shape[0] * down / ACROSS)
    squashed = cv2.resize(page, (_WIDTH, rows), interpolation=cv2.INTER_AREA).astype(np.uint8)
    dots = black_and_white(squashed)
    for _ in range(120):
        row, column = int(rng.integers(rows)), int(rng.integers(_WIDTH - 2))
        dots[row, column : column + int(rng.integers(1, 3))] = 0
    lost = rng.choice(np.arange(_HEADER_ROWS, rows), size=4, replace=False)
    dots[lost] = dots[lost - 1]
    return dots
