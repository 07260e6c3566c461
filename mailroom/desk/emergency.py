"""Emergency access ("breaking the glass"): limited-access items for half an hour.

Before: somebody at risk must be helped now, and nobody who is named for such items is there. After: this one sitting
may see them; the reason stands in the account's history, and an alarm tells those who answer for it at once.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from mailroom.desk.acting import Refused, refuse_unless, refuse_unless_theirs_to_do
from mailroom.desk.signing_in import Person
from mailroom.domain.access import Task
from mailroom.records.accounts import note_account, sitting_of
from mailroom.records.alarms import raise_alarm
from mailroom.services import Services

HALF_AN_HOUR = timedelta(minutes=30)
_SHORTEST_REASON = 15


def break_glass(token: str, reason: str, person: Person, services: Services) -> datetime:
    """Let this sitting see limited-access items; returns until when.

    Raises:
        Refused: the person looks at no items at all, is named already, or gives no reason that says something.
    """
    refuse_unless_theirs_to_do(person.viewer, Task.LOOK)
    refuse_unless(not person.viewer.named_for_limited, "You may see limited-access items already.")
    refuse_unless(len(reason.strip()) >= _SHORTEST_REASON, "Say why, in a sentence.")
    now = services.now()
    with services.records.work() as session:
        sitting = sitting_of(session, token)
        if sitting is None:
            raise Refused("Your sitting has ended. Sign in again.")
        sitting.limited_until = now + HALF_AN_HOUR
        account = sitting.account
        details = {"reason": reason.strip(), "until": sitting.limited_until.isoformat()}
        note_account(session, account, "emergency_access", actor=account.name, at=now, details=details)
        sentence = f"{account.name} has emergency access to limited-access items. The reason is in the account."
        raise_alarm(session, f"emergency:{account.name}", sentence, now)
        session.commit()
        return now + HALF_AN_HOUR
