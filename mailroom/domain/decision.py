"""What was decided on a document, by whom, how surely and why; index data likewise.

Before: `classify` (or a person at the desk) decides. After: `open_case` acts on the decision that is current.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Sensitivity(StrEnum):
    """Who may see it: everybody whose work it is, or the named limited-access clerks only."""

    NORMAL = "normal"
    LIMITED = "limited"


class Urgency(StrEnum):
    """How soon a person should look, beside the clocks of its type."""

    NORMAL = "normal"
    URGENT = "urgent"


class DecidedBy(StrEnum):
    """Who decided; `import`: the older system that an item was brought over from."""

    RULE = "rule"
    MODEL = "model"
    PERSON = "person"
    IMPORT = "import"


@dataclass(frozen=True, slots=True)
class Suggestion:
    """One possible case type with how likely it is (0 to 1) and the words it rests on, likeliest first."""

    case_type: str
    confidence: float
    reasons: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Decision:
    """What was decided on one document.

    Attributes:
        case_type: key from `config/services.toml`; `unsorted` where nothing was decided.
        team: key from `config/teams.toml`.
        sensitivity: `limited` also while any suggestion is of a limited-access type.
        statutory: the regime that sets a clock by law (`foi`, `sar`, ...), or None.
        urgency: normal or urgent.
        confidence: 0 to 1; of the case type.
        decided_by: rule, model, person, or the index of an older system.
        reasons: sentences or cues that a clerk can check on the page.
        suggestions: ranked case types, the chosen one included.
        settled: True when the confidence reached the threshold or a person decided.
    """

    case_type: str
    team: str
    sensitivity: Sensitivity
    confidence: float
    decided_by: DecidedBy
    statutory: str | None = None
    urgency: Urgency = Urgency.NORMAL
    reasons: tuple[str, ...] = ()
    suggestions: tuple[Suggestion, ...] = ()
    settled: bool = False


@dataclass(frozen=True, slots=True)
class IndexField:
    """One piece of index data and where it was read.

    Attributes:
        name: `letter_date`, `date_stamped`, `sender_name`, `sender_address`, `sender_postcode`, `email`, `phone`, or
            the name of a reference pattern.
        value: normalised for searching (ISO date, upper-case postcode, digits in E.164).
        confidence: 0 to 1.
        page: 1-based page of the document, None for a message header or form field.
        box: (left, top, right, bottom) in pixels of the page image, None where there is none.
        source: what found it: `pattern`, `header`, `form`, `person`, `import`.
    """

    name: str
    value: str
    confidence: float
    page: int | None = None
    box: tuple[int, int, int, int] | None = None
    source: str = "pattern"
