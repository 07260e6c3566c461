"""Writes what a team's back-office system picks up: the document, its index data, a manifest with digests.

The columns, their names and the form of dates are the team's own (`config/teams.toml`). Everything of one item lies in
one folder that appears whole or not at all: it is written under a hidden name, fsynced and renamed.
"""

from __future__ import annotations

import csv
import hashlib
import io
import json
import os
import re
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import count
from pathlib import Path
from xml.etree import ElementTree as ET
from zoneinfo import ZoneInfo

from mailroom.domain.catalogue import Release

_LONDON = ZoneInfo("Europe/London")
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")
_NOT_IN_XML = re.compile("[^\t\n\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


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


def release(facts: Released, documents: Sequence[Path], layout: Release, root: Path) -> Path:
    """Write the item's release folder and return it; one that is there already with the same content is kept.

    Args:
        facts: the index data.
        documents: searchable PDFs, or originals where there is none, in order.
        layout: the team's wishes.
        root: the folder that holds the teams' folders.

    Raises:
        OSError: the folder cannot be written.
    """
    target = root / layout.folder / facts.reference
    making = target.with_name(f".{target.name}.making")
    shutil.rmtree(making, ignore_errors=True)
    making.mkdir(parents=True)
    names = _copy_documents(documents, facts.reference, making) if "pdf" in layout.formats else []
    values = _values(facts, names[0] if names else "", layout.date_format)
    if "csv" in layout.formats:
        _write(making / "index.csv", _csv(values, layout.csv))
    if "xml" in layout.formats:
        _write(making / "index.xml", _xml(values, layout))
    _write(making / "manifest.json", _manifest(making, facts))
    _sync(making)
    _put_in_place(making, target)
    return target


def _copy_documents(documents: Sequence[Path], reference: str, folder: Path) -> list[str]:
    names = []
    for number, document in enumerate(documents, start=1):
        part = "" if len(documents) == 1 else f"-{number}"
        name = f"{reference}{part}{document.suffix}"
        _write(folder / name, document.read_bytes())
        names.append(name)
    return names


def _values(facts: Released, file_name: str, date_format: str) -> dict[str, str]:
    return {
        "date_received": facts.received_at.astimezone(_LONDON).strftime(date_format),
        "document_code": facts.document_code,
        "case_type": facts.case_type,
        "reference": facts.reference,
        "account_reference": account_reference(facts.index),
        "page_count": str(facts.page_count),
        "file_name": file_name,
        "sender_name": facts.index.get("sender_name", ""),
        "sender_postcode": facts.index.get("sender_postcode", ""),
        "letter_date": _in_their_form(facts.index.get("letter_date", ""), date_format),
        "team": facts.team,
        "sha256": facts.sha256,
    }


def _in_their_form(letter_date: str, date_format: str) -> str:
    """Write the date as the team wants it; one that a person wrote in words stays as it is."""
    try:
        return date.fromisoformat(letter_date).strftime(date_format)
    except ValueError:
        return letter_date


def account_reference(index: Mapping[str, str]) -> str:
    """Return the account or claim reference among the index data, or an empty text."""
    known = ("sender_name", "sender_address", "letter_date", "sender_postcode", "email", "phone")
    return next((value for name, value in index.items() if name not in known), "")


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


def _manifest(folder: Path, facts: Released) -> bytes:
    files = [
        {"name": file.name, "size": file.stat().st_size, "sha256": hashlib.sha256(file.read_bytes()).hexdigest()}
        for file in sorted(folder.iterdir())
    ]
    told = {"reference": facts.reference, "original_sha256": facts.sha256, "files": files}
    return (json.dumps(told, indent=2) + "\n").encode()


def _write(file: Path, content: bytes) -> None:
    with file.open("wb") as stream:
        stream.write(content)
        stream.flush()
        os.fsync(stream.fileno())


def _put_in_place(making: Path, target: Path) -> None:
    """Rename the finished folder; one from an earlier routing moves aside under its number, never lost."""
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
