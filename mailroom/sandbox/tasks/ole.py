"""Old Office documents and Outlook messages are OLE2 files: small file systems of folders (storages) and streams.

Before: `identify` saw that a file begins like one. After: what lies in its uppermost folder says what it is; `outlook`
reads one that is a message. The library is olefile; a file whose lists lead in circles ends in its errors or in ours.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import olefile

from mailroom.sandbox.tasks import signatures
from mailroom.sandbox.tasks.signatures import Kind

OF_DAMAGE = (OSError, ValueError, IndexError, KeyError, TypeError, AttributeError, RecursionError, OverflowError)
"""What the library raises for a file that is not whole (its own errors are kinds of OSError)."""

_SEARCHED = 1 << 22
_WORD_ENCRYPTED = 0x0100  # [MS-DOC] 2.5.2: fEncrypted among the flags at offset 10
_EXCEL_PASSWORD = 0x002F  # [MS-XLS] 2.4.117: the record FilePass, which stands among the first
_FIRST_RECORDS = 4096


@contextmanager
def opened(source: Path) -> Iterator[olefile.OleFileIO[Any]]:
    """Open an OLE2 file; what the library raises for a damaged one is `OF_DAMAGE`."""
    with source.open("rb") as file, olefile.OleFileIO(file) as ole:
        yield ole


def kind_of_ole(source: Path) -> Kind:
    """Return what an OLE2 file is, by the names in its uppermost folder; of a damaged one, by names anywhere in it."""
    try:
        with opened(source) as ole:
            names = {path[0] for path in ole.listdir(streams=True, storages=True)}
            return _locked(ole, _kind_among(names))
    except OF_DAMAGE:
        with source.open("rb") as file:
            content = file.read(_SEARCHED)
        return _kind_among({name for name, _ in signatures.OLE_CONTENTS if name.encode("utf-16-le") in content})


def _kind_among(names: set[str]) -> Kind:
    return next((kind for name, kind in signatures.OLE_CONTENTS if name in names), signatures.OLE)


def _locked(ole: olefile.OleFileIO[Any], kind: Kind) -> Kind:
    """Return the kind, or that it is locked with a password, which the documents say in their first bytes."""
    if kind is signatures.OLD_WORD:
        flags = int.from_bytes(ole.openstream("WordDocument").read(12)[10:12], "little")
        return signatures.LOCKED_OFFICE if flags & _WORD_ENCRYPTED else kind
    if kind is signatures.OLD_EXCEL and ole.exists("Workbook"):
        first = ole.openstream("Workbook").read(_FIRST_RECORDS)
        return signatures.LOCKED_OFFICE if _EXCEL_PASSWORD in _records(first) else kind
    return kind


def _records(content: bytes) -> Iterator[int]:
    """Yield the kinds of the records at the beginning of a workbook: each has its kind and length before it."""
    place = 0
    while place + 4 <= len(content):
        yield int.from_bytes(content[place : place + 2], "little")
        place += 4 + int.from_bytes(content[place + 2 : place + 4], "little")
