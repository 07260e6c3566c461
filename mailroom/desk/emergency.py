"""Emergency access ("breaking the glass"): limited-access items for half an hour.

Before: somebody at risk must be helped now, and nobody who is named for such items is there. After: this one sitting
may see them; the reason stands in the account's chain of custody, where auditors read it, and an alarm tells those who
answer for it at once.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from mailroom.desk.acting import Refused, refuse_unless, refuse_unless_theirs_to_do
from mailroom.desk.signing_in import Person
from mailroom.domain.access import Task, Viewer
from mailroom.records.accounts import event_with, events_of_kind, note_account, renew_token, sitting_of
from mailroom.records.alarms import clear_alarm, raise_alarm
from mailroom.records.tables import Account
from mailroom.services import Services

ACCESS, LOOKED_INTO = "emergency_access", "emergency_looked_into"
HALF_AN_HOUR = timedelta(minutes=30)
_SHORTEST_REASON = 15
ALARM = "emergency:"
"""How the subjects of these alarms begin; each is one of its own, cleared by whoever has asked why."""


def break_glass(token: str, reason: str, person: Person, services: Services) -> tuple[str, datetime]:
    """Let this sitting see limited-access items; returns its new token, and until when.

    A token that somebody had copied before is not raised with it.

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
        event = note_account(session, account, ACCESS, actor=account.name, at=now, details=details)
        sentence = f"{account.name} has emergency access to limited-access items. Their account says why."
        raise_alarm(session, f"{ALARM}{event}", sentence, now)
        new_token = renew_token(session, sitting)
        session.commit()
        return new_token, now + HALF_AN_HOUR


@dataclass(frozen=True, slots=True)
class Emergency:
    """One emergency access, as an auditor reads it.

    Attributes:
        who: account name.
        at: from when.
        until: to when.
        reason: in their own words; empty where it was erased.
        looked_into: which administrator asked why, None where nobody has yet.
    """

    who: str
    at: datetime
    until: datetime
    reason: str
    looked_into: str | None


def emergencies(viewer: Viewer, services: Services) -> list[Emergency]:
    """Return who had emergency access, newest first.

    Raises:
        Refused: it is not the viewer's to prove.
    """
    refuse_unless_theirs_to_do(viewer, Task.PROVE)
    with services.records.look() as session:
        events = events_of_kind(session, ACCESS, LOOKED_INTO)
    asked = {event.details.get("event"): event.actor for event in events if event.kind == LOOKED_INTO}
    return [
        Emergency(
            who=event.actor,
            at=event.at,
            until=event.at + HALF_AN_HOUR,
            reason=event.details.get("reason", ""),
            looked_into=asked.get(event.id),
        )
        for event in events
        if event.kind == ACCESS
    ]


def clear_emergency(subject: str, administrator: Viewer, services: Services) -> None:
    """Clear the alarm about an emergency access: the administrator has asked why, and is on record for it.

    Raises:
        Refused: it is not the viewer's to do, or there is no such alarm.
    """
    refuse_unless_theirs_to_do(administrator, Task.ADMINISTER)
    refuse_unless(subject.startswith(ALARM), "This alarm clears by itself once it is mended.")
    now = services.now()
    with services.records.work() as session:
        event = event_with(session, subject.removeprefix(ALARM), ACCESS)
        if event is None:
            raise Refused("There is no such alarm.")
        account, about = session.get_one(Account, event.account), {"event": event.id}
        note_account(session, account, LOOKED_INTO, actor=administrator.name, at=now, details=about)
        clear_alarm(session, subject, now)
        session.commit()
