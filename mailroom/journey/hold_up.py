"""What happens to an item that something outside holds up: it waits in its row, not in a worker, and is tried again.

Before: a stage ended with `Transient` or `Misconfigured`. After: the worker is free for the post behind it, and
`duties/take_up.py` starts the item again when its pause is over. The pause doubles from two seconds to five minutes.
Whoever must mend what is outside is told by an alarm, one for each stage, and for each team where the stage is the
handover; it clears by itself when the last item that had raised it has got on.
"""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from datetime import timedelta

from sqlalchemy.exc import OperationalError

from mailroom.domain.alarm_words import items_wait
from mailroom.domain.errors import Misconfigured, Superseded
from mailroom.journey.stage import Turn, closing
from mailroom.records import items
from mailroom.records.alarms import raise_alarm
from mailroom.services import Services

PATIENCE = 4
"""Attempts that failed one after the other, 14 seconds apart in all, from which people are told."""

_FIRST_PAUSE = timedelta(seconds=2)
_LONGEST_PAUSE = timedelta(minutes=5)
_MOST_DOUBLINGS = 8
_KINDS = ("waiting:", "misconfigured:")


def hold_up(item_id: str, stage: str, run: int, fault: Exception, services: Services) -> None:
    """Let the item wait for its next attempt, unless another run has overtaken this one.

    Raises:
        OperationalError: the records cannot be written either; the sweep starts the item again.
    """
    wrong = isinstance(fault, Misconfigured)
    now = services.now()
    with suppress(Superseded), closing(Turn(item_id, stage, run), services) as (item, session):
        items.hold_up(item, _sentence(fault), now + pause_after(item.attempts + 1), now)
        if wrong or item.attempts >= PATIENCE:
            subject = _misconfigured(stage) if wrong else _waiting(stage, item.team)
            raise_alarm(session, subject, f"{items_wait(stage).capitalize()}. {_sentence(fault)}", now)


def pause_after(attempts: int) -> timedelta:
    """Return how long an item waits after so many attempts that failed (at least one)."""
    return min(_FIRST_PAUSE * (1 << min(attempts - 1, _MOST_DOUBLINGS)), _LONGEST_PAUSE)


def is_about_waiting(subject: str) -> bool:
    """Return whether the alarm with this subject was raised here."""
    return subject.startswith(_KINDS)


def subjects_of(waiting: Iterable[tuple[str, str | None, int]]) -> set[str]:
    """Return the subjects of alarms that stand as long as these wait: stage, team, most attempts of an item there."""
    subjects = set()
    for stage, team, attempts in waiting:
        subjects.add(_misconfigured(stage))
        if attempts >= PATIENCE:
            subjects.add(_waiting(stage, team))
    return subjects


def _misconfigured(stage: str) -> str:
    return f"misconfigured:{stage}"


def _waiting(stage: str, team: str | None) -> str:
    """Return the subject; a team of its own has only what the handover needs, everything else is everybody's."""
    return f"waiting:{stage}:{team}" if stage == "hand_over" and team else f"waiting:{stage}"


def _sentence(fault: Exception) -> str:
    """Return what is wrong, without file names, and without the statement that a database adds."""
    if isinstance(fault, OperationalError):
        return f"The records cannot be read or written now: {fault.orig}."
    if isinstance(fault, OSError):
        return f"The machine is at its end: {fault.strerror}."
    return str(fault)
