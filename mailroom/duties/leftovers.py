"""Clears away what a crash left in the folders for files in the making: copies of post must not lie about.

Nothing is lost by it: a stage works in such a folder for minutes, and what was received lies in the vault or still at
its source.
"""

from __future__ import annotations

import shutil
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

from mailroom.services import Services

_KEPT = timedelta(days=1)


def clear_leftovers(services: Services) -> int:
    """Delete what has lain in scratch and spool for a day; return how much that was."""
    oldest = services.now() - _KEPT
    folders = (services.scratch, services.settings.data / "spool")
    return sum(_clear(entry, oldest) for folder in folders for entry in folder.iterdir())


def _clear(entry: Path, oldest: datetime) -> bool:
    with suppress(FileNotFoundError):  # another worker clears it away, or its owner
        if datetime.fromtimestamp(entry.lstat().st_mtime, UTC) < oldest:
            if entry.is_dir() and not entry.is_symlink():
                shutil.rmtree(entry)
            else:
                entry.unlink()
            return True
    return False
