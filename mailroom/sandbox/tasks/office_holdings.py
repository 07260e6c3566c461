"""What lies in an Office document beside its text: files put into it, and pictures as large as pages or photographs.

Before: `look_inside` has read the text. After: `take_out` gives each as a file of its own, to be looked into like what
is attached to a mail: people put the scan of a letter, or the photographs that they complain of, into a document.
"""

from __future__ import annotations

import re
import zipfile
from pathlib import Path, PurePosixPath

from mailroom.sandbox.tasks import signatures

HOLDERS = frozenset(
    kind.media_type
    for kind in (
        signatures.WORD,
        signatures.EXCEL,
        signatures.SLIDES,
        signatures.OPEN_TEXT,
        signatures.OPEN_SHEET,
        signatures.OPEN_SLIDES,
    )
)
"""Media types of documents that can hold others."""

_FILE = re.compile(r"(?:word|xl|ppt)/embeddings/[^/]+")
_PICTURE = re.compile(r"(?:(?:word|xl|ppt)/media|Pictures)/[^/]+\.(?:jpe?g|png|tiff?)", re.IGNORECASE)
_SMALL = 50_000
"""Bytes up to which a picture is taken for a logo: a page that was scanned or photographed is larger."""


def is_held(entry: zipfile.ZipInfo) -> bool:
    """Return whether a member of a document is something to be looked into by itself."""
    if _FILE.fullmatch(entry.filename):
        return True
    return bool(_PICTURE.fullmatch(entry.filename)) and entry.file_size > _SMALL


def held_in(source: Path, media_type: str) -> list[str]:
    """Return the names of what a document holds; empty where it is of no kind that can.

    The document has been read before, so its list of members is whole.
    """
    if media_type not in HOLDERS:
        return []
    with zipfile.ZipFile(source) as archive:
        return [name_of(entry.filename) for entry in archive.infolist() if is_held(entry)]


def name_of(member: str) -> str:
    """Return the name of a member without the folders of the format, which say nothing to anybody."""
    return PurePosixPath(member).name
