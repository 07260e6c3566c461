"""Pages made in code: an invented letter, drawn with the Liberation fonts, in every form in which post arrives."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import fpdf
import numpy as np
import pikepdf
import pytest
from PIL import Image, ImageDraw, ImageFont

from ocr.engine import Engine
from ocr.tesserocr_engine import TesserocrEngine

FONT = "/usr/share/fonts/truetype/liberation/LiberationSans-Regular.ttf"
LINES = (
    "Dear Housing Office",
    "The gutter above my kitchen window has been broken",
    "since the storm of 17 February and the wall is wet.",
    "Please send somebody to look at it before winter.",
    "My telephone number is 01632 960124 and I am at",
    "home on Tuesday and Thursday mornings.",
    "Yours faithfully",
    "Gwendolen Thornbury",
)

Draw = Callable[..., Image.Image]
WriteScan = Callable[..., Path]


@pytest.fixture(scope="session")
def engine() -> Engine:
    """The main engine, opened once for all tests."""
    return TesserocrEngine("eng")


@pytest.fixture(scope="session")
def lines() -> tuple[str, ...]:
    """The words of the letter."""
    return LINES


@pytest.fixture(scope="session")
def draw() -> Draw:
    """Return a function that draws the letter, or other lines, on an A5 sheet across at some resolution."""

    def drawn(
        text: tuple[str, ...] = LINES, x_dpi: int = 300, y_dpi: int = 300, ink: int = 0, paper: int = 255
    ) -> Image.Image:
        page = Image.new("L", (round(8.27 * 300), round(5.83 * 300)), paper)
        font = ImageFont.truetype(FONT, 56)
        ImageDraw.Draw(page).multiline_text((200, 250), "\n".join(text), font=font, fill=ink, spacing=40)
        return page.resize((round(8.27 * x_dpi), round(5.83 * y_dpi)), Image.Resampling.LANCZOS)

    return drawn


@pytest.fixture(scope="session")
def letter(draw: Draw) -> Image.Image:
    """The letter as a clean 300 dpi scan."""
    page = np.asarray(draw(paper=250, ink=20)).astype(np.float64)
    noise = np.random.default_rng(7).normal(0, 3, page.shape)
    return Image.fromarray(np.clip(page + noise, 0, 255).astype(np.uint8))


@pytest.fixture
def scan_pdf(tmp_path: Path) -> WriteScan:
    """Return a function that writes a PDF whose one page is a JPEG scan, with changes to taste."""

    def write(image: Image.Image, name: str = "scan.pdf", content: bytes = b"", **page_entries: object) -> Path:
        jpeg = tmp_path / "scan.jpg"
        image.save(jpeg, quality=90)
        width, height = image.width * 72 / 300, image.height * 72 / 300
        with pikepdf.new() as pdf:
            page = pdf.add_blank_page(page_size=(width, height))
            scan = pikepdf.Stream(
                pdf,
                jpeg.read_bytes(),
                Type=pikepdf.Name.XObject,
                Subtype=pikepdf.Name.Image,
                Width=image.width,
                Height=image.height,
                BitsPerComponent=8,
                ColorSpace=pikepdf.Name.DeviceGray,
                Filter=pikepdf.Name.DCTDecode,
            )
            font = pikepdf.Dictionary(
                Type=pikepdf.Name.Font, Subtype=pikepdf.Name.Type1, BaseFont=pikepdf.Name.Helvetica
            )
            page.obj.Resources = pikepdf.Dictionary(
                XObject=pikepdf.Dictionary(Scan=pdf.make_indirect(scan)), Font=pikepdf.Dictionary(F1=font)
            )
            drawing = f"q {width} 0 0 {height} 0 0 cm /Scan Do Q\n".encode()
            page.obj.Contents = pdf.make_stream(drawing + content)
            for key, value in page_entries.items():
                page.obj[f"/{key}"] = value
            pdf.save(tmp_path / name)
        return tmp_path / name

    return write


@pytest.fixture
def typed_pdf(tmp_path: Path) -> Callable[..., Path]:
    """Return a function that writes a born-digital PDF of one or more pages."""

    def write(*pages: tuple[str, ...], name: str = "typed.pdf") -> Path:
        pdf = fpdf.FPDF()
        pdf.add_font("Liberation", "", FONT)
        pdf.set_font("Liberation", size=12)
        for text in pages or (LINES,):
            pdf.add_page()
            for line in text:
                pdf.cell(text=line, new_x=fpdf.XPos.LMARGIN, new_y=fpdf.YPos.NEXT)
        pdf.output(str(tmp_path / name))
        return tmp_path / name

    return write
