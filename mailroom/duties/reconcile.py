"""Proves that the ledger balances to zero and that what it promises is there, or names what is not.

The ledger is held against what others know, too: what mail servers were told (`records/session_log.py`), what they
count in their mailboxes (`domain/mailbox_count.py`), and, where one is named, a list of messages (`against.py`).
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from sqlalchemy.orm import Session

from mailroom.domain.mailbox_count import MailboxCount, faults_of
from mailroom.domain.sla import LONDON
from mailroom.duties.against import held_against
from mailroom.records.alarms import alarms_raised
from mailroom.records.later import not_taken_in_again
from mailroom.records.ledger import Days, lines, missing, refusals, sources
from mailroom.records.mailbox_counts import counts
from mailroom.records.session_log import COPIED, DELIVERED, YES, answers_in
from mailroom.services import Services


def reconcile(services: Services, against: Path | None = None) -> dict[str, Any]:
    """Return `channels`, the `difference` (0 when nothing is astray) and what is `missing`, each as a sentence.

    Beside them stand, where there are any, `refused`, what was not taken in and why, `mailboxes`, what was counted in
    each of them, and `against`, what came of a list, where one is named.

    Args:
        services: the bundle.
        against: a file with names of messages, or a log of Postfix, to hold the ledger against.

    Raises:
        Misconfigured: the file cannot be read.
    """
    with services.records.look() as session:
        counted = {name: count for name, count in counts(session).items() if name in services.settings.imap.mailboxes}
        compared, absent = held_against(against, session) if against else ({}, [])
        channels, refused = lines(session, Days()), refusals(session)
        problems = {alarm.subject: alarm.sentence for alarm in alarms_raised(session)}
        later = not_taken_in_again(session, services.settings.data)
        astray = [
            *missing(session),
            *_answered_and_gone(session, services),
            *later,
            *_miscounted(counted),
            *absent,
        ]
    difference = sum(
        line["received"] - line["captured"] - line["waiting"] - line["exceptions"] - line["refused"]
        for line in channels.values()
    )
    mailboxes = {name: _in_figures(count, problems.get(f"mailbox {name}")) for name, count in counted.items()}
    beside = {"refused": refused, "mailboxes": mailboxes, "against": compared}
    found = {"channels": channels, "difference": difference, "missing": astray}
    return found | {key: figures for key, figures in beside.items() if figures}


def _answered_and_gone(session: Session, services: Services) -> Iterator[str]:
    """Name the messages that a mail server was told are ours, and that the ledger knows nothing of."""
    known = sources(session, DELIVERED) | sources(session, COPIED)
    for line in answers_in(services.settings.data):
        if line.answer == YES and line.source not in known:
            yield f"a message of {line.size} bytes was taken from {line.client} at {line.at} and is not on the ledger"


def _miscounted(counted: dict[str, MailboxCount]) -> Iterator[str]:
    for name, count in counted.items():
        yield from faults_of(name, f"on {count.at.astimezone(LONDON):%d %B %Y at %H:%M}", count)


def _in_figures(count: MailboxCount, problem: str | None) -> dict[str, Any]:
    """Return what was counted, and why no newer count is there where the mailbox fails now.

    Fewer in the folder of what was taken than on the ledger is told, and no fault.
    """
    return {
        "counted_at": count.at.isoformat(),
        "in_mailbox": count.lying,
        "not_taken_in": count.left,
        "in_taken_folder": count.taken.messages if count.taken else None,
        "on_ledger": count.accepted,
        "deleted_since": max(0, -count.surplus) if count.taken else None,
        "more_than_taken_in": count.astray,
        "problem": problem,
    }
