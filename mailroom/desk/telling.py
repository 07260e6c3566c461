"""What happened to an item, in the words of the post room: who, when, what.

Before: the events stand in the chain of custody, without names or words of the letter. After: a person whose save came
too late reads what happened meanwhile, and the item's page tells its story.
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

_Details = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Told:
    """One happening in words.

    Attributes:
        at: when.
        who: account name; "the mailroom" where no person did it.
        what: a phrase that begins with a verb, for instance `settled it as 'Housing repairs'`.
    """

    at: datetime
    who: str
    what: str

    def __str__(self) -> str:
        """Return it as one sentence, with the time in London."""
        return f"{self.at.astimezone(LONDON):%d %B %Y %H:%M}: {self.who} {self.what}."


def tell(happened: Sequence[Happening], services: Services) -> list[Told]:
    """Return what happened in words, in the same order."""
    return [Told(one.at, _who(one.actor), in_words(one.kind, one.details, services)) for one in happened]


def in_words(kind: str, details: _Details, services: Services) -> str:
    """Return what an event of this kind says happened; its details may be erased."""
    phrase = PHRASES.get(kind)
    if phrase is None:
        return kind.replace("_", " ")
    return phrase if isinstance(phrase, str) else phrase(details, services)


def _who(actor: str) -> str:
    return "the mailroom" if actor.startswith(("machine:", "channel:")) else actor


def _settled(details: _Details, services: Services) -> str:
    return f"settled it as {_type(details, services)}"


def _rerouted(details: _Details, services: Services) -> str:
    return f"routed it to {_team(details, services)} as {_type(details, services)}"


def _classified(details: _Details, _services: Services) -> str:
    return "sorted it" if details.get("settled") else "could not tell what it is"


def _case_opened(details: _Details, services: Services) -> str:
    return f"opened or mended its case: {_type(details, services)}, {_team(details, services)}"


def _set_aside(details: _Details, _services: Services) -> str:
    cause = cause_in_words(details.get("cause"))
    return f"set it aside for a person{f' ({cause})' if cause else ''}"


def _corrected(details: _Details, _services: Services) -> str:
    return f"corrected {str(details.get('field', 'a field')).replace('_', ' ')}"


def _confirmed(details: _Details, _services: Services) -> str:
    return f"confirmed {str(details.get('field', 'a field')).replace('_', ' ')} as it was read"


def _received_corrected(details: _Details, _services: Services) -> str:
    new = details.get("new")
    return f"corrected the date of receipt{f' to {_day(new)}' if new else ''}"


def _later_date(details: _Details, _services: Services) -> str:
    new = details.get("new")
    return f"put in a later date of receipt{f', {_day(new)},' if new else ''} that a second person must confirm"


def _referred(details: _Details, _services: Services) -> str:
    colleague = details.get("colleague")
    return f"did not know and gave it to {colleague or 'whoever does'}"


def _taken_over(details: _Details, _services: Services) -> str:
    return f"took it over from {details.get('account', 'somebody')}"


def _accepted(details: _Details, services: Services) -> str:
    return f"accepted it for {_team(details, services)}"


def _allocated(details: _Details, _services: Services) -> str:
    return f"gave it to {details.get('owner', 'an officer')}"


def _returned(details: _Details, services: Services) -> str:
    return f"returned it from {_team(details, services)}"


def _handed_over(details: _Details, services: Services) -> str:
    return f"handed it over to {_team(details, services)}"


def _holding(details: _Details, _services: Services) -> str:
    promised = details.get("promised_for")
    return f"promised a full answer{f' for {_day(promised)}' if promised else ''}"


def _split(details: _Details, _services: Services) -> str:
    return f"split it into {', '.join(details.get('parts', ())) or 'its parts'}"


def _joined_into(details: _Details, _services: Services) -> str:
    return f"joined it to {details.get('into') or 'another item'}"


def _joined(details: _Details, _services: Services) -> str:
    return f"joined {details.get('from') or 'another item'} to it"


def _made_by_split(details: _Details, _services: Services) -> str:
    return f"made it of pages of {details.get('part_of') or 'another item'}"


def _retried(details: _Details, _services: Services) -> str:
    return f"had it tried again from {details.get('stage', 'an earlier stage')}"


def _type(details: _Details, services: Services) -> str:
    return repr(title_of(details["case_type"], services)) if details.get("case_type") else "another type"


def _team(details: _Details, services: Services) -> str:
    team = services.catalogue.teams.get(details.get("team", ""))
    return team.name if team else str(details.get("team", "a team"))


def _day(written: str) -> str:
    return f"{date.fromisoformat(written[:10]):%d %B %Y}"


PHRASES: Mapping[str, str | Callable[[_Details, Services], str]] = {
    "received": "took it in",
    "made_by_split": _made_by_split,
    "unpacked": "opened the file",
    "read": "read it",
    "classified": _classified,
    "set_aside": _set_aside,
    "case_opened": _case_opened,
    "acknowledgement_planned": "planned the message to the sender",
    "acknowledged": "told the sender",
    "handed_over": _handed_over,
    "release_withdrawn": "took the released copy back",
    "settled": _settled,
    "rerouted": _rerouted,
    "marked_sensitive": "made it limited-access",
    "rescan_asked": "asked for a new scan",
    "retried": _retried,
    "confirmed": _confirmed,
    "corrected": _corrected,
    "received_corrected": _received_corrected,
    "later_date_put_in": _later_date,
    "split": _split,
    "joined": _joined,
    "joined_into": _joined_into,
    "acknowledgement_undone": "took the message to the sender back",
    "printed_again": "printed the letter to the sender again",
    "accepted": _accepted,
    "allocated": _allocated,
    "returned": _returned,
    "holding_reply_sent": _holding,
    "closed": "closed its case",
    "referred": _referred,
    "taken_over": _taken_over,
    "decision_undone": "took the decision back",
    "noted": "wrote a note on its case",
    "brought_forward": "brought it forward to a day",
    "brought_back": "took the day it was brought forward to away",
    "fell_back": "gave it back to its team, as its officer has left",
    "reply_written": "wrote a reply",
    "reply_taken_back": "took the reply back",
    "replied": "sent the reply",
    "purpose_stated": "said what it is opened for",
    "viewed": "looked at it",
    "original_fetched": "fetched the original",
    "details_erased": "erased the details of its history",
}
"""What each kind of custody event says happened."""
