"""One PDF of all letters that somebody prints at once: a printer is given one file and not forty.

Before: `letters.py` lists what waits. After: each letter is printed as `printing.py` does it; what cannot be printed
keeps none of the others. Those that could be lie one after another in one file, which can be had as often as wanted
while its letters are kept: a browser loses what it downloads, and a printer jams.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import pikepdf

from mailroom.desk.acting import refuse_unless, refuse_unless_theirs_to_do
from mailroom.desk.audit import seen_by
from mailroom.desk.looking import WORK, ensure_look
from mailroom.desk.printing import give_out, print_letters
from mailroom.domain.access import Task, Viewer
from mailroom.records.letters import letters_since
from mailroom.records.tables import Rendition
from mailroom.services import Services


def print_chosen(names: Sequence[str], viewer: Viewer, folder: Path, services: Services) -> list[dict[str, Any]]:
    """Print the letters of these items; `printed_before` has them as one PDF.

    Args:
        names: at least one, as `print_letters` takes them.
        viewer: whose word it is.
        folder: an empty folder of our own.
        services: the bundle.

    Returns:
        What came of each, as `print_letters` says it.

    Raises:
        Refused: nothing is named, or the viewer does not print letters.
        Misconfigured: no letter can be made.
        MailroomError: the folder cannot be written.
    """
    refuse_unless(bool(names), "Choose the letters to print.")
    return print_letters(list(dict.fromkeys(names)), viewer, folder, services)


def printed_before(names: Sequence[str], since: datetime, viewer: Viewer, folder: Path, services: Services) -> Path:
    """Return one PDF of the letters that were printed for these items since that moment; that is a look at each.

    Args:
        names: references or ids; at least one.
        since: when the printing began.
        viewer: who wants the file.
        folder: an empty folder of our own.
        services: the bundle.

    Raises:
        NotThere: one of them is no item for this viewer.
        Refused: the viewer does not print letters, or none was printed since.
        CustodyBreach: what is kept is not what was printed.
        MailroomError: the store cannot be read now.
    """
    refuse_unless_theirs_to_do(viewer, Task.SETTLE)
    letters = list(_kept_since(names, since, viewer, services))
    refuse_unless(bool(letters), "None of these letters was printed then. Choose them in the list.")
    files = [folder / f"{number}.pdf" for number in range(len(letters))]
    for letter, file in zip(letters, files, strict=True):
        give_out(letter.sha256, letter.key, file, services)
    return _as_one(files, folder)


def _kept_since(names: Sequence[str], since: datetime, viewer: Viewer, services: Services) -> Iterator[Rendition]:
    for name in dict.fromkeys(names):
        with services.records.look() as session:
            item = seen_by(session, name, viewer).id
            letters = letters_since(session, item, since)
        if letters:
            ensure_look(item, viewer, WORK, services)
        yield from letters


def _as_one(files: Sequence[Path], folder: Path) -> Path:
    target = folder / "letters.pdf"
    with pikepdf.new() as whole:
        for file in files:
            with pikepdf.open(file) as letter:  # made by ourselves: nothing from outside is opened here
                whole.pages.extend(letter.pages)
        whole.save(target)
    return target
