"""Takes the words that a PDF page holds as text, with their places, without judging them.

Before: `text_layer` has a page open. After: it decides whether the words say what the page shows.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from ctypes import byref, c_double, c_int
from dataclasses import dataclass

import pypdfium2
from pypdfium2 import raw

from ocr.engine import Box, Word

_MOST_CHARACTERS = 100_000
_HYPHEN_AT_LINE_END = 0x02
_REPLACEMENT = 0xFFFD
_PRIVATE_USE = range(0xE000, 0xF900)
_FIRST_PRINTABLE = 0x20


@dataclass(frozen=True, slots=True)
class PageText:
    """What the page's own text says, before it is judged.

    Attributes:
        words: boxes in pixels at the dpi asked for, as the page is shown; confidence 1.
        broken: characters without a meaning in Unicode.
        characters: all characters but white space.
    """

    words: tuple[Word, ...]
    broken: int
    characters: int


def page_text(page: pypdfium2.PdfPage, dpi: int) -> PageText | None:
    """Return the page's own text, or None where there is more of it than any real page has."""
    textpage = page.get_textpage()
    try:
        count = textpage.count_chars()
        return _taken(page, textpage, count, dpi) if count <= _MOST_CHARACTERS else None
    finally:
        textpage.close()


def _taken(page: pypdfium2.PdfPage, textpage: pypdfium2.PdfTextPage, count: int, dpi: int) -> PageText:
    characters = [_character(raw.FPDFText_GetUnicode(textpage, index)) for index in range(count)]
    broken = sum(_is_broken(textpage, index, code) for index, code in enumerate(characters))
    place = _Placement(page, textpage, dpi)
    words = tuple(
        Word("".join(map(_printable, characters[start:end])), 1.0, place.box(start, end), line)
        for line, start, end in _word_spans(characters)
    )
    return PageText(words, broken, sum(not _is_space(code) for code in characters))


def _character(code: int) -> int:
    """Return the code, or the replacement character for what is none: half a pair, or beyond the end of Unicode."""
    return _REPLACEMENT if 0xD800 <= code <= 0xDFFF or code > sys.maxunicode else code


def _is_space(code: int) -> bool:
    return code == 0 or chr(code).isspace()


def _is_broken(textpage: pypdfium2.PdfTextPage, index: int, code: int) -> bool:
    """Say whether a character has no meaning: unknown to the font's own map, private to a font, or a control."""
    if code == _HYPHEN_AT_LINE_END or _is_space(code):
        return False
    meaningless = code == _REPLACEMENT or code in _PRIVATE_USE or code < _FIRST_PRINTABLE
    return meaningless or bool(raw.FPDFText_HasUnicodeMapError(textpage, index) == 1)


def _printable(code: int) -> str:
    return "-" if code == _HYPHEN_AT_LINE_END else chr(code)


def _word_spans(characters: list[int]) -> Iterator[tuple[int, int, int]]:
    """Yield line number, first character and end of each word; PDFium ends a line with carriage return, line feed."""
    line, start = 0, None
    for index, code in enumerate([*characters, 0x0A]):
        if not _is_space(code):
            start = index if start is None else start
            continue
        if start is not None:
            yield line, start, index
            start = None
        if code == 0x0A:
            line += 1


class _Placement:
    """Finds where characters lie on the page as shown, in pixels."""

    def __init__(self, page: pypdfium2.PdfPage, textpage: pypdfium2.PdfTextPage, dpi: int) -> None:
        self._page, self._textpage = page, textpage
        self._width, self._height = (round(side * dpi / 72) for side in page.get_size())
        self._edges = (c_double(), c_double(), c_double(), c_double())

    def box(self, start: int, end: int) -> Box:
        """Return the box around the characters from `start` to before `end`."""
        left, right, bottom, top = self._edges
        corners: list[tuple[int, int]] = []
        for index in (start, end - 1) if end - start > 1 else (start,):
            raw.FPDFText_GetCharBox(self._textpage, index, byref(left), byref(right), byref(bottom), byref(top))
            corners += [self._pixel(left.value, bottom.value), self._pixel(right.value, top.value)]
        across, down = [x for x, _ in corners], [y for _, y in corners]
        return min(across), min(down), max(across), max(down)

    def _pixel(self, x: float, y: float) -> tuple[int, int]:
        across, down = c_int(), c_int()
        raw.FPDF_PageToDevice(self._page, 0, 0, self._width, self._height, 0, x, y, byref(across), byref(down))
        return across.value, down.value
