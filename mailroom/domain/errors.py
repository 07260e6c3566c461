"""What can go wrong, named by who must act on it; every other module raises one of these.

The message is written for that person: what happened, to which item or setting, and what to do.
"""

from __future__ import annotations

from enum import StrEnum


class MailroomError(Exception):
    """Base of all errors this project raises on purpose."""


class Transient(MailroomError):
    """It may work the next time without anybody doing anything; it is tried again with growing pauses."""


class Unreachable(Transient):
    """Nothing there answers at all: whatever else is meant for the same place would only wait as well."""


class TurnedAway(Unreachable):
    """What is there takes nothing of ours, whatever it is: all of it waits until an administrator mends a setting."""


class Unanswered(MailroomError):
    """Something was handed over outside and no answer came: it may have arrived, and is sent once more at the most."""


class Misconfigured(MailroomError):
    """A setting, folder or installed part is wrong: the service does not start until an administrator mends it."""


class CustodyBreach(MailroomError):
    """An original is missing or is not what was received: nothing touches the item again until it is looked into."""


class Superseded(MailroomError):
    """Another run of this item has taken over; this one stops without a trace."""


class Cause(StrEnum):
    """Why an item needs a person; kept with the item, counted in reports, shown as a filter on the bench."""

    QUARANTINED = "quarantined"
    EMPTY = "empty"
    ENCRYPTED = "encrypted"
    DAMAGED = "damaged"
    INCOMPLETE = "incomplete"
    TOO_LARGE = "too_large"
    UNKNOWN_FORMAT = "unknown_format"
    TOO_SLOW = "too_slow"
    STOPPED_THE_READER = "stopped_the_reader"
    STOPPED_THE_SERVICE = "stopped_the_service"
    NO_TEXT = "no_text"
    UNREAD = "unread"
    ATTACHMENTS = "attachments"
    UNSURE = "unsure"
    CONFLICT = "conflict"
    WHICH_CASE = "which_case"
    RETURNED = "returned"
    NEW_SCAN = "new_scan"
    HAND_OVER_FAILED = "hand_over_failed"
    CUSTODY = "custody"


class NeedsPerson(MailroomError):
    """The machine cannot go on with this item; a clerk reads the sentence and decides.

    Args:
        cause: the kind of obstacle, for counting and filtering.
        sentence: what a clerk reads: what is wrong with this item and what to do about it.
    """

    def __init__(self, cause: Cause, sentence: str) -> None:
        super().__init__(sentence)
        self.cause = cause
        self.sentence = sentence


class RefusedForGood(NeedsPerson):
    """Whoever a message was handed to outside has answered that they will never take it."""
