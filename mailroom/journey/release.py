"""Writes what a team's back-office system picks up: the document, its index data, a manifest with digests.

The columns, their names and the form of dates are the team's own (`config/teams.toml`). Everything of one item lies in
one folder that appears whole or not at all: `build` writes and fsyncs it under a hidden name that no other run has, and
`put_release` renames it once the run has proved that nobody has overtaken it.
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
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET
from zoneinfo import ZoneInfo

from mailroom.domain.catalogue import Release

MAKING = ".making"
"""How the name of a folder ends that is not finished."""

MANIFEST = "manifest.json"
"""The file that names every other one of a release, with its digest."""

PERHAPS_BEFORE = "perhaps_released_before"
"""The key in a manifest that asks a team whether it has had this one already; it stands there after a restore alone."""

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
        perhaps_before: whether it may have been released before: the mailroom was restored from a backup since.
    """

    reference: str
    received_at: datetime
    document_code: str
    case_type: str
    team: str
    page_count: int
    sha256: str
    index: Mapping[str, str]
    perhaps_before: bool = False


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
    names = _copy_documents(documents, facts.reference, making)
    values = _values(facts, names[0], layout)
    if "csv" in layout.formats:
        write(making / "index.csv", _csv(values, layout.csv))
    if "xml" in layout.formats:
        write(making / "index.xml", _xml(values, layout))
    unread = [name for name, document in zip(names, documents, strict=True) if not document.words_read]
    write(making / MANIFEST, _manifest(making, facts, unread))
    sync(making)


def _copy_documents(documents: Sequence[Enclosed], reference: str, folder: Path) -> list[str]:
    names = []
    for number, document in enumerate(documents, start=1):
        part = "" if len(documents) == 1 else f"-{number}"
        name = f"{reference}{part}{document.file.suffix}"
        write(folder / name, document.file.read_bytes())
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
    doubt = {PERHAPS_BEFORE: True} if facts.perhaps_before else {}
    return manifest_text({**told, **doubt, "supersedes": []})


def manifest_text(told: Mapping[str, Any]) -> bytes:
    """Return a manifest as it is written."""
    return (json.dumps(told, indent=2) + "\n").encode()


def write(file: Path, content: bytes) -> None:
    """Write the file and force it to disk."""
    with file.open("wb") as stream:
        stream.write(content)
        stream.flush()
        os.fsync(stream.fileno())


def sync(folder: Path) -> None:
    """Force to disk which names the folder holds."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
