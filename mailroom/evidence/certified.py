"""What the certificate of a bundle speaks of: the originals, their items, and how the bundle was made.

Before: each original was put into the bundle and checked on its way. After: `certificate.py` draws it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Certified:
    """One original as the certificate lists it.

    Attributes:
        file: its path in the bundle.
        sha256: its digest.
        size: bytes.
        given_name: under which file name it came.
        note: what else has to be known of it; empty where nothing has.
    """

    file: str
    sha256: str
    size: int
    given_name: str
    note: str


@dataclass(frozen=True, slots=True)
class Record:
    """One item as the certificate lists it.

    Attributes:
        reference: of the item.
        received_at: when.
        assumed: whether the date is assumed, because nothing said by which day it came.
        channel: by which way it came.
        case: its case in words; empty where it has none.
        originals: what was received.
        seen_by: who had it before them, how often, and when last: one line each.
    """

    reference: str
    received_at: datetime
    assumed: bool
    channel: str
    case: str
    originals: Sequence[Certified]
    seen_by: Sequence[str]


@dataclass(frozen=True, slots=True)
class Making:
    """How the bundle was made.

    Attributes:
        council: the authority.
        made_at: when.
        made_by: who, as the chain of custody names them.
        purpose: what for, in words.
        contents: digest of the contents, as the chain of custody has it.
        key: the public key; None where nothing was signed.
        head: the text of the newest signed head; None where nothing was signed.
    """

    council: str
    made_at: datetime
    made_by: str
    purpose: str
    contents: str
    key: str | None
    head: str | None
