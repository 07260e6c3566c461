"""How much room is left where the data lie, and whether that is too little to take anything in.

Before: somebody hands something in, or a duty looks by the clock (`duties/room.py`). After: the door refuses until
there is room again (`receive.py`), and an alarm says so once for the whole machine.
"""

from __future__ import annotations

import shutil

from mailroom.services import Services

_MEGABYTE = 1 << 20


def megabytes_free(services: Services) -> int:
    """Return the megabytes that are free where the data lie."""
    return shutil.disk_usage(services.scratch).free // _MEGABYTE


def why_no_room(services: Services) -> str | None:
    """Return why nothing is taken in for want of room, or None where there is enough."""
    free, least = megabytes_free(services), services.settings.intake.least_free_megabytes
    if free >= least:
        return None
    return (
        f"There are {free} MB free and {least} are kept free (intake.least_free_megabytes): nothing is taken in by "
        "mail, folders, mailboxes or hand until there is room. Make room; intake goes on by itself."
    )
