"""Task: a plain text file to text for people.

Before: `identify` found `text/plain`. After: the text is the one page of its document.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from mailroom.domain.errors import Cause
from mailroom.sandbox.errors import TaskRefused
from mailroom.sandbox.limits import MEGABYTE
from mailroom.sandbox.tasks.charsets import decode, for_display, guess_charset

MOST_BYTES = 2 * MEGABYTE
"""About 700 pages of type; what is longer is an export of something, not a letter."""


def read_text(source: Path, _scratch: Path, _arguments: Mapping[str, Any]) -> dict[str, Any]:
    """Return `text`, `charset` and `pages` (always 1).

    Raises:
        TaskRefused: it is empty, too long, or no text.
    """
    if source.stat().st_size > MOST_BYTES:
        sentence = f"This text is longer than {MOST_BYTES // MEGABYTE} MB. Open the original and index it by hand."
        raise TaskRefused(Cause.TOO_LARGE, sentence)
    content = source.read_bytes()
    charset = guess_charset(content)
    if charset is None:
        sentence = "This file is not a text that can be shown. Open the original and index it by hand."
        raise TaskRefused(Cause.UNKNOWN_FORMAT, sentence)
    text = for_display(decode(content, charset))
    if not text.strip():
        raise TaskRefused(Cause.EMPTY, "This file holds no text. Ask the sender to send it again.")
    return {"text": text, "charset": charset, "pages": 1}
