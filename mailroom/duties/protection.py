"""Whether the store protects originals as the settings say, found out by trial at start and each night.

Before: `[s3] lock`, or that of the second copies, asks for a lock. After: `mailroom check` says what was found, and an
alarm is raised where a service takes the request and destroys the original all the same: some do, and nothing else
would tell.
"""

from __future__ import annotations

from mailroom.domain.errors import Misconfigured
from mailroom.records.alarms import settle_alarm
from mailroom.services import Services
from storage.damage import Copy
from storage.errors import StorageError
from storage.store import Protection

_SUBJECT = "protection of originals"
_FOUND = {
    Protection.NOTHING: "Nothing protects originals from being deleted by whoever may write where they lie",
    Protection.VERSIONS: "Originals have no lock: what is deleted leaves a version behind, which can be destroyed",
    Protection.LOCK: "Originals can be locked: a canary under a lock could not be destroyed",
}


def protection_in_words(services: Services) -> str:
    """Try what protects originals, and say it.

    Raises:
        Misconfigured: a lock is asked for, and a store does not hold it.
        StorageError: a store cannot be asked now.
    """
    found = services.vault.protection()
    for copy, table in _locks_asked_for(services):
        wrong = _wrong(found if copy is Copy.FIRST else services.vault.copies.protection(copy), table)
        if wrong:
            raise Misconfigured(wrong)
    return f"{_FOUND[found]}."


def try_protection(services: Services) -> None:
    """Raise an alarm where a lock is asked for and the store does not hold it; clear it where it does.

    A store that does not answer now is for others to say; the next trial comes.
    """
    asked, wrong, away = _locks_asked_for(services), list[str](), False
    for copy, table in asked:
        try:
            wrong += filter(None, [_wrong(services.vault.copies.protection(copy), table)])
        except StorageError:
            away = True
    if not asked or (away and not wrong):
        return
    settle_alarm(services.records, _SUBJECT, " ".join(wrong) or None, services.now())


def _locks_asked_for(services: Services) -> list[tuple[Copy, str]]:
    """Return the stores whose originals are to be locked, with the table of the settings that says so."""
    told = services.settings
    first = told.parts.store == "s3" and told.s3.lock
    second = told.second_copy.store == "s3" and told.second_copy.s3.lock and services.vault.copies.doubled
    return [*([(Copy.FIRST, "s3")] if first else []), *([(Copy.SECOND, "second_copy.s3")] if second else [])]


def _wrong(found: Protection, table: str) -> str | None:
    if found is Protection.LOCK:
        return None
    advice = f'Make a bucket with object lock, or set {table}.lock to "" and do not call the originals protected'
    return f"{table}.lock: {_FOUND[found]}. {advice}."
