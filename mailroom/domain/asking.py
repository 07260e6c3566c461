"""What the sender is asked for when something could not be opened, by which way, and when nobody is asked; pure.

Before: an item needs a person because it, or what is attached to it, is locked, empty or damaged. After: a clerk sees
the question as it would go out, or why none can (`desk/asking.py`). A person asks, so it need not be settled first.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from mailroom.domain.acknowledging import Plan, Sender, Way
from mailroom.domain.capture import Channel
from mailroom.domain.errors import Cause
from mailroom.domain.templates import ASKED_FOR
from mailroom.domain.unopened import Unopened, shortened

_SCANNED_HERE = frozenset({Channel.POST, Channel.FAX})
"""Channels of which the machine that made the file is ours: what is damaged there is not the sender's doing."""

_MOST_NAMED = 10


@dataclass(frozen=True, slots=True)
class Shut:
    """What could not be opened of an item: why, and the files by name."""

    cause: Cause
    names: tuple[str, ...]


def what_is_shut(cause: str | None, name: str, attached: Sequence[Unopened], channel: Channel) -> Shut | None:
    """Return what the sender may be asked for again, or None.

    What is locked comes first: the question about it says that it must come without its lock.

    Args:
        cause: why the item needs a person.
        name: what the sender knows the item by: its subject or file name.
        attached: the files of it that could not be opened.
        channel: its way in.
    """
    shut = [(file.cause, file.name) for file in attached if file.cause in ASKED_FOR]
    if not shut and cause in ASKED_FOR:
        shut = [(Cause(cause), name)]
    theirs = [(why, file) for why, file in shut if why is Cause.ENCRYPTED or channel not in _SCANNED_HERE]
    if not theirs:
        return None
    locked = [one for one in theirs if one[0] is Cause.ENCRYPTED]
    names = [shortened(" ".join(file.split())) or "-" for _, file in (locked or theirs)]
    return Shut((locked or theirs)[0][0], tuple(dict.fromkeys(names))[:_MOST_NAMED])


def plan_question(sender: Sender, *, limited: bool, quarantined: bool, has_address: bool, mail: bool) -> Plan:
    """Decide how the sender is asked; nobody is whom a machine, a list or we ourselves would answer for.

    Args:
        sender: what is known of the sender.
        limited: whether the item is limited-access.
        quarantined: whether something of it is held back because it may do harm.
        has_address: whether name, street and postcode are known.
        mail: whether a mail server is set.
    """
    reasons = {
        "Nothing is sent for a limited-access item.": limited,
        "It is held back because it may do harm, and whoever sent such a thing is asked for nothing.": quarantined,
        "One of our own addresses sent it or passed it on: ask your colleague.": sender.ours,
        "It came from a machine or a list, which is never answered (RFC 3834).": sender.automatic,
    }
    for reason, holds in reasons.items():
        if holds:
            return Plan(Way.NONE, reason)
    if sender.proven_address and mail:
        return Plan(Way.EMAIL)
    if has_address:
        return Plan(Way.LETTER)
    return Plan(Way.NONE, _NO_ADDRESS)


_NO_ADDRESS = "No address of the sender is known. Put in name, address and postcode as they stand on it, and ask then."
