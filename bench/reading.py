"""What reading a page costs beside the engine alone: `python -m bench.reading` (make bench-reading).

Both sides read the same letter in the same run with the same open engine, by turns: A, the bare engine on pixels that
are already in memory; B, everything from the file to the searchable copy (outline, read_page, make_searchable). CPU
seconds of this process. Prints a table and writes `bench/reading.json`.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pikepdf
from PIL import Image, ImageDraw, ImageFilter, ImageFont
from rapidfuzz.distance import Levenshtein

from bench.figures import Figure, publish
from ocr.document import outline
from ocr.engine import Grey
from ocr.image_page import picture_of_image
from ocr.limits import PageLimits
from ocr.page import read_page
from ocr.searchable import make_searchable
from ocr.tesserocr_engine import TesserocrEngine

ROUNDS = 9
GOAL_RATIO = 1.15
GOAL_CER = 0.5
DPI = 300
FONT = "/usr/share/fonts/truetype/liberation/LiberationSerif-Regular.ttf"

LETTER = """Mrs G. Thornbury
14 Quarry Lane
Little Meadow
ZZ9 4QT

The Housing Office
Harbour District Council
Harbour ZZ1 1AA

9 November 2026

Dear Sir or Madam

Re: damp in the back bedroom, tenancy 40718823

I wrote to you in August about the damp in the back bedroom and have had no reply. The
wall beside the window is now black from the floor to the height of my knee, and the
paper has come away in two places. My grandson sleeps in this room and has had a cough
since the end of September.

On 3 October a man from your contractor came, took four photographs and told me that
somebody would be in touch within ten working days. Nobody has been. I telephoned on
20 October and again on 2 November and was told both times that there was no job on
the system.

Please tell me by return when the work will be done. The gutter above the window has
been broken since the storm of 17 February, and I believe that this is where the water
comes from. I enclose a copy of my last letter and the card that your contractor left.

I pay my rent of £118.42 a week by standing order and am not in arrears. If I do not
hear from you by the end of the month I shall take the matter to the Ombudsman.

Yours faithfully

Gwendolen Thornbury"""


def scanned_letter() -> Image.Image:
    """Return the letter as an A4 scanner would give it: 300 dpi, grey, half a degree askew, a little soft and noisy."""
    page = Image.new("L", (2480, 3508), 252)
    font = ImageFont.truetype(FONT, 50)
    ImageDraw.Draw(page).multiline_text((300, 300), LETTER, font=font, fill=25, spacing=14)
    page = page.rotate(0.5, Image.Resampling.BICUBIC, fillcolor=252).filter(ImageFilter.GaussianBlur(0.7))
    noise = np.random.default_rng(26).normal(0, 4, (page.height, page.width))
    return Image.fromarray(np.clip(np.asarray(page) + noise, 0, 255).astype(np.uint8))


def write_originals(folder: Path) -> dict[str, Path]:
    """Write the letter in each of the three forms that scanners send."""
    letter = scanned_letter()
    jpeg, tiff, pdf = folder / "letter.jpg", folder / "letter.tif", folder / "letter.pdf"
    letter.save(jpeg, quality=85, dpi=(DPI, DPI))
    letter.save(tiff, dpi=(DPI, DPI))
    with pikepdf.new() as document:
        page = document.add_blank_page(page_size=(595.2, 841.92))
        scan = pikepdf.Stream(
            document,
            jpeg.read_bytes(),
            Type=pikepdf.Name.XObject,
            Subtype=pikepdf.Name.Image,
            Width=letter.width,
            Height=letter.height,
            BitsPerComponent=8,
            ColorSpace=pikepdf.Name.DeviceGray,
            Filter=pikepdf.Name.DCTDecode,
        )
        page.obj.Resources = pikepdf.Dictionary(XObject=pikepdf.Dictionary(Scan=document.make_indirect(scan)))
        page.obj.Contents = document.make_stream(b"q 595.2 0 0 841.92 0 0 cm /Scan Do Q")
        document.save(pdf)
    return {"JPEG in PDF": pdf, "JPEG": jpeg, "grey TIFF": tiff}


def whole_journey(original: Path, engine: TesserocrEngine, folder: Path) -> str:
    """Do all that the workshop does with a document and return its text."""
    pages = len(outline(original).pages)
    readings = [read_page(original, number, engine, folder) for number in range(1, pages + 1)]
    make_searchable(original, readings, folder / "searchable.pdf")
    return "\n".join(reading.text for reading in readings)


def cpu_seconds(work: Callable[[], object]) -> float:
    """Return the CPU seconds of this process that the work takes."""
    start = time.process_time()
    work()
    return time.process_time() - start


def side_by_side(original: Path, pixels: Grey, engine: TesserocrEngine, folder: Path) -> list[tuple[float, float]]:
    """Return what the bare engine and the whole cost in each round, taken by turns after one round to warm up."""
    rounds = [
        (
            cpu_seconds(lambda: engine.recognise(pixels, DPI)),
            cpu_seconds(lambda: whole_journey(original, engine, folder)),
        )
        for _ in range(ROUNDS + 1)
    ]
    return rounds[1:]


def character_errors(text: str) -> float:
    """Return the character error rate in per cent, white space folded."""
    read, true = " ".join(text.split()), " ".join(LETTER.split())
    return 100 * Levenshtein.distance(read, true) / len(true)


def result(name: str, value: float, unit: str, goal: float, how: str) -> Figure:
    """Return one figure of the results; a goal is the most that holds."""
    return Figure(name, round(value, 3), unit, goal, value <= goal, how)


def measure(folder: Path) -> list[Figure]:
    """Measure each form of the letter."""
    engine = TesserocrEngine()
    rows: list[Figure] = []
    for form, original in write_originals(folder).items():
        picture = folder / "letter.tif" if form == "grey TIFF" else folder / "letter.jpg"
        pixels = picture_of_image(picture, 1, PageLimits()).pixels
        rounds = side_by_side(original, pixels, engine, folder)
        bare, whole = (min(one[side] for one in rounds) for side in (0, 1))
        how = f"the least of {ROUNDS} rounds by turns, {engine.name}: bare {bare:.3f} s, whole {whole:.3f} s CPU"
        rows.append(result(f"{form}: whole reading over bare engine", whole / bare, "ratio", GOAL_RATIO, how))
        errors = character_errors(whole_journey(original, engine, folder))
        rows.append(result(f"{form}: character errors", errors, "%", GOAL_CER, "Levenshtein, white space folded"))
    return rows


def main() -> None:
    """Measure, print and write the results."""
    with tempfile.TemporaryDirectory() as folder:
        publish("reading", measure(Path(folder)))


if __name__ == "__main__":
    main()
