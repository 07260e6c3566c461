"""The address to which a mail can be answered, as the server that put it into the mailbox wrote it down.

Before: a message lies in the spool. After: the capture has its proven sender, where the settings say that the server
writes this field itself (RFC 5321 section 4.4).
"""

from __future__ import annotations

import re
from pathlib import Path

_HEAD = 1 << 14
_FIELD = re.compile(rb"\Areturn-path:[ \t]*<?([^<>\r\n]{0,320})>?[ \t]*\r?\n", re.IGNORECASE)
_OTHER_FIELD = re.compile(rb"\A(?!received:)[!-9;-~]+:[^\n]*\n(?:[ \t][^\n]*\n)*", re.IGNORECASE)


def return_path_of(message: Path) -> str | None:
    """Return the address; empty: nobody is to be answered; None: the server wrote none.

    Only what stands above the first trace of the way here counts: what stands below came with the message, and anybody
    can have written it.
    """
    with message.open("rb") as file:
        head = file.read(_HEAD)
    while head:
        found = _FIELD.match(head)
        if found:
            return found[1].decode("utf-8", "replace").strip()
        other = _OTHER_FIELD.match(head)
        if other is None:
            return None
        head = head[other.end() :]
    return None
