"""Writes what a team's back-office system picks up: the document, its index data, a manifest with digests.

The columns, their names and the form of dates are the team's own (`config/teams.toml`). Everything of one item lies in
one folder that appears whole or not at all: `build` writes and fsyncs it under a hidden name that no other run has,
`put_in_place` renames it once the run has proved that nobody has overtaken it.
"""

from __future__ import annotations

import csv
import hashlib
import io
import json
import os
import re
import secrets
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import count
from pathlib import Path
from xml.etree import ElementTree as ET
from zoneinfo import ZoneInfo

from mailroom.domain.catalogue import Release

MAKING = ".making"
"""How the name of a folder ends that is not finished."""

_LONDON = ZoneInfo("Europe/London")
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")
_NOT_IN_XML = re.compile("[^\t\n\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


@dataclass(frozen=True, slots=True)
class Enclosed:
    """A file that is handed over.

    Attributes:
        file: the searchable PDF, or the original where there is none.
        words_read: False where no words of it could be read: index data and sorting know nothing of what it says.
    """

    file: Path
    words_read: bool


@dataclass(frozen=True, slots=True)
class Released:
    """What may be handed over about an item.

    Attributes:
        reference: our reference.
        received_at: date of receipt.
        document_code: the service's short code.
        case_type: key of the service.
        team: key of the team.
        page_count: pages of all documents.
        sha256: digest of the first original.
        index: index data by name.
    """

    reference: str
    received_at: datetime
    document_code: str
    case_type: str
    team: str
    page_count: int
    sha256: str
    index: Mapping[str, str]


def build(facts: Released, documents: Sequence[Enclosed], layout: Release, root: Path) -> Path:
    """Write the item's release folder under a hidden name beside its place, and return it.

    Args:
        facts: the index data.
        documents: the files, in order.
        layout: the team's wishes.
        root: the folder that holds the teams' folders.

    Raises:
        OSError: the folder cannot be written.
    """
    making = root / layout.folder / f".{facts.reference}.{secrets.token_hex(8)}{MAKING}"
    try:
        making.mkdir(parents=True)
        _fill(making, facts, documents, layout)
    except BaseException:
        shutil.rmtree(making, ignore_errors=True)
        raise
    return making


def _fill(making: Path, facts: Released, documents: Sequence[Enclosed], layout: Release) -> None:
    names = _copy_documents(documents, facts.reference, making) if "pdf" in layout.formats else []
    values = _values(facts, names[0] if names else "", layout)
    if "csv" in layout.formats:
        _write(making / "index.csv", _csv(values, layout.csv))
    if "xml" in layout.formats:
        _write(making / "index.xml", _xml(values, layout))
    unread = [name for name, document in zip(names, documents, strict=False) if not document.words_read]
    _write(making / "manifest.json", _manifest(making, facts, unread))
    _sync(making)


def _copy_documents(documents: Sequence[Enclosed], reference: str, folder: Path) -> list[str]:
    names = []
    for number, document in enumerate(documents, start=1):
        part = "" if len(documents) == 1 else f"-{number}"
        name = f"{reference}{part}{document.file.suffix}"
        _write(folder / name, document.file.read_bytes())
        names.append(name)
    return names


def _values(facts: Released, file_name: str, layout: Release) -> dict[str, str]:
    return {
        "date_received": facts.received_at.astimezone(_LONDON).strftime(layout.date_format),
        "document_code": facts.document_code,
        "case_type": facts.case_type,
        "reference": facts.reference,
        "account_reference": account_reference(facts.index, layout.accounts),
        "page_count": str(facts.page_count),
        "file_name": file_name,
        "sender_name": facts.index.get("sender_name", ""),
        "sender_postcode": facts.index.get("sender_postcode", ""),
        "letter_date": _in_their_form(facts.index.get("letter_date", ""), layout.date_format),
        "team": facts.team,
        "sha256": facts.sha256,
    }


def _in_their_form(letter_date: str, date_format: str) -> str:
    """Write the date as the team wants it; one that a person wrote in words stays as it is."""
    try:
        return date.fromisoformat(letter_date).strftime(date_format)
    except ValueError:
        return letter_date


def account_reference(index: Mapping[str, str], accounts: Sequence[str]) -> str:
    """Return the first of the references that the team takes for an account of its own, or an empty text."""
    return next((index[name] for name in accounts if name in index), "")


def _csv(values: Mapping[str, str], columns: Mapping[str, str]) -> bytes:
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(columns)
    writer.writerow(harmless(values[field]) for field in columns.values())
    return text.getvalue().encode("utf-8-sig")


def harmless(cell: str) -> str:
    """Return the cell so that no spreadsheet takes it for a formula (P23)."""
    return f"'{cell}" if cell.startswith(_FORMULA_STARTS) else cell


def _xml(values: Mapping[str, str], layout: Release) -> bytes:
    root = ET.Element(layout.xml_root)
    for name, field in layout.xml.items():
        ET.SubElement(root, name).text = _printable(values[field])
    ET.indent(root)
    return bytes(ET.tostring(root, encoding="utf-8", xml_declaration=True))


def _printable(text: str) -> str:
    """Drop what XML 1.0 cannot hold (section 2.2)."""
    return _NOT_IN_XML.sub("", text)


def _manifest(folder: Path, facts: Released, unread: Sequence[str]) -> bytes:
    files = [
        {"name": file.name, "size": file.stat().st_size, "sha256": hashlib.sha256(file.read_bytes()).hexdigest()}
        for file in sorted(folder.iterdir())
    ]
    told = {"reference": facts.reference, "original_sha256": facts.sha256, "files": files, "without_words": unread}
    return (json.dumps(told, indent=2) + "\n").encode()


def _write(file: Path, content: bytes) -> None:
    with file.open("wb") as stream:
        stream.write(content)
        stream.flush()
        os.fsync(stream.fileno())


def put_in_place(making: Path, target: Path) -> None:
    """Give a folder that was built its final name.

    One that is there already with the same content is kept; another one, of an earlier routing, moves aside under its
    number. What runs that have ended since left half built is deleted.

    Args:
        making: what `build` made, beside the target.
        target: the team's folder and in it the item's reference.

    Raises:
        OSError: the folder cannot be written.
    """
    for leftover in target.parent.glob(f".{target.name}.*{MAKING}"):
        if leftover != making:
            shutil.rmtree(leftover, ignore_errors=True)
    if target.exists():
        if _manifest_in(target) == _manifest_in(making):
            shutil.rmtree(making)
            return
        target.rename(_first_free(target))
    making.rename(target)
    _sync(target.parent)


def _manifest_in(folder: Path) -> bytes | None:
    """Return the manifest, or None where a team has taken it out of the folder."""
    file = folder / "manifest.json"
    return file.read_bytes() if file.is_file() else None


def _first_free(target: Path) -> Path:
    """Return the folder's name with the first number that none has: a team may have taken any of the others away."""
    return next(place for number in count(1) if not (place := target.with_name(f"{target.name}.{number}")).exists())


def _sync(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
