"""What an administrator sees of each way by which mail comes: when it was looked at, what waits, what is wrong.

Before: the channels have put down what they counted and what was in their way. After: the page Health and
`mailroom status` show a line for each mailbox and for the port that mail is handed over at. No server is asked.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from mailroom.domain import ways
from mailroom.records.alarms import alarms_raised
from mailroom.records.arrivals import last_arrival
from mailroom.records.mailbox_counts import counts
from mailroom.services import Services

_NEVER = "It has never been looked through: the service does that when it runs."


@dataclass(frozen=True, slots=True)
class MailWay:
    """One way in.

    Attributes:
        name: what people call it.
        looked_at: when it was looked through for the last time; None where it never was, or where it is a port.
        waiting: messages that lay there then and are not on the ledger; None likewise.
        last_mail: when something came in by it for the last time; None where nothing ever has.
        problems: what is wrong with it, in sentences.
    """

    name: str
    looked_at: datetime | None
    waiting: int | None
    last_mail: datetime | None
    problems: tuple[str, ...]


def mail_ways(services: Services) -> list[MailWay]:
    """Return each mailbox, and before them the port that mail is handed over at."""
    with services.records.look() as session:
        alarms = {alarm.subject: alarm.sentence for alarm in alarms_raised(session)}
        return [*_port(session, alarms, services), *_mailboxes(session, alarms, services)]


def _port(session: Session, alarms: Mapping[str, str], services: Services) -> Iterator[MailWay]:
    told = services.settings.smtp
    if not told.port:
        return
    addresses = ("", *(written.casefold() for written in services.settings.mail.mailboxes))
    keys = [ways.address(address) for address in addresses]
    came = filter(None, (last_arrival(session, key) for key in keys))
    problems = [alarms[subject] for subject in map(ways.silence_of, keys) if subject in alarms]
    yield MailWay(f"{told.protocol.upper()}, port {told.port}", None, None, max(came, default=None), tuple(problems))


def _mailboxes(session: Session, alarms: Mapping[str, str], services: Services) -> Iterator[MailWay]:
    counted = counts(session)
    for name in services.settings.imap.mailboxes:
        key, count = ways.mailbox(name), counted.get(name)
        subjects = (f"mailbox {name}", ways.silence_of(key))
        problems = [alarms[subject] for subject in subjects if subject in alarms]
        yield MailWay(
            f"mailbox {name}",
            looked_at=count.at if count else None,
            waiting=count.lying - count.not_moved if count else None,
            last_mail=last_arrival(session, key),
            problems=tuple(problems or ([] if count else [_NEVER])),
        )
