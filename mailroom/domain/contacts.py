"""Whether a message belongs to a case that there is already: a contact on that case, and not new work.

Before: `classify` knows what the message quotes and answers, and the records which cases those are: the candidates.
After: it is added to one of them, or a person is asked, or it is new work. That a case is quoted proves nothing: a
contact must also come from somebody whom the case knows, or a stranger who has seen a number would land in it.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from mailroom.domain.catalogue import UNSORTED, Service
from mailroom.domain.deciding import Doubt, Finding
from mailroom.domain.decision import DecidedBy, Decision, Sensitivity
from mailroom.domain.errors import Cause


class Sign(StrEnum):
    """What in a message points to a case."""

    REPORT = "report"
    OUR_MESSAGE = "our_message"
    THEIR_MESSAGE = "their_message"
    SUBJECT = "subject"
    TEXT = "text"


_STRONG = frozenset({Sign.OUR_MESSAGE, Sign.SUBJECT})
"""Signs that a sender gives of what they write about now, where the rest may be quoted from before."""

_IN_WORDS = {
    Sign.OUR_MESSAGE: "It answers our message about {}",
    Sign.THEIR_MESSAGE: "It follows an earlier message in {}",
    Sign.SUBJECT: "Its subject quotes {}",
    Sign.TEXT: "It quotes {}",
}


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody by the name and postcode in a text."""

    name: str
    postcode: str

    def is_same(self, other: Person) -> bool:
        """Return whether both name the same person, however they are written."""
        return _plain(self.name) == _plain(other.name) and _plain(self.postcode) == _plain(other.postcode)


@dataclass(frozen=True, slots=True)
class Candidate:
    """A case that a message may belong to.

    Attributes:
        case_id: of the case.
        reference: what people call it.
        signs: what in the message points to it.
        addresses: those that the case's messages came from and went to, in lower case.
        people: those named on what it holds.
        case_type: key of its type.
        team: key of the team that has it.
        is_open: whether it is not closed.
        settled: whether a decision on it is settled.
        limited: whether it is limited-access.
    """

    case_id: str
    reference: str
    signs: frozenset[Sign]
    addresses: frozenset[str]
    people: tuple[Person, ...]
    case_type: str
    team: str
    is_open: bool
    settled: bool
    limited: bool


@dataclass(frozen=True, slots=True)
class Writer:
    """Who wrote a message.

    Attributes:
        address: the one that the channel proves, or, where it proves none, the one that the message claims; or None.
        person: by name and postcode in the text, or None.
        automatic: whether a machine answered by itself, or reports on a delivery.
    """

    address: str | None
    person: Person | None
    automatic: bool = False


@dataclass(frozen=True, slots=True)
class Match:
    """The case that a message belongs to, and the sentence that says why."""

    candidate: Candidate
    because: str


def agreement(writer: Writer, candidate: Candidate) -> str | None:
    """Return in which way the case knows the writer, as the end of a sentence; None where it does not.

    A name and a postcode count only where the case knows no address to compare, or the writer has none: whoever writes
    from another address and gives the right name may be anybody who knows that person.
    """
    address = (writer.address or "").casefold()
    if address and address in candidate.addresses:
        return "and comes from an address that the case knows."
    comparable = bool(address and candidate.addresses)
    if writer.person and not comparable and any(writer.person.is_same(known) for known in candidate.people):
        return "and bears the name and postcode that the case knows."
    return None


def match(candidates: Sequence[Candidate], writer: Writer) -> Match | None:
    """Return the one case that the message surely belongs to, or None.

    A delivery report belongs to the message that it is about: only those who have had that know its name. An absence
    note belongs to a case also when it is closed; a person who writes about a closed case begins a new one.
    """
    reported = [one for one in candidates if Sign.REPORT in one.signs]
    if writer.automatic and len(reported) == 1:
        return Match(reported[0], f"It reports that our message about {reported[0].reference} was not delivered.")
    agreed = [
        (one, how)
        for one in candidates
        if one.settled and (one.is_open or writer.automatic) and (how := agreement(writer, one))
    ]
    strong = [(one, how) for one, how in agreed if one.signs & _STRONG]
    for found in (agreed, strong):
        if len(found) == 1:
            candidate, how = found[0]
            return Match(candidate, f"{in_words(candidate)} {how}")
    return None


