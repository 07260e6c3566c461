"""The portable engine: the tesseract program, for machines without a wheel of tesserocr. One run a page.

It starts a process for each page, so it cannot be used inside the sandbox; results are the same, at about 0.2 s more.
"""

from __future__ import annotations

from pathlib import Path

import pytesseract
from PIL import Image

from ocr.engine import Grey, Reading
from ocr.errors import EngineMissing
from ocr.tessdata import find_tessdata
from ocr.tsv import reading_from_tsv


class PytesseractEngine:
    """Tesseract through its command line.

    Args:
        languages: as Tesseract writes them, for instance `eng+cym`; each must be installed.
        tessdata: folder of the models, or None to look in the usual places.

    Raises:
        EngineMissing: there is no tesseract program on the path.
        MissingLanguage: a model is not installed.
    """

    def __init__(self, languages: str = "eng", tessdata: Path | None = None) -> None:
        try:
            version = pytesseract.get_tesseract_version()
        except pytesseract.TesseractNotFoundError as error:
            raise EngineMissing(
                "The program tesseract is not installed (Debian, Ubuntu: apt-get install tesseract-ocr)."
            ) from error
        self._languages = languages
        self._tessdata = find_tessdata(languages, tessdata)
        self.name = f"pytesseract {version} {languages}"

    def recognise(self, image: Grey, dpi: int) -> Reading:
        """Read one upright page (see `ocr.engine.Engine`)."""
        picture = Image.fromarray(image)
        picture.format = "BMP"  # what pytesseract hands over; its default, PNG, costs a second on a noisy page
        table = pytesseract.image_to_data(
            picture, lang=self._languages, config=f'--dpi {dpi} --oem 1 --psm 3 --tessdata-dir "{self._tessdata}"'
        )
        return reading_from_tsv(table)
