"""The reading workshop: page images in, text with boxes and confidences out; it knows nothing of letters.

Pages are read in parallel by processes, never by threads: OpenMP inside Tesseract costs four times the CPU for no gain
in time, so it is held to one thread here, before any module of this package can load the library.

A page goes through `document` (how many pages, how large), `page` (one page to text, boxes and pictures) and
`searchable` (the copy that can be searched). An engine is one file and one line in `BUILTIN`.
"""

import os

os.environ.setdefault("OMP_THREAD_LIMIT", "1")

BUILTIN = {
    "tesserocr": "ocr.tesserocr_engine:TesserocrEngine",
    "pytesseract": "ocr.pytesseract_engine:PytesseractEngine",
}
"""Engines of this package: name in the settings -> "module:Class"."""
