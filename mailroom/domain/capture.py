"""What a channel hands in at the door, and what the door answers.

Before: a channel has a complete file on the vault's own disk. After: `journey/receive.py` has it in the vault and on
the ledger, and answers with a `Receipt`; only then may the channel let go of its source.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mailroom.domain.imported import Told


class Channel(StrEnum):
    """The ways in."""

    POST = "post"
    FAX = "fax"
    EMAIL = "email"
    EFORM = "eform"
    SMS = "sms"
    LOGGED = "logged"


@dataclass(frozen=True, slots=True)
class Hints:
    """What the way in says about an item before anybody has read it (folder name, mailbox, form).

    Attributes:
        team: team key from `config/teams.toml`, or None.
        case_type: case type key from `config/services.toml`, or None.
    """

    team: str | None = None
    case_type: str | None = None


@dataclass(frozen=True, slots=True)
class Capture:
    """One thing taken in by a channel: a spooled file and what is known about its arrival.

    Attributes:
        spooled: the bytes as received, in the spool folder on the vault's own disk; `receive` moves them on.
        channel: the way in.
        source: what identifies this very delivery within its channel; equal sources are one delivery seen twice.
        received_at: the moment of receipt (aware, any zone; stored in UTC), by the rule of the channel.
        receipt_assumed: True where no date of delivery was given and the file's own date stands in.
        file_name: the sender's name for it: data for people, never a path.
        proven_sender: the address that the channel itself proves (envelope sender, form field); empty where it proves
            that nobody is to be answered (the null reverse-path, RFC 5321 section 4.5.5); None where it proves nothing.
        hints: what folder or mailbox say about it.
        way: the one way in of several that the channel has (`ways.py`); empty where nobody waits for more by it.
        defect: a sentence where the channel knows that the file is not whole (scanner never finished), else None.
        told: what the index of an older system says of it, where it is brought over from there; else None.
    """

    spooled: Path
    channel: Channel
    source: str
    received_at: datetime
    receipt_assumed: bool = False
    file_name: str = ""
    proven_sender: str | None = None
    hints: Hints = Hints()
    way: str = ""
    defect: str | None = None
    told: Told | None = None


@dataclass(frozen=True, slots=True)
class Receipt:
    """The door's answer: the item is stored and on the ledger.

    Attributes:
        item_id: id that cannot be guessed.
        reference: number with check digit, for people.
        redelivered: True where this very delivery was on the ledger already; nothing was added.
        repeat_of: reference of the first item with equal bytes where this is a repeat receipt, else None.
    """

    item_id: str
    reference: str
    redelivered: bool = False
    repeat_of: str | None = None


@dataclass(frozen=True, slots=True)
class Refusal:
    """One thing that a channel did not take in, and that whoever sent it was told so about.

    Attributes:
        channel: the way in.
        source: what identifies this very delivery within its channel.
        received_at: when it was offered (aware).
        proven_sender: as in a capture.
        sentence: why, for people.
        size: bytes, as far as they are known.
    """

    channel: Channel
    source: str
    received_at: datetime
    proven_sender: str | None
    sentence: str
    size: int


Deliver = Callable[[Capture], Receipt]
"""The door, as a channel knows it: synchronous, durable when it returns, raises when it is not."""

Refuse = Callable[[Refusal], str]
"""The door's book of what was not taken in: returns the reference under which it stands on the ledger."""
