"""What an office program wrote is printed before it is read, where there is LibreOffice, so that pages are shown.

Before: `unpack` has read the words that are typed in it, but for the old kinds, which are read in print alone. After:
`read` has a PDF, whose pages are read as those of any other; it is kept as the searchable copy.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from mailroom.records.tables import Document
from mailroom.sandbox.tasks.signatures import PRINTED
from mailroom.services import Services


@dataclass(frozen=True, slots=True)
class Printed:
    """A document in print: the PDF, its number of pages, and what printed it."""

    file: Path
    pages: int
    made_by: str


def is_printed(document: Document, services: Services) -> bool:
    """Return whether the document is read as it is printed."""
    return bool(services.settings.office.program) and document.media_type in PRINTED


def print_out(source: Path, folder: Path, services: Services) -> Printed:
    """Print the document into the folder.

    Raises:
        NeedsPerson: it cannot be printed.
    """
    arguments = {"program": services.settings.office.program}
    answer = services.sandbox.run("print_pages", arguments, source=source, scratch=folder)
    return Printed(folder / answer["file"], answer["pages"], answer["made_by"])
