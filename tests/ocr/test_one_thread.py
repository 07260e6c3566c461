from __future__ import annotations

import subprocess
import sys

COUNT_THREADS = """
import ocr.page, ocr.tesserocr_engine
import numpy, pathlib
engine = ocr.tesserocr_engine.TesserocrEngine("eng")
engine.recognise(numpy.random.default_rng(1).integers(0, 255, (600, 600), dtype=numpy.uint8), 300)
print(len(list(pathlib.Path("/proc/self/task").iterdir())))
"""


def test_reading_a_page_starts_no_thread() -> None:
    environment = {"OPENBLAS_NUM_THREADS": "1"}
    done = subprocess.run(
        [sys.executable, "-c", COUNT_THREADS], capture_output=True, text=True, check=True, env=environment
    )
    assert done.stdout.strip() == "1"
