"""Finds the folder that holds Tesseract's language models, for both engines.

The wheel of tesserocr carries no models and does not look where Debian and Ubuntu put them.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

from ocr.errors import MissingLanguage

_SYSTEM_FOLDERS = (
    "/usr/share/tesseract-ocr/5/tessdata",
    "/usr/share/tesseract-ocr/4.00/tessdata",
    "/usr/share/tessdata",
    "/usr/local/share/tessdata",
    "/opt/homebrew/share/tessdata",
)


def find_tessdata(languages: str, configured: Path | None = None) -> Path:
    """Return the first folder with a model for every language.

    Args:
        languages: as Tesseract writes them, for instance `eng+cym`.
        configured: the folder named in the settings; then no other place is looked at.

    Raises:
        MissingLanguage: no folder has them all; the sentence names the packages to install.
    """
    folders = [configured] if configured else list(_usual_folders())
    wanted = languages.split("+")
    fewest = wanted
    for folder in folders:
        missing = [language for language in wanted if not (folder / f"{language}.traineddata").is_file()]
        if not missing:
            return folder
        fewest = min(fewest, missing, key=len)
    raise MissingLanguage(fewest, folders)


def _usual_folders() -> Iterable[Path]:
    prefix = os.environ.get("TESSDATA_PREFIX")
    if prefix:
        yield Path(prefix)
        yield Path(prefix) / "tessdata"
    yield from map(Path, _SYSTEM_FOLDERS)