def contact(
    candidates: Sequence[Candidate],
    writer: Writer,
    finding: Finding,
    alone: tuple[Decision, Doubt | None],
    services: Mapping[str, Service],
) -> tuple[Decision, Doubt | None, Match | None]:
    """Return what is decided about the message, the doubt that keeps it open, and the case that it is added to.

    Args:
        candidates: cases that it points to.
        writer: who wrote it.
        finding: what sorting found out.
        alone: the decision and the doubt that it has as new work.
        services: the catalogue.
    """
    decision, doubt = alone
    found = match(candidates, writer)
    if found is not None:
        doubt = None if Sign.REPORT in found.candidate.signs else _doubt(found, finding, doubt, services)
        if doubt is None:
            return _as_contact(found, decision), None, found
        return _unsettled(decision, [found.candidate], services), doubt, None
    in_question = [one for one in candidates if one.is_open]
    if writer.automatic or not in_question:
        return decision, doubt, None
    return _unsettled(decision, in_question, services), Doubt(Cause.WHICH_CASE, _which(in_question, writer)), None


_HINDERS_READING = frozenset({Cause.NO_TEXT, Cause.DAMAGED, Cause.UNREAD, Cause.ATTACHMENTS})


def _doubt(found: Match, finding: Finding, doubt: Doubt | None, services: Mapping[str, Service]) -> Doubt | None:
    """Return why a person looks first, although the case is sure: it may hold more than an answer."""
    reference, service = found.candidate.reference, services[found.candidate.case_type]
    if doubt is not None and doubt.cause in _HINDERS_READING:
        return Doubt(doubt.cause, f"{doubt.sentence} It belongs to {reference}.")
    if finding.sensitive and not found.candidate.limited:
        return Doubt(
            Cause.UNSURE,
            f"It belongs to {reference}, but may concern somebody at risk. Somebody named for limited access must "
            "settle it.",
        )
    if finding.statutory and finding.statutory != service.statutory:
        return Doubt(
            Cause.CONFLICT,
            f"It belongs to {reference}, but some words point to a statutory deadline ({finding.statutory}). Read it: "
            "add it to that case, or settle it as new work.",
        )
    return None


def _as_contact(found: Match, decision: Decision) -> Decision:
    return replace(
        decision,
        case_type=found.candidate.case_type,
        team=found.candidate.team,
        sensitivity=Sensitivity.LIMITED if found.candidate.limited else Sensitivity.NORMAL,
        confidence=1.0,
        decided_by=DecidedBy.RULE,
        statutory=None,
        reasons=(found.because,),
        settled=True,
    )


def _unsettled(decision: Decision, candidates: Collection[Candidate], services: Mapping[str, Service]) -> Decision:
    """Return the decision for a person; what may belong to a limited case only those named for it see."""
    limited = any(one.limited for one in candidates) or decision.sensitivity is Sensitivity.LIMITED
    return replace(
        decision,
        case_type=UNSORTED,
        team=services[UNSORTED].team,
        sensitivity=Sensitivity.LIMITED if limited else Sensitivity.NORMAL,
        settled=False,
    )


def _which(candidates: Sequence[Candidate], writer: Writer) -> str:
    """Return the sentence for a message of which it is not sure where it belongs."""
    references = " and ".join(one.reference for one in candidates[:3])
    waiting = next((one for one in candidates if not one.settled and agreement(writer, one)), None)
    if waiting is not None:
        return f"{in_words(waiting)}, which still waits to be settled. Settle that first, then add this to it."
    if all(agreement(writer, one) for one in candidates):
        return f"It points to more than one case of this sender: {references}. Add it to the one that it is about."
    return (
        f"{in_words(candidates[0])}, but that case does not know this sender. If it belongs there, add it to the case; "
        "if not, settle it as new work."
    )


def in_words(candidate: Candidate) -> str:
    """Return what in the message points to the case, as the beginning of a sentence."""
    sign = next((sign for sign in _IN_WORDS if sign in candidate.signs), Sign.TEXT)
    return _IN_WORDS[sign].format(candidate.reference)


def _plain(words: str) -> str:
    return "".join(letter for letter in words.casefold() if letter.isalnum())
