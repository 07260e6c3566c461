"""One PDF of all letters that somebody prints at once: a printer is given one file and not forty.

Before: `letters.py` lists what waits. After: each letter is printed as `printing.py` does it, and those that could be
lie one after another in one file; what cannot be printed keeps none of the others.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pikepdf

from mailroom.desk.acting import refuse_unless
from mailroom.desk.printing import print_letters
from mailroom.domain.access import Viewer
from mailroom.services import Services


def print_together(
    names: Sequence[str], viewer: Viewer, folder: Path, services: Services
) -> tuple[Path | None, list[dict[str, Any]]]:
    """Print the letters of these items into one PDF in the folder.

    Args:
        names: references or ids; at least one.
        viewer: whose word it is.
        folder: an empty folder of our own.
        services: the bundle.

    Returns:
        The PDF, None where no letter could be printed; and what came of each, as `print_letters` says it.

    Raises:
        Refused: nothing is named, or the viewer does not print letters.
        Misconfigured: no letter can be made.
        MailroomError: the folder cannot be written.
    """
    refuse_unless(bool(names), "Choose the letters to print.")
    printed = print_letters(list(dict.fromkeys(names)), viewer, folder, services)
    files = [line["file"] for line in printed if "file" in line]
    if not files:
        return None, printed
    target = folder / "letters.pdf"
    with pikepdf.new() as whole:
        for file in files:
            with pikepdf.open(file) as letter:  # made by ourselves a moment ago: nothing from outside is opened here
                whole.pages.extend(letter.pages)
        whole.save(target)
    return target, printed
