"""Renders one item of the sample post: from its text to the bytes that arrive.

Before: `manifest` says what it is. After: `samples/render.py` writes the bytes where the channel looks for them.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
from PIL import Image

from rendering import files
from rendering.born_digital import born_digital
from rendering.fax import ACROSS, fax
from rendering.letter_text import Line, pages_of
from rendering.mail import message
from rendering.manifest import Fault, Form, Item
from rendering.scanner import LOOKS, Grey, back_of, scan, turned
from rendering.sheet import Style, draw_page

PASSWORD = "kettle-1926"  # noqa: S105 - of one rendered sample, told to everybody in the README
_SHARE_KEPT = 0.6
_SCREENSHOT = Style(face="sans", points=13)
_SCREENSHOT_DPI = 110


def render(item: Item, letters: Path) -> bytes:
    """Return the bytes of an item; equal inputs and libraries give equal bytes.

    Args:
        item: the entry of the manifest.
        letters: folder of the texts.

    Raises:
        FileNotFoundError: its text or a typeface is missing.
        ValueError: its text does not fit on its pages.
    """
    text = _text(letters, item.letter) if item.letter else ""
    rng = np.random.default_rng(zlib.crc32(str(item.file).encode()))
    whole = _RENDERERS[item.form](item, text, letters, rng)
    return whole[: int(len(whole) * _SHARE_KEPT)] if item.fault is Fault.CUT_SHORT else whole


def _text(letters: Path, name: str) -> str:
    return (letters / f"{name}.txt").read_text(encoding="utf-8")


def _pages(text: str) -> tuple[tuple[Line, ...], ...]:
    return pages_of(text) if text else ((),)


def _scans(item: Item, text: str, rng: np.random.Generator) -> list[Grey]:
    dpi, look = item.scan.dpi, LOOKS[item.scan.look]
    sides: list[Grey] = []
    for number, lines in enumerate(_pages(text)):
        style = item.style if number == 0 else replace(item.style, stamp=())
        front = np.asarray(draw_page(lines, style, dpi, rng))
        printed = [front, back_of(front)] if item.scan.backs else [front]
        sides += [turned(scan(side, look, dpi, rng), item.scan.turn) for side in printed]
    return sides


def _scanned_pdf(item: Item, text: str, _: Path, rng: np.random.Generator) -> bytes:
    return files.scanned_pdf(_scans(item, text, rng), item.scan.dpi)


def _jpeg(item: Item, text: str, _: Path, rng: np.random.Generator) -> bytes:
    return files.jpeg(_scans(item, text, rng)[0], item.scan.dpi)


def _png(item: Item, text: str, _: Path, rng: np.random.Generator) -> bytes:
    return files.png(_scans(item, text, rng)[0], item.scan.dpi)


def _grey_tiff(item: Item, text: str, _: Path, rng: np.random.Generator) -> bytes:
    return files.grey_tiff(_scans(item, text, rng)[0], item.scan.dpi)


def _group4_tiff(item: Item, text: str, _: Path, rng: np.random.Generator) -> bytes:
    return files.group4_tiff(_scans(item, text, rng), item.scan.dpi)


def _fax(item: Item, text: str, _: Path, rng: np.random.Generator) -> bytes:
    pages: list[Image.Image] = [draw_page(lines, item.style, ACROSS, rng) for lines in _pages(text)]
    return fax(pages, item.header, 98 if item.form is Form.FAX_STANDARD else 196, rng)


def _born_digital(item: Item, text: str, _: Path, __: np.random.Generator) -> bytes:
    password = PASSWORD if item.fault is Fault.ENCRYPTED else None
    return born_digital(_pages(text), item.style.face, item.style.points, password=password)


def _message(item: Item, text: str, letters: Path, rng: np.random.Generator) -> bytes:
    if item.envelope is None:
        raise ValueError(f"sample {item.file} has no mail table")
    picture = _screenshot(_text(letters, item.envelope.attachment), rng) if item.envelope.attachment else None
    return message(item.envelope, text, item.received, zlib.crc32(str(item.file).encode()) % 10_000, picture)


def _screenshot(text: str, rng: np.random.Generator) -> bytes:
    page = draw_page(pages_of(text)[0], _SCREENSHOT, _SCREENSHOT_DPI, rng)
    half = page.crop((0, 0, page.width, page.height // 2))
    return files.jpeg(np.asarray(half), _SCREENSHOT_DPI)


def _as_it_is(_: Item, text: str, __: Path, ___: np.random.Generator) -> bytes:
    return text.encode()


_RENDERERS: dict[Form, Callable[[Item, str, Path, np.random.Generator], bytes]] = {
    Form.SCANNED_PDF: _scanned_pdf,
    Form.JPEG: _jpeg,
    Form.PNG: _png,
    Form.GREY_TIFF: _grey_tiff,
    Form.GROUP4_TIFF: _group4_tiff,
    Form.FAX_STANDARD: _fax,
    Form.FAX_FINE: _fax,
    Form.BORN_DIGITAL: _born_digital,
    Form.MESSAGE: _message,
    Form.TEXT: _as_it_is,
}
