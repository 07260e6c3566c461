"""Why an original is in quarantine, and what whoever comes upon it is told; pure.

Before: a scanner has looked at it (`journey/quarantine.py`). After: its row keeps the reason, and until a later look
finds nothing it is not opened, shown or handed over; only `Task.UNSEAL` of `access.py` fetches its bytes.
"""

from __future__ import annotations

from mailroom.domain.errors import Cause, NeedsPerson

NOT_AS_A_WHOLE = "not looked at as a whole"
"""The reason where the scanner could not look at all of a file."""

NO_ANSWER = "no answer about it"
"""The reason where the scanner broke off over a file again and again."""

_BY_OTHER_MEANS = "Ask the sender for a fresh copy by other means, for instance on paper."
_ELSE = "Or tell the administrator, and try it again when the scanner can do it."
_UNKNOWN = {
    NOT_AS_A_WHOLE: "This file is larger than the malware scanner can look at, so nobody knows whether it does harm.",
    NO_ANSWER: "The malware scanner broke off each time it looked at this file, so nobody knows whether it does harm.",
}


def what_to_do(reason: str) -> str:
    """Return what a clerk reads about an original in quarantine.

    Args:
        reason: the name of what was found, or one of the reasons above.
    """
    unknown = _UNKNOWN.get(reason)
    if unknown:
        return f"{unknown} It is held back. {_BY_OTHER_MEANS} {_ELSE}"
    return (
        f"The malware scanner found {reason} in this file: it may do harm to a computer, and is held back. "
        f"{_BY_OTHER_MEANS} Do not open it where you can reach it by another way."
    )


def refuse_quarantined(reason: str | None) -> None:
    """Let nobody open an original that is in quarantine.

    Args:
        reason: why it is; None where it is not.

    Raises:
        NeedsPerson: it is.
    """
    if reason:
        raise NeedsPerson(Cause.QUARANTINED, what_to_do(reason))
