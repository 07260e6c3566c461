"""What the index of an older system says of an item that is brought over from there, and what it is then.

Before: `importing/` has read a row of the index. After: the door puts the item down with it; what the index says
stands, and nothing of it is guessed anew. Open work goes on its journey; a closed matter is kept and found.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from enum import StrEnum
from typing import Any

from mailroom.domain.catalogue import UNSORTED, Service
from mailroom.domain.deciding import Finding
from mailroom.domain.decision import DecidedBy, Decision, IndexField, Sensitivity, Suggestion, Urgency

WAY = "import"
"""What the way in is called on the ledger, and its line there: what is brought over came by none of today's ways."""

BY_AN_INDEX = "import"
"""Source of index data that the index of an older system gives."""

_REASON = "the index of the older system says so"


class Imported(StrEnum):
    """What an item was when it was brought over."""

    CLOSED = "closed"
    OPEN = "open"


@dataclass(frozen=True, slots=True)
class Told:
    """What a row of the index says of an item.

    Attributes:
        index: name of the file of the index.
        index_sha256: its digest.
        line: where the row begins in it, from 1.
        by: who brought it over, as the chain of custody calls them.
        case_type: key of the catalogue; None where the index does not say.
        team: key of the team; None where the index does not say.
        limited: whether only those named for it may see it; None where the index does not say.
        fields: index data by name.
        acknowledge: whether the sender may be told that it came in.
    """

    index: str
    index_sha256: str
    line: int
    by: str
    case_type: str | None = None
    team: str | None = None
    limited: bool | None = None
    fields: Mapping[str, str] | None = None
    acknowledge: bool = False

    def as_kept(self) -> dict[str, Any]:
        """Return it as the records keep it."""
        return asdict(self)

    def as_event(self, kind: Imported) -> dict[str, Any]:
        """Return what stands of it in the chain of custody: where it came from, and nothing of what it says."""
        return {"as": kind, "index": self.index, "index_sha256": self.index_sha256, "line": self.line}

    def words(self) -> str:
        """Return the words by which the item is found beside its own."""
        return "\n".join((self.fields or {}).values())

    def index_fields(self) -> list[IndexField]:
        """Return the index data that it gives, as sure as the older system is."""
        given = (self.fields or {}).items()
        return [IndexField(name, value, 1.0, source=BY_AN_INDEX) for name, value in given]


def told_from(kept: Mapping[str, Any]) -> Told:
    """Return what the records have kept."""
    return Told(**kept)


def decided_by_index(told: Told, service: Service, *, sensitive: bool, urgent: bool) -> Decision:
    """Return the decision that the index has made.

    Args:
        told: what it says.
        service: what it names; the one for what is not sorted, where it names none.
        sensitive: whether the words say that it may concern somebody at risk: that counts where the index is silent.
        urgent: whether the words say that it is urgent.
    """
    limited = service.limited or told.limited or (told.limited is None and sensitive)
    return Decision(
        case_type=service.key,
        team=told.team or service.team,
        sensitivity=Sensitivity.LIMITED if limited else Sensitivity.NORMAL,
        confidence=1.0,
        decided_by=DecidedBy.IMPORT,
        statutory=service.statutory,
        urgency=Urgency.URGENT if urgent else Urgency.NORMAL,
        reasons=(_REASON,),
        suggestions=() if service.key == UNSORTED else (Suggestion(service.key, 1.0, (_REASON,)),),
        settled=True,
    )


def as_sensitive_as_told(told: Told, finding: Finding) -> Finding:
    """Return what sorting found out, as sensitive as the index says at the least."""
    return replace(finding, sensitive=finding.sensitive or bool(told.limited))
