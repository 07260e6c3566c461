"""An empty sheet of A4 with fonts that have every letter we write, Welsh among them.

Before: something is to be printed. After: `replies/letter_reply.py` writes a letter on it, `evidence/certificate.py`
a certificate.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from fpdf import FPDF

from mailroom.domain.errors import Misconfigured

_FONTS = Path("/usr/share/fonts/truetype")
FACES = (_FONTS / "liberation/LiberationSans-Regular.ttf", _FONTS / "dejavu/DejaVuSans.ttf")
"""Font files; the first that is there is used, the others lend it characters that it lacks."""

PLAIN = "plain"
"""The face that a sheet begins with."""

TO_BE_TYPED = "typed"
"""The face for what somebody may have to type from paper: in it no letter looks like another, or like a figure."""

_TYPED = (_FONTS / "liberation/LiberationMono-Regular.ttf", _FONTS / "dejavu/DejaVuSansMono.ttf")


def sheet_with_fonts(sheet: FPDF, what: str, title: str, made_at: datetime, faces: Sequence[Path] = FACES) -> FPDF:
    """Give the sheet its fonts, its title and its date, at ten points.

    Args:
        sheet: nothing stands on it yet.
        what: what cannot be made without fonts, as a sentence begins.
        title: of the document.
        made_at: its date.
        faces: font files.

    Raises:
        Misconfigured: none of the fonts is installed.
    """
    there = [face for face in faces if face.is_file()]
    if not there:
        wanted = " or ".join(str(face) for face in faces)
        raise Misconfigured(f"{what} cannot be made: there is no {wanted}. Install fonts-liberation.")
    sheet.set_creation_date(made_at)
    sheet.set_title(title)
    names = [PLAIN, *(f"face{number}" for number, _ in enumerate(there[1:]))]
    for name, face in zip(names, there, strict=True):
        sheet.add_font(name, fname=face)
    sheet.set_fallback_fonts(names[1:])
    sheet.set_font(PLAIN, size=10)
    return sheet


def with_typed_face(sheet: FPDF) -> None:
    """Give a sheet that has its fonts the face `TO_BE_TYPED`, as well as this machine can."""
    face = next(face for face in (*_TYPED, *FACES) if face.is_file())
    sheet.add_font(TO_BE_TYPED, fname=face)
