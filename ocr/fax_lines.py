"""Says whether lines of a fax-compressed TIFF are lost, which its decoder fills with white without raising an error.

Before: `image_page` has decoded it with Pillow, which silences libtiff's warnings. After: the page may be marked as
damaged. OpenCV passes the warnings on, so the page is decoded a second time, for some 15 ms, only to hear them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path

import cv2

from ocr.complaints import complaints

FAX_COMPRESSIONS = ("group3", "group4")
"""Pillow's names of ITU-T T.4 and T.6."""

_MOST_BAD_LINES = 0.01
_LOST = re.compile(r"Fax(?P<kind>[34])\w*: .* at line (?P<line>\d+) of strip (?P<strip>\d+)")


def lines_are_lost(path: Path, number: int) -> bool:
    """Decode a page, counted from 1, and say whether more of its lines are lost than any telephone line loses.

    A page that OpenCV does not take, though Pillow does, is given the benefit of the doubt.
    """
    level = cv2.utils.logging.setLogLevel(cv2.utils.logging.LOG_LEVEL_WARNING)
    try:
        with complaints() as heard:
            _, pages = cv2.imreadmulti(str(path), number - 1, 1, flags=cv2.IMREAD_GRAYSCALE)
    except cv2.error:
        return False
    finally:
        cv2.utils.logging.setLogLevel(level)
    return bool(pages) and tells_of_lost_lines(heard, pages[0].shape[0])


def tells_of_lost_lines(heard: Iterable[str], rows: int) -> bool:
    """Judge libtiff's complaints.

    In T.6 every line is coded as its difference from the one above, so that one bad line loses the rest of its strip.
    In T.4 the next line starts anew: up to one bad line in a hundred is an ordinary fax. A complaint about the very
    last line is the mark of the end of the page.
    """
    lost = [match for match in map(_LOST.search, heard) if match and int(match["line"]) < rows - 1]
    if any(match["kind"] == "4" for match in lost):
        return True
    return len({(match["strip"], match["line"]) for match in lost}) > _MOST_BAD_LINES * rows
