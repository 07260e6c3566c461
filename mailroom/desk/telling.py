"""What happened to an item in words, for the history that an auditor reads and for a save that comes too late.

Before: the events stand in the chain of custody, without names or words of the letter. After: each is a sentence that
says who did what. A kind of event that has no words here is told by its own word. The story of a case, in which nobody
does anything and clocks run, is `sentences.py`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from mailroom.desk.item_view import cause_in_words, title_of
from mailroom.domain.sla import LONDON
from mailroom.records.happenings import Happening
from mailroom.services import Services

BY_WHICH_WAY = {
    "post": "by post",
    "fax": "by fax",
    "email": "by e-mail",
    "eform": "by web form",
    "sms": "by text message",
    "logged": "and was entered by staff",
    "import": "from an older system",
}
"""How something came in, by its channel."""

_WAYS = {"email": "by e-mail", "letter": "by letter", "print": "by letter", "none": "not at all"}
_Words = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Told:
    """One happening in words.

    Attributes:
        at: when.
        who: account name; None where no person did it.
        sentence: what, beginning with who it was.
    """

    at: datetime
    who: str | None
    sentence: str

    def __str__(self) -> str:
        """Return it with the time in London."""
        return f"{self.at.astimezone(LONDON):%d %B %Y %H:%M}: {self.sentence}"


def tell(happened: Sequence[Happening], services: Services) -> list[Told]:
    """Return what happened in words, in the same order; people go by their account names."""
    return [_told(one, person_of(one.actor, {}), services) for one in happened]


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
    return f"{who} {words}." if kind in _OF_PEOPLE else f"{words[:1].upper()}{words[1:]}, by {who}."


def _told(one: Happening, who: str | None, services: Services) -> Told:
    return Told(one.at, who, sentence_of(one.kind, one.details, who, one.actor, services))


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
    return f"it came in {BY_WHICH_WAY.get(told['channel'], told['channel'])}{again}"


def _damage_found(told: _Words) -> str:
    what = "its original" if told.get("of") == "original" else "something made from its original"
    where = "the second copy" if told.get("copy") == "second" else "the store"
    return f"{what} was found {'damaged' if told.get('found') else 'missing'} in {where}"


def _mended(told: _Words) -> str:
    what = "the original" if told.get("of") == "original" else "what was made from the original"
    if told.get("by") == "same_bytes":
        return f"{what} was put back from the same bytes, which came again or had waited"
    if told.get("by") == "somebody":
        return f"{what} was found whole again"
    return f"{what} was put back from {'the first copy' if told.get('copy') == 'second' else 'the second copy'}"


def _refused(told: _Words) -> str:
    server = "the mail server refused the message to the sender"
    why = server if told.get("by_server") else "the message to the sender could not go by mail"
    return f"{why}; it waits as a letter"


def _classified(told: _Words) -> str:
    sure = f", sure to {told['confidence']:.0%}" if told.get("confidence") is not None else ""
    return f"it was sorted by rule{sure}" if told.get("settled") else f"it was left to a person to sort{sure}"


def _read(told: _Words) -> str:
    return f"{_count(told.get('pages'), 'page')} {'was' if told.get('pages') == 1 else 'were'} read"


def _set_aside(told: _Words) -> str:
    cause = told.get("cause")
    return f"it was set aside for a person{f': {cause_in_words(cause)}' if cause else ''}"


def _day(written: str) -> str:
    return f"{date.fromisoformat(written[:10]):%d %B %Y}"


def _received_corrected(told: _Words) -> str:
    return f"corrected the date of receipt{f' to {_day(new)}' if (new := told.get('new')) else ''}"


def _later_date(told: _Words) -> str:
    new = f", {_day(told['new'])}," if told.get("new") else ""
    return f"put in a later date of receipt{new} that a second person must confirm"


def _holding(told: _Words) -> str:
    promised = told.get("promised_for")
    return f"promised the sender a full answer{f' for {_day(promised)}' if promised else ''}"


def _evidence(told: _Words) -> str:
    items = told.get("items")
    with_others = f" of {items} items" if items and items > 1 else ""
    held_back = ", with what is held back" if told.get("held_back") else ""
    return f"made an evidence bundle{with_others} with it{held_back}"


def _field(told: _Words) -> str:
    return str(told.get("field") or "index data").replace("_", " ")


def _settled(told: _Words) -> str:
    return f"settled it as {_type(told)} for {_team(told)}{', together with others' if told.get('together') else ''}"


def _corrected(told: _Words) -> str:
    return f"corrected the {_field(told)}"


def _imported(told: _Words) -> str:
    kind = "as closed there" if told.get("as") == "closed" else "as open work"
    where = f": line {told['line']} of {told.get('index') or 'its index'}" if told.get("line") else ""
    return f"brought it over from an older system {kind}{where}"


_OF_THE_ITEM: Mapping[str, Callable[[_Words], str]] = {
    "received": _received,
    "damage_found": _damage_found,
    "mended": _mended,
    "taken_out": lambda _: "an attachment was taken out of the message",
    "refused": lambda _: "it was refused at the door, and nothing of it was kept",
    "unpacked": lambda told: f"it was opened: {_count(told.get('documents'), 'document')}",
    "read": _read,
    "drawn": lambda told: f"the message was drawn as it is meant to be seen: {_count(told.get('sheets'), 'sheet')}",
    "not_drawn": lambda _: "the message could not be drawn; its words and its frame are shown",
    "classified": _classified,
    "case_opened": lambda told: f"the case {told.get('case') or ''} stands as {_type(told)} for {_team(told)}",
    "contact_added": lambda told: f"it was added to the case {told.get('case') or ''}".rstrip(),
    "set_aside": _set_aside,
    "first_arrival_unproven": lambda _: (
        "one of us passed it on, and nothing proves when it first came to the council: its date is assumed"
    ),
    "quarantined": lambda told: f"it was held back by the malware scanner: {told.get('found') or 'it may do harm'}",
    "quarantine_ended": lambda _: "the malware scanner found nothing in it any more",
    "acknowledgement_planned": lambda told: f"a message to the sender was planned {_WAYS.get(told.get('way', ''), '')}",
    "acknowledged": lambda told: f"the sender was told {_WAYS.get(told.get('way', ''), 'that it came in')}",
    "acknowledgement_refused": _refused,
    "handed_over": lambda told: f"it was handed to {_team(told)}",
    "release_withdrawn": lambda _: "what had been released of it was taken back",
    "replied": lambda _: "a reply went out",
    "question_sent": lambda _: "the question to the sender went out",
    "fell_back": lambda told: f"it fell back to {_team(told)}: its officer works there no more",
    "message_in_doubt": lambda _: (
        "the mailroom was restored from a backup, and a message was held back: it may have gone out before"
    ),
    "backed_up": lambda told: f"a backup was taken of {_count(told.get('items'), 'item')}",
    "keys_rewrapped": lambda told: f"{_count(told.get('keys'), 'data key')} were wrapped by another master key",
    "former_store_emptied": lambda told: (
        f"{_count(told.get('objects'), 'object')} were deleted from the former store, as they lie in that of now"
    ),
    "drilled": lambda _: "a backup was restored for trial",
    "restored": lambda told: f"the mailroom was restored from the backup of {told.get('taken_at') or 'earlier'}",
    "details_erased": lambda _: "details of its history were erased",
}
"""What became of the item: a sentence of its own."""

_OF_PEOPLE: Mapping[str, Callable[[_Words], str]] = {
    "made_by_split": _made_of,
    "imported": _imported,
    "added_to_case": lambda told: f"added it to the case {told.get('case') or ''}".rstrip(),
    "left_case": lambda told: f"took it out of the case {told.get('case') or ''}".rstrip(),
    "contact_seen": lambda told: f"saw it for {_team(told)}",
    "settled": _settled,
    "rerouted": lambda told: f"sent it to {_team(told)} as {_type(told)}",
    "retried": lambda told: f"had it tried again from {told.get('stage') or 'an earlier stage'}",
    "legal_hold_placed": lambda _: "put it under legal hold",
    "legal_hold_lifted": lambda _: "lifted the legal hold on it",
    "marked_sensitive": lambda _: "made it limited-access",
    "rescan_asked": lambda _: "asked for a new scan",
    "corrected": _corrected,
    "later_date_put_in": _later_date,
    "received_corrected": _received_corrected,
    "joined_into": lambda told: f"joined it to {told.get('into') or 'another item'}",
    "joined": lambda told: f"joined {told.get('from') or 'another item'} to it",
    "split": lambda told: f"split it into {_count(len(told.get('parts') or ()), 'item')}",
    "acknowledgement_undone": lambda _: "took back the message to the sender",
    "printed_again": lambda _: "printed the letter to the sender again",
    "accepted": lambda told: f"accepted it for {_team(told)}",
    "allocated": lambda told: f"gave the case to {told.get('owner') or 'an officer'}",
    "returned": lambda told: f"returned it from {_team(told)} to the post room",
    "closed": lambda _: "closed the case",
    "holding_reply_sent": _holding,
    "confirmed": lambda told: f"confirmed the {_field(told)} as it was read",
    "decision_undone": lambda _: "took the decision back",
    "referred": lambda told: f"did not know and gave it to {told.get('colleague') or 'whoever does'}",
    "taken_over": lambda told: f"took it over from {told.get('account') or 'somebody else'}",
    "noted": lambda _: "wrote a note",
    "brought_forward": lambda told: f"brought it forward to {told.get('to') or 'another day'}",
    "brought_back": lambda _: "took the date it was brought forward to away",
    "reply_written": lambda _: "wrote a reply",
    "sender_asked": lambda _: "asked the sender for what could not be opened",
    "question_taken_back": lambda _: "took the question to the sender back",
    "reply_taken_back": lambda _: "took a reply back",
    "purpose_stated": lambda _: "said what it is opened for",
    "loaded_ahead": lambda _: "had it made ready as their next one, and was not shown it yet",
    "viewed": lambda _: "looked at it",
    "evidence_made": _evidence,
    "redacted": lambda told: f"made a copy with {_count(told.get('boxes'), 'place')} painted over",
    "exported": lambda _: "took a copy out in an export",
    "original_fetched": lambda told: f"fetched the original{', which is held back' if told.get('held_back') else ''}",
}
"""What somebody did: it follows on their name."""

_SENTENCES = {**_OF_THE_ITEM, **_OF_PEOPLE}

KINDS = tuple(_SENTENCES)
"""The kinds of events that have words of their own."""
