"""Reads `samples/manifest.toml`: what the sample post consists of and what should become of each item.

Before: nothing. After: `post` renders the items; tests and demonstrations compare the outcome with `Expected`.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from enum import StrEnum
from pathlib import Path, PurePosixPath
from typing import Any

from rendering.mail import Envelope
from rendering.scanner import LOOKS
from rendering.sheet import Style
from rendering.typefaces import FACES

_NOON = time(12, tzinfo=UTC)


class Form(StrEnum):
    """In what form an item arrives."""

    SCANNED_PDF = "scanned-pdf"
    JPEG = "jpeg"
    PNG = "png"
    GREY_TIFF = "grey-tiff"
    GROUP4_TIFF = "group4-tiff"
    FAX_STANDARD = "fax-standard"
    FAX_FINE = "fax-fine"
    BORN_DIGITAL = "born-digital"
    MESSAGE = "message"
    TEXT = "text"


class Fault(StrEnum):
    """What is wrong with the file."""

    ENCRYPTED = "encrypted"
    CUT_SHORT = "cut-short"


@dataclass(frozen=True, slots=True)
class Scan:
    """How the page lay in the scanner.

    Attributes:
        dpi: dots per inch.
        look: key of `scanner.LOOKS`.
        turn: degrees anticlockwise, a multiple of 90.
        backs: True where the scanner also took the empty backs.
    """

    dpi: int = 200
    look: str = "ordinary"
    turn: int = 0
    backs: bool = False


@dataclass(frozen=True, slots=True)
class Expected:
    """What should become of an item.

    Attributes:
        case_type: keys of the service catalogue, any of which is right.
        outcome: `captured`, `exception`, or `either` where a careful clerk could take both views.
        sensitivity: `normal` or `limited`.
        statutory: regime in law, or None.
        index: field name and the value that stands in the item.
    """

    case_type: tuple[str, ...]
    outcome: str
    sensitivity: str
    statutory: str | None
    index: dict[str, str]


@dataclass(frozen=True, slots=True)
class Item:
    """One item of the sample post.

    Attributes:
        letter: name of its text in `letters/`, or None for an empty page.
        file: path below the target folder.
        form: the form it arrives in.
        received: moment of receipt; for post, noon of the day of delivery.
        sides: sides of paper a reader finds in it, 0 where it has none or cannot be opened.
        style: how it is written.
        scan: how it was scanned.
        header: the sender's line of a fax.
        envelope: head of a message, or None.
        fault: what is wrong with the file, or None.
        expected: what should become of it.
    """

    letter: str | None
    file: PurePosixPath
    form: Form
    received: datetime
    sides: int
    style: Style
    scan: Scan
    header: str
    envelope: Envelope | None
    fault: Fault | None
    expected: Expected

    @property
    def channel(self) -> str:
        """The way in, which is also the first folder of its path."""
        return self.file.parts[0]


def read_manifest(path: Path) -> tuple[Item, ...]:
    """Return the items in the order of the file.

    Raises:
        ValueError: an entry is wrong; the message names its file.
    """
    entries = tomllib.loads(path.read_text(encoding="utf-8"))["item"]
    items = tuple(_checked(entry) for entry in entries)
    if len({item.file for item in items}) != len(items):
        raise ValueError(f"{path}: two items have the same file")
    return items


def _checked(entry: dict[str, Any]) -> Item:
    try:
        item = _item(entry)
    except (KeyError, TypeError, ValueError) as error:
        raise ValueError(f"sample {entry.get('file')}: {error!r}") from error
    if item.scan.look not in LOOKS or item.style.face not in FACES or item.scan.turn % 90:
        raise ValueError(f"sample {item.file}: unknown look, typeface or turn")
    if (item.form is Form.MESSAGE) != (item.envelope is not None):
        raise ValueError(f"sample {item.file}: a message, and only a message, has a mail table")
    return item


def _item(entry: dict[str, Any]) -> Item:
    style = dict(entry.get("style", {}))
    return Item(
        letter=entry.get("letter"),
        file=PurePosixPath(entry["file"]),
        form=Form(entry["form"]),
        received=_moment(entry["received"]),
        sides=entry["sides"],
        style=Style(**{**style, "stamp": tuple(style.get("stamp", ()))}),
        scan=Scan(**entry.get("scan", {})),
        header=entry.get("header", ""),
        envelope=Envelope(**entry["mail"]) if "mail" in entry else None,
        fault=Fault(entry["fault"]) if "fault" in entry else None,
        expected=_expected(entry["expected"]),
    )


def _expected(entry: dict[str, Any]) -> Expected:
    return Expected(
        case_type=tuple(entry["case_type"]),
        outcome=entry["outcome"],
        sensitivity=entry.get("sensitivity", "normal"),
        statutory=entry.get("statutory"),
        index=dict(entry.get("index", {})),
    )


def _moment(value: date | datetime) -> datetime:
    return value if isinstance(value, datetime) else datetime.combine(value, _NOON)
