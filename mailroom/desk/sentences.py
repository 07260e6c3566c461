"""What a custody event says, as a sentence that an officer reads; pure.

Before: `timeline.py` has an item's events. After: those that tell the matter's story have a sentence; looks at the item
and the machine's steps in between have none.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

from mailroom.desk.item_view import cause_in_words, title_of
from mailroom.services import Services

Details = Mapping[str, Any]
Sentence = Callable[[Details, Services], str]


def sentence_of(kind: str, details: Details, services: Services) -> str | None:
    """Return the sentence, or None for an event that is no part of the story."""
    make = _SENTENCES.get(kind)
    return make(details, services) if make else None


def person(owner: str, services: Services) -> str:
    """Return how an owner is called: an officer by account name, a team by its name."""
    prefix, _, key = owner.partition(":")
    return _team(key, services) if prefix == "team" else owner


def day(iso: str) -> str:
    """Return a date of the records as people write it."""
    told = date.fromisoformat(iso[:10])
    return f"{told:%A} {told.day} {told:%B %Y}"


def _team(key: str, services: Services) -> str:
    team = services.catalogue.teams.get(key)
    return team.name if team else key


def _received(details: Details, _services: Services) -> str:
    return "Received." if not details.get("assumed") else "Received; the date was taken from the file."


def _imported(details: Details, _services: Services) -> str:
    kind = "a closed matter" if details.get("as") == "closed" else "open work"
    return f"Brought over from an older system as {kind}."


def _set_aside(details: Details, _services: Services) -> str:
    return f"Given to a person: {cause_in_words(details['cause'])}."


def _case_opened(details: Details, services: Services) -> str:
    return f"Captured as “{title_of(details['case_type'], services)}” for {_team(details['team'], services)}."


def _contact_added(details: Details, _services: Services) -> str:
    if details.get("came_back"):
        return "A mail server reports that our message was not delivered."
    return f"Message added to {details['case']}."


def _settled(details: Details, services: Services) -> str:
    return f"Settled by a person as “{title_of(details['case_type'], services)}”."


def _rerouted(details: Details, services: Services) -> str:
    return f"Routed to {_team(details['team'], services)} as “{title_of(details['case_type'], services)}”."


def _handed_over(details: Details, services: Services) -> str:
    return f"Handed over to {_team(details['team'], services)}."


def _accepted(details: Details, services: Services) -> str:
    return f"Accepted by {_team(details['team'], services)}; {person(details['owner'], services)} has it."


def _allocated(details: Details, services: Services) -> str:
    return f"Given to {person(details['owner'], services)}."


def _returned(details: Details, services: Services) -> str:
    return f"Returned to the post room by {_team(details['team'], services)}."


def _fell_back(details: Details, services: Services) -> str:
    return f"Back with {_team(details['team'], services)}: its officer works there no more."


def _acknowledged(details: Details, _services: Services) -> str:
    return f"The sender was told by {_WAYS[details['way']]} that it came in."


def _refused(details: Details, _services: Services) -> str:
    return f"Our message {'was refused by the mail server' if details['by_server'] else 'could not go by mail'}."


def _replied(details: Details, _services: Services) -> str:
    return f"Reply {details['number']} went out by {_WAYS[details['way']]}."


def _reply_written(details: Details, _services: Services) -> str:
    return f"Reply {details['number']} was written."


def _question_sent(details: Details, _services: Services) -> str:
    return f"The sender was asked by {_WAYS[details['way']]} for what could not be opened."


def _reply_taken_back(details: Details, _services: Services) -> str:
    return f"Reply {details['number']} was taken back."


def _promised(details: Details, _services: Services) -> str:
    return f"A full answer was promised for {day(details['promised_for'])}."


def _corrected(details: Details, _services: Services) -> str:
    return f"The {details['field'].replace('_', ' ')} was corrected."


def _split(details: Details, _services: Services) -> str:
    return f"Split into {len(details['parts'])} items."


def _always(sentence: str) -> Sentence:
    return lambda _details, _services: sentence


_WAYS = {"email": "mail", "letter": "letter"}

_SENTENCES: Mapping[str, Sentence] = {
    "received": _received,
    "imported": _imported,
    "made_by_split": _always("Made from pages of another item."),
    "set_aside": _set_aside,
    "case_opened": _case_opened,
    "contact_added": _contact_added,
    "contact_seen": _always("The message was seen."),
    "added_to_case": _always("Added to a case by a person."),
    "left_case": _always("Taken out of the case."),
    "settled": _settled,
    "rerouted": _rerouted,
    "handed_over": _handed_over,
    "accepted": _accepted,
    "allocated": _allocated,
    "returned": _returned,
    "fell_back": _fell_back,
    "acknowledged": _acknowledged,
    "acknowledgement_refused": _refused,
    "message_in_doubt": _always("A message was held back after a restore: it may have gone out before."),
    "acknowledgement_undone": _always("The message to the sender was taken back."),
    "reply_written": _reply_written,
    "reply_taken_back": _reply_taken_back,
    "replied": _replied,
    "sender_asked": _always("A person asks the sender for what could not be opened."),
    "question_taken_back": _always("The question to the sender was taken back."),
    "question_sent": _question_sent,
    "printed_again": _always("A letter was printed again."),
    "holding_reply_sent": _promised,
    "brought_back": _always("Brought back into the queue."),
    "closed": _always("Closed."),
    "corrected": _corrected,
    "later_date_put_in": _always("A later date of receipt was put in; a second person must confirm it."),
    "received_corrected": _always("The date of receipt was corrected."),
    "marked_sensitive": _always("Marked as limited-access."),
    "rescan_asked": _always("A new scan was asked for."),
    "decision_undone": _always("The decision was taken back."),
    "referred": _always("Referred to a colleague."),
    "retried": _always("Tried again."),
    "redacted": _always("A copy was made with places painted over."),
    "joined": _always("Another item was joined to it."),
    "joined_into": _always("Joined to another item."),
    "split": _split,
}
