"""Where everything lies: the data folder and what is in it.

Before: `settings.py` has read the settings. After: the parts of the mailroom are built on folders that are there.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from mailroom.domain.errors import Misconfigured
from mailroom.services import Services
from mailroom.settings import Settings

_OURS_ALONE = 0o700
_FOLDERS = ("vault", "spool", "scratch", "slots")


def spool_of(services: Services) -> Path:
    """Return the folder on the vault's own disk where channels spool what they take in."""
    return services.settings.data / "spool"


def make_folders(settings: Settings) -> None:
    """Make the folders of the data directory, which is our own account's alone where we make it.

    Raises:
        Misconfigured: they cannot be made or written to.
    """
    with suppress(OSError):  # the sentence that follows names the folder and what to do
        if not settings.data.exists():
            settings.data.mkdir(mode=_OURS_ALONE, parents=True)
    for name in _FOLDERS:
        make_folder(settings.data / name, "MAILROOM_DATA")


@contextmanager
def temporary_files_on_its_disk(settings: Settings) -> Iterator[None]:
    """Have every temporary file of this process lie in the data directory while the block runs.

    An original is copied once or more on its way out of the store, and where `/tmp` is made of memory a few large ones
    at once have no room there. What a crash leaves is cleared away with the rest (`duties/leftovers.py`).
    """
    before, tempfile.tempdir = tempfile.tempdir, str(settings.data / "scratch")
    try:
        yield
    finally:
        tempfile.tempdir = before


def is_the_vault(settings: Settings, folder: Path) -> bool:
    """Return whether that is the folder of originals, by a link or another name, too."""
    return folder.samefile(settings.data / "vault")


def find_place(settings: Settings) -> None:
    """Return where there is a data directory: who asks in the wrong place must not be shown an empty mailroom.

    Raises:
        Misconfigured: there is none.
    """
    if not (settings.data.exists() or on_a_server(settings)):
        sentence = f"There is no mailroom in {settings.data.absolute()}."
        begin = "or `mailroom check` makes an empty one there, and `mailroom run` serves it."
        raise Misconfigured(f"{sentence} Set MAILROOM_DATA to where it lies; {begin}")


def mark_of_restore(settings: Settings) -> Path:
    """Return the file that lies in the data directory while a restore is at work, and after it was broken off."""
    return settings.data / "restoring"


def refuse_half_of_a_mailroom(settings: Settings) -> None:
    """Return where no restore is at work.

    Raises:
        Misconfigured: one is, or was broken off.
    """
    if mark_of_restore(settings).exists():
        sentence = f"A restore into {settings.data.absolute()} is at work, or was broken off."
        raise Misconfigured(f"{sentence} Wait for it, or run it again; empty a PostgreSQL database before.")


def on_a_server(settings: Settings) -> bool:
    """Return whether the records lie on a database server, and not in the data directory."""
    return bool(settings.database_url or settings.database_url_file)


def readable(key: str, file: str) -> str:
    """Return what stands in a file that a setting names; nothing where it names none.

    Raises:
        Misconfigured: it cannot be read; the message names the key.
    """
    try:
        return Path(file).read_text(encoding="utf-8") if file else ""
    except OSError as fault:
        raise Misconfigured(f"{key}: {file!r} cannot be read ({fault.strerror}). Correct the path.") from fault


def make_folder(folder: Path, key: str) -> None:
    """Make a folder that a setting names.

    Raises:
        Misconfigured: it cannot be made or written to; the message names the key.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        probe = folder / ".writable"
        probe.touch()
        probe.unlink(missing_ok=True)  # another command that starts may have been faster
    except OSError as fault:
        raise Misconfigured(
            f"{key}: the folder {folder} cannot be written ({fault.strerror}). Make it writable for the account that "
            "runs the mailroom, or name another."
        ) from fault
