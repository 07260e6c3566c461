"""What the single ways in are called on the ledger: a folder, a mailbox, an address behind the mail server in front.

Before: a channel hands something in. After: the door's line says by which way it came, so that a way that has fallen
silent can be told from the others of its channel (`silence.py`).
"""

from __future__ import annotations

SILENCE = "silence of "
"""What the subjects of alarms begin with that are about a way in by which nothing comes any more."""


def folder(name: str) -> str:
    """Return what the hot folder of this name is called."""
    return f"folder:{name}"


def mailbox(name: str) -> str:
    """Return what the mailbox of this name is called."""
    return f"mailbox:{name}"


def address(address: str) -> str:
    """Return what mail from the server in front is called that was sent here; empty: to any other address of ours."""
    return f"address:{address}"


def address_in(way: str) -> str:
    """Return the address that a way in is called by; empty where it is no address, or none that we know."""
    kind, _, rest = way.partition(":")
    return rest if kind == "address" else ""


def in_words(way: str) -> str:
    """Return what people call a way in: `the mailbox planning`, `mail to our other addresses`."""
    kind, _, rest = way.partition(":")
    return f"mail to {rest or 'our other addresses'}" if kind == "address" else f"the {kind} {rest}"


def silence_of(way: str) -> str:
    """Return the subject of the alarm that is raised where nothing comes by this way any more."""
    return f"{SILENCE}{in_words(way)}"
