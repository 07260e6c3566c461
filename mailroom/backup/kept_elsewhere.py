"""What a backup holds of the configuration, and what it never holds: keys, passwords, and what lies at other machines.

Before: settings name files that hold secrets. After: the configuration is copied without any of them, and the manifest
says of each that it must be kept elsewhere: whoever finds a backup must not find what opens everything else.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

from mailroom.settings import Settings, told

_SECRET_ENDINGS = {".pem", ".key"}
_TOLD = {"custody.key_file", "encryption.key_file"}


def copy_config(settings: Settings, target: Path) -> None:
    """Copy the folder of the configuration, but no file that holds a secret."""
    secret = {Path(file).resolve() for _, file in _named_files(settings)}
    for file in sorted(settings.config.rglob("*")):
        if file.is_file() and file.resolve() not in secret and file.suffix not in _SECRET_ENDINGS:
            place = target / file.relative_to(settings.config)
            place.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(file, place)


def kept_elsewhere(settings: Settings) -> list[str]:
    """Return what no backup holds, each with what is lost without it."""
    key = settings.custody.key_file or str((settings.data / "custody.pem").absolute())
    masters = filter(None, [settings.encryption.key_file])
    return [
        *(f"{file}: the master keys; without them NOTHING that is encrypted here can be read." for file in masters),
        f"{key}: the private key that signs heads of the log of custody; without it none is signed in the same name.",
        *(f"{file}: the file of {name}." for name, file in _named_files(settings) if name not in _TOLD),
        "The environment of the service: MAILROOM_DATA, MAILROOM_CONFIG and the addresses of the database.",
        "Files in the hot folders that were not taken in yet, and what was taken in and lies in `taken` beside them.",
        "The release folders of the teams: what they had not fetched stands in their queues.",
        "Messages at the mail servers: those that came after the backup lie in the folders of what was taken.",
    ]


def _named_files(settings: Settings) -> Iterator[tuple[str, str]]:
    """Yield the key of each setting that names a file, with that file."""
    for setting in told(settings):
        if setting.key.endswith("_file") and setting.value:
            yield setting.key, setting.value
