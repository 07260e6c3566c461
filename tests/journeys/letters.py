"""Post of several kinds, made in code: each letter's bytes are its own, and each is one that the rules can sort."""

import io
import smtplib
from collections.abc import Callable

from fpdf import FPDF
from PIL import Image, ImageDraw, ImageFont

_FONT = "/usr/share/fonts/truetype/liberation/LiberationSans-Regular.ttf"
_A4_AT_150 = (1240, 1754)


def text_letter(number: int) -> bytes:
    return _words(number).encode()


def pdf_letter(number: int) -> bytes:
    """A page with its own words, as a word processor makes it."""
    pdf = FPDF()
    pdf.add_page()
    pdf.set_font("Helvetica", size=12)
    pdf.multi_cell(0, 8, _words(number))
    return bytes(pdf.output())


def jpeg_letter(number: int, *, black: bool = False) -> bytes:
    """A scanned page that must be read; black is the paper's lower two thirds, where asked for."""
    sheet = Image.new("L", _A4_AT_150, 255)
    draw = ImageDraw.Draw(sheet)
    draw.text((100, 120), _words(number), 0, ImageFont.truetype(_FONT, 28))
    if black:
        draw.rectangle((0, 560, *_A4_AT_150), fill=0)
    made = io.BytesIO()
    sheet.save(made, "JPEG", quality=80, dpi=(150, 150))
    return made.getvalue()


def mixed_post(count: int) -> dict[str, bytes]:
    """Return letters by file name: of ten, seven are text, two are PDF and one is a scan."""
    return {_name(number): _maker(number)(number) for number in range(count)}


def mail(port: int, number: int) -> int:
    """Hand a mail over by LMTP; return how it was answered."""
    head = f"Message-ID: <{number}@client.example>\r\nFrom: ann@client.example\r\nSubject: Bin {number}\r\n\r\n"
    with smtplib.LMTP("127.0.0.1", port, timeout=60) as client:
        client.ehlo()
        client.mail("ann@client.example")
        said, _ = client.rcpt("contact@harrowdale.example")
        return client.data(f"{head}My bin was missed.\r\n")[0] if said == 250 else said


def _maker(number: int) -> Callable[[int], bytes]:
    return {3: pdf_letter, 6: pdf_letter, 9: jpeg_letter}.get(number % 10, text_letter)


def _name(number: int) -> str:
    return f"letter-{number:03}.{_maker(number).__name__.removesuffix('_letter').replace('text', 'txt')}"


def _words(number: int) -> str:
    return (
        f"{number + 1} Gower Road\nHarrowdale HD2 3AB\n\n14 November 2026\n\n"
        "Dear Sir or Madam,\n\nMissed bin collection\n\nMy recycling bin was not collected on Tuesday. The crew\n"
        f"missed our bins at number {number + 1} again. Please collect the missed bin\nas soon as you can.\n\n"
        "Yours faithfully,\n\nJane Example\n"
    )
