"""Answers by letter: a sheet of A4 that folds into a window envelope, made for a person to print and post.

Before: somebody has given their word for a letter (`desk/printing.py`). After: the PDF comes back; nothing leaves the
house by itself. The text comes ready, in English or Welsh, and holds nothing of what the sender wrote.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path

from fpdf import FPDF
from fpdf.enums import XPos, YPos

from mailroom.domain.days_in_words import day_in_words
from mailroom.domain.errors import Cause, NeedsPerson
from mailroom.ports import Message
from mailroom.printable import FACES, sheet_with_fonts

_LEFT, _RIGHT, _TOP = 24.0, 20.0, 14.0
_BLOCK_TOP, _BLOCK_LINE, _MOST_LINES = 58.0, 3.8, 6
"""Millimetres. The window of a DL envelope (110 x 220) is 35 high, 18 from below and 20 from the left; a sheet folded
to 99 can slide by 11 in it, so what is always in sight lies between 57 and 81 from the top of the sheet."""
_FOLDS = (99.0, 198.0)
_BODY_TOP = 104.0


class LetterReply:
    """Makes letters.

    Args:
        council: the name at their head.
        address: its address, line by line.
        contact: how to reach us, in one line.
        now: the time of day, for the date of the letter.
        faces: font files; the first that is there is used, the others lend it characters that it lacks.
    """

    def __init__(
        self,
        council: str,
        address: Sequence[str],
        contact: str,
        now: Callable[[], datetime],
        faces: Sequence[Path] = FACES,
    ) -> None:
        self._head = (council, *address, contact)
        self._now = now
        self._faces = faces

    def send(self, message: Message) -> bytes:
        """Return the letter as a PDF; nothing is sent. See `mailroom.ports.Reply`.

        Raises:
            Misconfigured: none of the fonts is installed.
            NeedsPerson: the address does not fit the window.
        """
        block = message.address.splitlines()
        if not 0 < len(block) <= _MOST_LINES:
            sentence = f"The address has {len(block)} lines; the window of the envelope shows 1 to {_MOST_LINES}."
            raise NeedsPerson(Cause.CONFLICT, sentence)
        sheet = self._sheet(message.subject)
        self._letterhead(sheet, message.language)
        _address(sheet, block)
        _body(sheet, message)
        return bytes(sheet.output())

    def _sheet(self, title: str) -> FPDF:
        sheet = FPDF(format="A4", unit="mm")
        sheet.set_margins(_LEFT, _TOP, _RIGHT)
        sheet_with_fonts(sheet, "Letters", title, self._now(), self._faces)
        sheet.add_page()
        return sheet

    def _letterhead(self, sheet: FPDF, language: str) -> None:
        council, *rest = self._head
        sheet.set_font_size(15)
        _line(sheet, council, 8)
        sheet.set_font_size(9)
        for line in rest:
            _line(sheet, line, 4.2)
        sheet.set_font_size(10)
        sheet.set_xy(_LEFT, _BODY_TOP - 10)
        _line(sheet, day_in_words(self._now(), language), 5)


def _address(sheet: FPDF, block: Sequence[str]) -> None:
    sheet.set_xy(_LEFT, _BLOCK_TOP)
    for line in block:
        _line(sheet, line, _BLOCK_LINE)
    sheet.set_line_width(0.1)
    for fold in _FOLDS:
        sheet.line(4, fold, 8, fold)


def _body(sheet: FPDF, message: Message) -> None:
    sheet.set_xy(_LEFT, _BODY_TOP)
    sheet.set_font_size(12)
    sheet.multi_cell(0, 6, message.subject, align="L", new_x=XPos.LMARGIN, new_y=YPos.NEXT)
    sheet.ln(4)
    sheet.set_font_size(11)
    for paragraph in message.text.strip().split("\n\n"):
        for line in paragraph.split("\n") if message.flowing else [paragraph]:
            sheet.multi_cell(0, 5.4, " ".join(line.split()), align="L", new_x=XPos.LMARGIN, new_y=YPos.NEXT)
        sheet.ln(3)


def _line(sheet: FPDF, text: str, height: float) -> None:
    sheet.cell(0, height, text, new_x=XPos.LMARGIN, new_y=YPos.NEXT)
