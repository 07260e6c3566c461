"""One look at a hot folder: which files may be post, and which folders do not open."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from pathlib import Path

from mailroom.channels.folder_layout import is_left_alone
from mailroom.channels.sighting import Stamp
from mailroom.channels.spool import stamp_of


@dataclass(frozen=True, slots=True)
class Look:
    """What was found.

    Attributes:
        files: stamps by path inside the hot folder.
        closed: the system's reason, by whole path, for each folder that could not be read.
    """

    files: dict[Path, Stamp] = field(default_factory=dict)
    closed: dict[Path, str] = field(default_factory=dict)


def look_at(root: Path) -> Look:
    """Look into the folder and all folders in it; links are neither files nor folders here."""
    look = Look()
    _look_into(root, root, look)
    return look


def _look_into(folder: Path, root: Path, look: Look) -> None:
    try:
        with os.scandir(folder) as listing:
            entries = list(listing)
    except OSError as fault:
        look.closed[folder] = fault.strerror or type(fault).__name__
        return
    for entry in entries:
        relative = Path(entry.path).relative_to(root)
        if is_left_alone(relative):
            continue
        if entry.is_dir(follow_symlinks=False):
            _look_into(Path(entry.path), root, look)
        elif entry.is_file(follow_symlinks=False):
            _note(entry, relative, look)


def _note(entry: os.DirEntry[str], relative: Path, look: Look) -> None:
    try:
        look.files[relative] = stamp_of(entry.stat(follow_symlinks=False))
    except FileNotFoundError:
        return  # renamed or removed since the folder was read
    except OSError as fault:
        look.closed[Path(entry.path)] = fault.strerror or type(fault).__name__
