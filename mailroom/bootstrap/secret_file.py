"""A secret of the settings, in a file that is read anew each time: a correction needs no restart.

Before: a setting names the file. After: whoever signs in to a mailbox, or to the server that takes our mail, has the
secret as it is now, or a sentence about the file that names the setting.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from mailroom.channels.imap_sign_in import NothingToShow


@dataclass(frozen=True, slots=True)
class SecretFile:
    """A secret that stands in a file.

    Attributes:
        key: the setting that names the file.
        path: of the file; white space around the secret is no part of it.
    """

    key: str
    path: Path

    def __call__(self) -> str:
        """Return the secret.

        Raises:
            NothingToShow: the file cannot be read.
        """
        try:
            return self.path.read_text(encoding="utf-8").strip()
        except (OSError, UnicodeDecodeError) as fault:
            why = getattr(fault, "strerror", None) or "it is no text"
            told = f"{self.key}: '{self.path}' cannot be read ({why}); correct the file or the path"
            raise NothingToShow(told) from None
