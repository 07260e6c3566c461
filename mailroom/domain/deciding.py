"""From ranked suggestions to a decision, or to saying that a person must decide and why.

Sensitivity comes before anything else: while any limited-access type is possible, the item is limited and is settled
by machine only as that type; where somebody may be at risk it is urgent. A hint of a statutory regime that the
likeliest type does not carry also goes to a person: a request under the Act that is missed costs more than a question
asked for nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from mailroom.domain.catalogue import UNSORTED, Service
from mailroom.domain.decision import DecidedBy, Decision, Sensitivity, Suggestion, Urgency
from mailroom.domain.errors import Cause
from mailroom.domain.unopened import Unopened, unopened_in_words

MOST_UNREAD = 0.15
"""Share of a page's lines without words from which a person looks: letters read whole have up to 0.08 (measured)."""


@dataclass(frozen=True, slots=True)
class Finding:
    """What sorting found out about an item.

    Attributes:
        suggestions: likeliest first.
        sensitive: True where a limited-access type is possible at all.
        statutory: the regime that words in the text point to, or None.
        urgent: True where words say that the sender is in danger, has a deadline or is still waiting for an answer.
        readable: False where no words were found on any page.
        damaged_pages: numbers of pages of which a part could not be decoded.
        unread_pages: numbers of pages of which more than `MOST_UNREAD` could not be read.
        attachments: how many attachments could not be opened.
        unopened: as many of those as are known by name.
        hinted: the team whose address or folder it came by; empty where that is nobody's.
    """

    suggestions: Sequence[Suggestion]
    sensitive: bool = False
    statutory: str | None = None
    urgent: bool = False
    readable: bool = True
    damaged_pages: Sequence[int] = ()
    unread_pages: Sequence[int] = ()
    attachments: int = 0
    unopened: Sequence[Unopened] = ()
    hinted: str = ""


@dataclass(frozen=True, slots=True)
class Doubt:
    """Why a person must decide: the kind of doubt and the sentence a clerk reads."""

    cause: Cause
    sentence: str


def decide(
    finding: Finding, services: Mapping[str, Service], threshold: Callable[[str], float]
) -> tuple[Decision, Doubt | None]:
    """Return the decision and, where it is not settled, the doubt that keeps it open.

    Args:
        finding: what sorting found out; its suggestions name services.
        services: the catalogue.
        threshold: confidence from which a decision for a case type needs no person.
    """
    doubt = _doubt(finding, services, threshold)
    best = finding.suggestions[0] if finding.suggestions else Suggestion(UNSORTED, 0.0)
    service = services[best.case_type if doubt is None else UNSORTED]
    limited = finding.sensitive or any(services[s.case_type].limited for s in finding.suggestions)
    urgent = finding.sensitive or (finding.urgent and not _wants_nothing(finding.suggestions, services, threshold))
    decision = Decision(
        case_type=service.key,
        team=service.team,
        sensitivity=Sensitivity.LIMITED if limited or service.limited else Sensitivity.NORMAL,
        confidence=best.confidence,
        decided_by=DecidedBy.RULE,
        statutory=service.statutory or finding.statutory,
        urgency=Urgency.URGENT if urgent else Urgency.NORMAL,
        reasons=best.reasons,
        suggestions=tuple(finding.suggestions),
        settled=doubt is None,
    )
    return decision, doubt


def _wants_nothing(
    suggestions: Sequence[Suggestion], services: Mapping[str, Service], threshold: Callable[[str], float]
) -> bool:
    """Whether it is something that nobody waits for: an absence note that says "if it is urgent" is not.

    It is, if the type is sure, or if nothing else comes close to it.
    """
    if not suggestions:
        return False
    best = suggestions[0]
    service = services[best.case_type]
    closes_here = service.closes is not None and service.signpost is None
    return closes_here and (best.confidence >= threshold(best.case_type) or not _is_close(suggestions))


def _is_close(suggestions: Sequence[Suggestion]) -> bool:
    return len(suggestions) > 1 and suggestions[1].confidence > suggestions[0].confidence / 2


def _doubt(finding: Finding, services: Mapping[str, Service], threshold: Callable[[str], float]) -> Doubt | None:
    if not finding.readable:
        return Doubt(Cause.NO_TEXT, "No words were found on any page. Look at the pages and index it by hand.")
    if finding.damaged_pages:
        pages = ", ".join(map(str, finding.damaged_pages))
        return Doubt(
            Cause.DAMAGED,
            f"Part of page {pages} is missing or could not be decoded. Compare it with the paper and scan it again, or "
            "settle it if nothing that matters is lost.",
        )
    if finding.unread_pages:
        pages = ", ".join(map(str, finding.unread_pages))
        return Doubt(
            Cause.UNREAD,
            f"Part of page {pages} could not be read: it has writing where no words were found. Look at the page and "
            "settle it by what it says, or scan it again.",
        )
    if finding.attachments:
        return Doubt(Cause.ATTACHMENTS, unopened_in_words(finding.attachments, finding.unopened))
    if not finding.suggestions:
        came_by = f", but it came by an address or folder of {finding.hinted}" if finding.hinted else ""
        return Doubt(Cause.UNSURE, f"Nothing in it points to any service{came_by}. Read it and choose.")
    return _doubt_about_type(finding, services, threshold)


def _doubt_about_type(
    finding: Finding, services: Mapping[str, Service], threshold: Callable[[str], float]
) -> Doubt | None:
    best = finding.suggestions[0]
    service = services[best.case_type]
    if finding.sensitive and not service.limited:
        return Doubt(Cause.UNSURE, "It may concern somebody at risk. Somebody named for limited access must settle it.")
    if best.confidence < threshold(best.case_type):
        return Doubt(Cause.UNSURE, _how_unsure(finding.suggestions, services))
    if finding.statutory and finding.statutory != service.statutory:
        return Doubt(
            Cause.CONFLICT,
            f"It looks like {service.title!r}, but some words point to a statutory deadline ({finding.statutory}). "
            "Read it and choose.",
        )
    return None


def _how_unsure(suggestions: Sequence[Suggestion], services: Mapping[str, Service]) -> str:
    best = services[suggestions[0].case_type].title
    if _is_close(suggestions):
        return f"Two suggestions are close: {best!r} and {services[suggestions[1].case_type].title!r}. Choose one."
    return f"It may be {best!r}, but too little in it says so. Confirm it or choose another."
