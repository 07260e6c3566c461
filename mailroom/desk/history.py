"""The history of an item as a list that reads: who did what when, and why, sentence by sentence.

Before: the chain of custody has an event for everything that happened. After: an auditor, or whoever they answer to,
reads it without knowing how the mailroom works. A kind of event that has no sentence here is told by its own words.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from mailroom.desk.item_view import cause_in_words, title_of
from mailroom.domain.purpose import Purpose
from mailroom.records.accounts import all_accounts
from mailroom.records.tables import Correction, Handoff
from mailroom.services import Services

PURPOSES: Mapping[str, str] = {
    Purpose.AUDIT: "Audit",
    Purpose.FOI: "Freedom of information request",
    Purpose.SAR: "Subject access request",
    Purpose.COMPLAINT: "Complaint",
    Purpose.COURT: "Court order or legal proceedings",
}
"""What people call the purposes for which an item is opened."""

_CHANNELS = {
    "post": "by post",
    "fax": "by fax",
    "email": "by e-mail",
    "eform": "by web form",
    "sms": "by text message",
    "logged": "and was entered by staff",
}
_WAYS = {"email": "by e-mail", "letter": "by letter", "print": "by letter", "none": "not at all"}
_RETURNED = "returned"
_Words = Mapping[str, Any]
_When = tuple[bool, str, datetime]
"""Whether it was returned, by whom, when: what a reason is found by."""


@dataclass(frozen=True, slots=True)
class Line:
    """One thing that happened.

    Attributes:
        at: when.
        who: the person, or None where the machine did it.
        sentence: what, beginning with who it was.
        why: the reason or purpose, where one was given.
        kind: the event's own word.
        number: its place in the global log; None while it waits for one.
    """

    at: datetime
    who: str | None
    sentence: str
    why: str | None
    kind: str
    number: int | None


def history(session: Session, item_id: str, custody: Sequence[Mapping[str, Any]], services: Services) -> list[Line]:
    """Return the history, earliest first.

    Args:
        session: a look at the records.
        item_id: whose.
        custody: its events, as `item_view.view` shows them to this viewer.
        services: the bundle.
    """
    names, reasons = names_of_people(session), _reasons(session, item_id)
    return [_line(event, names, reasons, services) for event in custody]


def names_of_people(session: Session) -> dict[str, str]:
    """Return what people are known as, by account name."""
    return {account.name: account.display_name for account in all_accounts(session)}


def person_of(actor: str, names: Mapping[str, str]) -> str | None:
    """Return who an event's actor is to people; None for the machine and the ways in."""
    kind, _, rest = actor.partition(":")
    if kind in ("machine", "channel"):
        return None
    return f"{rest} (command line)" if kind == "cli" else names.get(actor, actor)


def sentence_of(kind: str, details: _Words, who: str | None, actor: str, services: Services) -> str:
    """Return what happened as a sentence; pure.

    Args:
        kind: the event's own word.
        details: what stands with it; empty where it was erased.
        who: the person, None for the machine.
        actor: as it stands in the event.
        services: the bundle, which knows what types and teams are called.
    """
    told = {**details, "channel": actor.partition(":")[2], "services": services}
    words = _SENTENCES[kind](told) if kind in _SENTENCES else kind.replace("_", " ")
    if who is None:
        return f"{words[:1].upper()}{words[1:]}."
    return f"{who} {words}." if kind in _BY_PEOPLE else f"{words[:1].upper()}{words[1:]}, by {who}."


def _line(
    event: Mapping[str, Any],
    names: Mapping[str, str],
    reasons: Mapping[_When, str],
    services: Services,
) -> Line:
    details, actor, at = event["details"] or {}, event["actor"], datetime.fromisoformat(event["at"])
    who = person_of(actor, names)
    sentence = sentence_of(event["kind"], details, who, actor, services)
    purpose = details.get("purpose")
    why = (PURPOSES.get(purpose, purpose) if purpose else None) or reasons.get((event["kind"] == _RETURNED, actor, at))
    return Line(at, who, sentence, why, event["kind"], event["number"])


def _reasons(session: Session, item_id: str) -> dict[_When, str]:
    """Return the reasons that people gave in their own words: events never hold them."""
    corrected = select(Correction.actor, Correction.made_at, Correction.reason).where(Correction.item_id == item_id)
    returned = select(Handoff.answered_by, Handoff.answered_at, Handoff.reason).where(Handoff.item_id == item_id)
    rows = [
        (is_return, *row)
        for is_return, query in ((False, corrected), (True, returned))
        for row in session.execute(query)
    ]
    return {(is_return, actor, at): reason for is_return, actor, at, reason in rows if actor and at and reason}


def _team(told: _Words) -> str:
    team = told["services"].catalogue.teams.get(told.get("team"))
    return str(team.name if team else told.get("team") or "a team")


