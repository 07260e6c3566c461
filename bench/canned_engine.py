"""An engine that does not recognise: it answers every page with one Reading made beforehand.

For `bench/journey.py`, which asks what everything but recognition costs.
"""

from __future__ import annotations

import json
from pathlib import Path

from ocr.engine import Grey, Reading, Word

CANNED = Path(__file__).parent.parent / "build" / "bench" / "canned-reading.json"


class CannedEngine:
    """Answers with what `keep` put down.

    Args:
        languages: not used.
        tessdata: not used.
    """

    name = "canned"

    def __init__(self, languages: str, tessdata: Path | None) -> None:  # noqa: ARG002  # every engine is built so
        told = json.loads(CANNED.read_text(encoding="utf-8"))
        words = tuple(Word(text, confidence, (*box,), line) for text, confidence, *box, line in told["words"])
        self._reading = Reading(told["text"], words, told["confidence"])

    def recognise(self, image: Grey, dpi: int) -> Reading:  # noqa: ARG002  # nothing is looked at
        """Return the reading made beforehand."""
        return self._reading


def keep(reading: Reading) -> None:
    """Put a reading down for the engine to answer with."""
    CANNED.parent.mkdir(parents=True, exist_ok=True)
    words = [[word.text, word.confidence, *word.box, word.line] for word in reading.words]
    CANNED.write_text(json.dumps({"text": reading.text, "words": words, "confidence": reading.confidence}))
