"""Raises an alarm for a way in by which nothing comes although something usually does, and clears it when it comes.

Before: the door has put down when something came by each folder, mailbox and address. After: an administrator knows
which has fallen silent, since when, and what to look at: a scanner that is off, a rule that moves mail elsewhere.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from mailroom.domain import ways
from mailroom.domain.days_in_words import day_in_words
from mailroom.domain.silence import Limits, Silence, history_begins, silence
from mailroom.domain.sla import LONDON
from mailroom.records.alarms import alarms_raised, clear_alarm, raise_alarm
from mailroom.records.arrivals import arrivals, last_arrival
from mailroom.services import Services
from mailroom.settings import Settings

_FIRST = timedelta(hours=1)
"""So long after its start the service takes in what came while it was away, and calls nobody silent."""


@dataclass(frozen=True, slots=True)
class _Way:
    """A way in by which something is waited for: its key on the ledger, and what to look at."""

    key: str
    check: str


def silent_channels(services: Services, started_at: datetime) -> int:
    """Raise and clear such alarms; return how many ways in are silent.

    Args:
        services: the bundle.
        started_at: when this service was started.
    """
    if services.now() - started_at < _FIRST:
        return 0
    watched = list(_watched(services.settings)) if services.settings.silence.watch else []
    with services.records.look() as session:
        silent = {way: found for way in watched if (found := _silence(session, way, services))}
        raised = {alarm.subject for alarm in alarms_raised(session) if alarm.subject.startswith(ways.SILENCE)}
    with services.records.work() as session:
        for way, found in silent.items():
            raise_alarm(session, ways.silence_of(way.key), _sentence(way, found), services.now())
        for subject in raised - {ways.silence_of(way.key) for way in silent}:
            clear_alarm(session, subject, services.now())
        session.commit()
    return len(silent)


def _watched(settings: Settings) -> Iterator[_Way]:
    for name, folder in settings.folders.items():
        check = f"Check that what writes to {folder.path} is switched on and reaches it"
        yield _Way(ways.folder(name), check)
    for name in settings.imap.mailboxes:
        check = "Write a test message to it, and check that no rule at its server moves mail elsewhere"
        yield _Way(ways.mailbox(name), check)
    for address in ("", *(written.casefold() for written in settings.mail.mailboxes)):
        check = "Write a test message there, and look into the queue of the mail server in front"
        yield _Way(ways.address(address), check)


def _silence(session: Session, way: _Way, services: Services) -> Silence | None:
    last = last_arrival(session, way.key)
    if last is None:
        return None
    told, calendar = services.settings.silence, services.calendars.named("tenant", closures=True)
    limits = Limits(told.times, told.least_hours)
    if services.now() - last < timedelta(hours=limits.least_hours):
        return None
    received = arrivals(session, way.key, history_begins(last, calendar))
    return silence(received, services.now(), calendar, services.calendars.hours, limits)


def _sentence(way: _Way, found: Silence) -> str:
    since = f"{day_in_words(found.since, 'en')}, {found.since.astimezone(LONDON):%H:%M}"
    return (
        f"Nothing has come in by {ways.in_words(way.key)} since {since}: {_in_words(found.hours)}. In the twenty "
        f"working days before that it was silent for {_in_words(found.usual)} at most. {way.check}. If nothing more is "
        "expected there, take it out of mailroom.toml; if such silences are usual, set silence.times higher."
    )


def _in_words(hours: float) -> str:
    whole = max(1, round(hours))
    return "a working hour" if whole == 1 else f"{whole} working hours"
