"""Clears away what mail servers were told long ago, once every yes of a day is known to be on the ledger.

Before: `records/session_log.py` has a file for each day. After: those that nobody needs any more are gone; a day with a
yes that the ledger knows nothing of stays, and `reconcile` names it, until somebody has looked into it.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from datetime import UTC, timedelta
from itertools import islice
from pathlib import Path

from mailroom.records.ledger import known_sources
from mailroom.records.session_log import YES, answers_of, days_before
from mailroom.services import Services

_AT_ONCE = 500

_log = logging.getLogger(__name__)


def forget_old_answers(services: Services) -> int:
    """Delete the files of days that are older than `mail.log_days`; return how many those were."""
    first_kept = services.now().astimezone(UTC).date() - timedelta(days=services.settings.mail.log_days)
    return sum(_forget(day, services) for day in days_before(services.settings.data, first_kept))


def _forget(day: Path, services: Services) -> bool:
    try:
        if not _all_on_ledger(day, services):
            _log.warning("a day of answers to mail is kept: one is not on the ledger", extra={"day": day.stem})
            return False
        day.unlink()
    except FileNotFoundError:  # another worker was faster
        return False
    return True


def _all_on_ledger(day: Path, services: Services) -> bool:
    said_yes = (line.source for line in answers_of(day) if line.answer == YES)
    with services.records.look() as session:
        return all(known_sources(session, some) >= some for some in _in_parts(said_yes))


def _in_parts(names: Iterator[str]) -> Iterator[set[str]]:
    while some := set(islice(names, _AT_ONCE)):
        yield some
