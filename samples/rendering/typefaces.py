"""The typefaces of the sample post: the Liberation fonts that every Debian and Ubuntu has a package for.

Before: nothing. After: `sheet`, `fax` and `born_digital` set text with them.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

from PIL import ImageFont

_FOLDER = Path("/usr/share/fonts/truetype/liberation")
_FILES = {
    "serif": ("LiberationSerif-Regular.ttf", "LiberationSerif-Bold.ttf"),
    "sans": ("LiberationSans-Regular.ttf", "LiberationSans-Bold.ttf"),
    "narrow": ("LiberationSansNarrow-Regular.ttf", "LiberationSansNarrow-Bold.ttf"),
    "typewriter": ("LiberationMono-Regular.ttf", "LiberationMono-Bold.ttf"),
    "pen": ("LiberationSerif-Italic.ttf", "LiberationSerif-BoldItalic.ttf"),
}
FACES = tuple(_FILES)


def font_file(face: str, *, bold: bool = False) -> Path:
    """Return the file of a typeface.

    Args:
        face: one of `FACES`.
        bold: the heavy cut.

    Raises:
        FileNotFoundError: the font is not installed; the message says which package has it.
    """
    path = _FOLDER / _FILES[face][bold]
    if not path.is_file():
        raise FileNotFoundError(f"font {path} is missing: install it with  apt-get install fonts-liberation")
    return path


@cache
def font(face: str, pixels: int, *, bold: bool = False) -> ImageFont.FreeTypeFont:
    """Return a typeface at a size in pixels, ready to draw with."""
    return ImageFont.truetype(font_file(face, bold=bold), pixels)
