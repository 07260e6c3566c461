"""Emergency access ("breaking the glass"): limited-access items for half an hour.

Before: somebody at risk must be helped now, and nobody who is named for such items is there. After: this one sitting
may see them; the reason stands in the account's history, and an alarm tells those who answer for it at once.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from mailroom.desk.acting import Refused, refuse_unless, refuse_unless_theirs_to_do
from mailroom.desk.signing_in import Person
from mailroom.domain.access import Task, Viewer
from mailroom.records.accounts import note_account, sitting_of
from mailroom.records.alarms import clear_alarm, raise_alarm
from mailroom.records.tables import Account, AccountEvent
from mailroom.services import Services

HALF_AN_HOUR = timedelta(minutes=30)
_SHORTEST_REASON = 15
ALARM = "emergency:"
"""How the subjects of these alarms begin; each is one of its own, cleared by whoever has asked why."""


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
        event = note_account(session, account, "emergency_access", actor=account.name, at=now, details=details)
        session.flush()
        sentence = f"{account.name} has emergency access to limited-access items. Their account says why."
        raise_alarm(session, f"{ALARM}{event.id}", sentence, now)
        session.commit()
        return now + HALF_AN_HOUR


def clear_emergency(subject: str, administrator: Viewer, services: Services) -> None:
    """Clear the alarm about an emergency access: the administrator has asked why, and is on record for it.

    Raises:
        Refused: it is not the viewer's to do, or there is no such alarm.
    """
    refuse_unless_theirs_to_do(administrator, Task.ADMINISTER)
    number = subject.removeprefix(ALARM)
    refuse_unless(subject.startswith(ALARM) and number.isdecimal(), "This alarm clears by itself once it is mended.")
    now = services.now()
    with services.records.work() as session:
        event = session.get(AccountEvent, int(number))
        if event is None:
            raise Refused("There is no such alarm.")
        account = session.get_one(Account, event.account_id)
        note_account(session, account, "emergency_looked_into", actor=administrator.name, at=now)
        clear_alarm(session, subject, now)
        session.commit()
