"""Says in a sentence whether the service could change the log of custody, having tried it just now."""

from __future__ import annotations

from mailroom.domain.errors import Misconfigured
from mailroom.records.guards import changes_allowed
from mailroom.records.session import Records


def guard_in_words(records: Records) -> str:
    """Return the sentence that says what keeps the service from changing what is written down once.

    Raises:
        Misconfigured: nothing does.
    """
    with records.work() as session:
        allowed = changes_allowed(session)
    if not allowed:
        return _kept(records)
    if records.embedded:
        raise Misconfigured(
            f"The log of custody takes changes ({allowed[0]}): the triggers that refuse them are gone. "
            "Find out who took them away, and put back the last backup that has them."
        )
    raise Misconfigured(
        f"MAILROOM_DATABASE_URL: the role {records.role()} could change what is written down once ({allowed[0]}, and "
        f"{len(allowed) - 1} more). Name a role that owns nothing and is no superuser, and run `mailroom migrate`."
    )


def _kept(records: Records) -> str:
    if records.embedded:
        return "The log of custody refuses changes, as long as its file is written by the mailroom alone."
    return f"The role {records.role()} can add to the log of custody and change nothing in it."
