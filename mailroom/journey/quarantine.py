"""Has originals looked at for malware before anybody opens them, and holds back what may do harm.

Before: `unpack` has its turn with an item, and nobody has looked inside yet. After: what the scanner found nothing in
goes on; what it found something in, or could not look at, is marked in its own row and never opened, and the item waits
for a person with its case and its clock. Nothing is refused or lost: it was accepted before. Where the scanner cannot
be reached, the item waits until it can.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sqlalchemy.orm import Session

from mailroom.domain.errors import Cause, Transient, Unreachable
from mailroom.domain.quarantine import NO_ANSWER, NOT_AS_A_WHOLE, what_to_do
from mailroom.journey.attachments import is_attachment
from mailroom.journey.set_aside import mark_aside
from mailroom.journey.stage import Turn, note, open_checked
from mailroom.records.documents import replace_documents
from mailroom.records.search import withdraw_text
from mailroom.records.tables import Item, Original
from mailroom.services import Services

MOST_TRIES = 12
"""Attempts in a row, about half an hour, after which what the scanner always breaks off over goes to a person."""

Held = Mapping[str, str]
"""Ids of originals, and why each is held back."""


def look_for_malware(originals: Sequence[Original], attempts: int, services: Services) -> Held:
    """Return which of an item's originals are to be held back; none where nothing looks, but for those that are.

    What was taken out of a message is what the scanner has seen in it, and shares its lot.

    Args:
        originals: of one item, in their order.
        attempts: how often in a row it could not be looked at so far.
        services: the bundle.

    Raises:
        Transient: the scanner cannot be reached or has given no answer; the item waits.
        Misconfigured: something else answers in its place.
    """
    held: dict[str, str] = {}
    digests: dict[str, str] = {}
    for original in originals:
        if is_attachment(original):
            reason = digests.get(original.extract_of or "")
        else:
            reason = _reason(original, attempts, services)
        if reason:
            held[original.id] = digests[original.sha256] = reason
    return held


def hold_back(session: Session, turn: Turn, item: Item, held: Held, services: Services) -> None:
    """Mark these originals and give the item to a person, in the caller's unit of work."""
    for original in item.originals:
        reason = held.get(original.id)
        if reason and original.quarantined != reason:
            original.quarantined = reason
            note(session, turn, "quarantined", services, original=original.sha256, details={"found": reason})
    withdraw_text(session, item)
    replace_documents(session, item, [], services.now())
    sentence = what_to_do(next(iter(held.values())))
    mark_aside(session, turn, item, Cause.QUARANTINED, sentence, services)


def let_go(session: Session, turn: Turn, item: Item, services: Services) -> None:
    """Take the mark from originals in which a later look found nothing, in the caller's unit of work."""
    for original in item.originals:
        if original.quarantined:
            original.quarantined = None
            note(session, turn, "quarantine_ended", services, original=original.sha256)


def _reason(original: Original, attempts: int, services: Services) -> str | None:
    if services.scanner is None:
        return original.quarantined
    with open_checked(original, services) as file:
        try:
            scanned = services.scanner.scan(file)
        except Unreachable:
            raise
        except Transient:
            if attempts + 1 < MOST_TRIES:
                raise
            return NO_ANSWER
    return scanned.found or (None if scanned.whole else NOT_AS_A_WHOLE)
