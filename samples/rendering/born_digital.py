"""Sets a letter as a PDF that was never on paper: its text is text.

Before: `letter_text` has read the lines. After: the file lies in the post room's folder or goes as an attachment.
"""

from __future__ import annotations

from fpdf import FPDF
from fpdf.enums import EncryptionMethod, XPos, YPos

from rendering.files import new_pdf
from rendering.letter_text import Kind, Line, boxes_of
from rendering.typefaces import font_file

_LEFT, _WIDTH = 22.0, 166.0
_RIGHT_BLOCK = 130.0


def born_digital(
    pages: tuple[tuple[Line, ...], ...], face: str, points: float, *, password: str | None = None
) -> bytes:
    """Return the PDF of a letter.

    Args:
        pages: the lines of each page.
        face: typeface, one of `typefaces.FACES`.
        points: size of the text.
        password: needed to open it, or None. RC4 with 128 bits: weak, but still met, and the same bytes every time.
    """
    document = new_pdf("Wordsmith 9")
    document.set_margins(_LEFT, 18, 22)
    document.add_font("face", "", font_file(face))
    document.add_font("face", "B", font_file(face, bold=True))
    for lines in pages:
        document.add_page()
        for line in lines:
            _put(document, line, points)
    if password is not None:
        document.set_encryption(
            owner_password=f"{password}-owner", user_password=password, encryption_method=EncryptionMethod.RC4
        )
    return bytes(document.output())


def _put(document: FPDF, line: Line, points: float) -> None:
    height = points * 0.47
    document.set_font("face", "B" if line.kind in {Kind.BOLD, Kind.LETTERHEAD} else "", points)
    if line.kind is Kind.GAP:
        document.ln(height * 0.8)
    elif line.kind is Kind.BOXES:
        _row(document, boxes_of(line.text), height)
    elif line.kind in {Kind.TICKED, Kind.UNTICKED}:
        _words(document, f"[{'X' if line.kind is Kind.TICKED else ' '}] {line.text}", height)
    elif line.kind is Kind.RIGHT:
        document.set_x(_RIGHT_BLOCK)
        _words(document, line.text, height)
    else:
        _words(document, line.text, height, centred=line.kind is Kind.LETTERHEAD)


def _words(document: FPDF, text: str, height: float, *, centred: bool = False) -> None:
    align = "C" if centred else "L"
    document.multi_cell(0, height, text, align=align, new_x=XPos.LMARGIN, new_y=YPos.NEXT)


def _row(document: FPDF, cells: list[tuple[str, str]], height: float) -> None:
    for label, value in cells:
        document.cell(_WIDTH / len(cells), height * 1.7, f"{label}: {value}", border=1)
    document.ln(height * 2)
