"""OCR engines that misbehave on purpose; the sandbox loads them by name, as it would one from another package."""

import os
import time

from ocr.engine import Grey, Reading
from ocr.tesserocr_engine import TesserocrEngine


class SlowEngine(TesserocrEngine):
    """Takes its time over every page."""

    def recognise(self, image: Grey, dpi: int) -> Reading:
        time.sleep(4)
        return super().recognise(image, dpi)


class DeadlyEngine(TesserocrEngine):
    """Goes down on a page that is mostly black, as a native library does that meets a page made to harm it."""

    def recognise(self, image: Grey, dpi: int) -> Reading:
        if image.mean() < 128:
            os.abort()
        return super().recognise(image, dpi)