def _type(told: _Words) -> str:
    return title_of(told.get("case_type") or "a type", told["services"])


def _count(number: int | None, word: str) -> str:
    return f"{number} {word}{'' if number == 1 else 's'}" if number is not None else f"some {word}s"


def _made_of(told: _Words) -> str:
    pages = f"pages {told['first']} to {told['last']}" if told.get("first") else "some pages"
    return f"made it of {pages} of {told.get('part_of') or 'another item'}"


def _received(told: _Words) -> str:
    again = f"; the same bytes came before as {told['repeat_of']}" if told.get("repeat_of") else ""
    return f"it came in {_CHANNELS.get(told['channel'], told['channel'])}{again}"


def _classified(told: _Words) -> str:
    sure = f", sure to {told['confidence']:.0%}" if told.get("confidence") is not None else ""
    return f"it was sorted by rule{sure}" if told.get("settled") else f"it was left to a person to sort{sure}"


def _read(told: _Words) -> str:
    return f"{_count(told.get('pages'), 'page')} {'was' if told.get('pages') == 1 else 'were'} read"


def _set_aside(told: _Words) -> str:
    cause = told.get("cause")
    return f"it was set aside for a person{f': {cause_in_words(cause)}' if cause else ''}"


def _corrected(told: _Words) -> str:
    return f"corrected the {str(told.get('field') or 'index data').replace('_', ' ')}"


_SENTENCES: Mapping[str, Callable[[_Words], str]] = {
    "received": _received,
    "unpacked": lambda told: f"it was opened: {_count(told.get('documents'), 'document')}",
    "read": _read,
    "classified": _classified,
    "case_opened": lambda told: f"the case {told.get('case') or ''} stands as {_type(told)} for {_team(told)}",
    "set_aside": _set_aside,
    "acknowledgement_planned": lambda told: f"a message to the sender was planned {_WAYS.get(told.get('way', ''), '')}",
    "acknowledged": lambda told: f"the sender was told {_WAYS.get(told.get('way', ''), 'that it came in')}",
    "handed_over": lambda told: f"it was handed to {_team(told)}",
    "release_withdrawn": lambda _: "what had been released of it was taken back",
    "made_by_split": _made_of,
    "replied": lambda _: "a reply went out",
    "fell_back": lambda told: f"it fell back to {_team(told)}: its officer has left",
    "details_erased": lambda _: "details of its history were erased",
    "settled": lambda told: f"settled it as {_type(told)} for {_team(told)}",
    "rerouted": lambda told: f"sent it to {_team(told)} as {_type(told)}",
    "retried": lambda told: f"had it tried again from {told.get('stage') or 'an earlier stage'}",
    "marked_sensitive": lambda _: "made it limited-access",
    "rescan_asked": lambda _: "asked for a new scan",
    "corrected": _corrected,
    "later_date_put_in": lambda _: "put in a later date of receipt, for a second person to confirm",
    "received_corrected": lambda _: "corrected the date of receipt",
    "joined_into": lambda told: f"joined it to {told.get('into') or 'another item'}",
    "joined": lambda told: f"joined {told.get('from') or 'another item'} to it",
    "split": lambda told: f"split it into {_count(len(told.get('parts') or ()), 'item')}",
    "acknowledgement_undone": lambda _: "took back the message to the sender",
    "printed_again": lambda _: "printed the letter to the sender again",
    "accepted": lambda told: f"accepted it for {_team(told)}",
    "allocated": lambda told: f"gave the case to {told.get('owner') or 'an officer'}",
    "returned": lambda told: f"returned it from {_team(told)} to the post room",
    "closed": lambda _: "closed the case",
    "holding_reply_sent": lambda told: f"told the sender to expect the answer by {told.get('promised_for') or 'a day'}",
    "confirmed": lambda told: f"confirmed the {str(told.get('field') or 'index data').replace('_', ' ')}",
    "decision_undone": lambda _: "took the decision back",
    "referred": lambda _: "asked a colleague to look at it",
    "taken_over": lambda _: "took it over from somebody else",
    "noted": lambda _: "wrote a note",
    "brought_forward": lambda told: f"brought it forward to {told.get('to') or 'another day'}",
    "brought_back": lambda _: "took the date it was brought forward to away",
    "reply_written": lambda _: "wrote a reply",
    "reply_taken_back": lambda _: "took a reply back",
    "purpose_stated": lambda _: "said what it is opened for",
    "viewed": lambda _: "looked at it",
    "original_fetched": lambda _: "fetched the original",
}
"""The words of each kind of event; those of `_BY_PEOPLE` follow on the person's name."""

KINDS = tuple(_SENTENCES)
"""The kinds of events that have a sentence of their own."""

_BY_PEOPLE = frozenset(list(_SENTENCES)[list(_SENTENCES).index("settled") :]) | {"made_by_split"}
