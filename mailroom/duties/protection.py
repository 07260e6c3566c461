"""Whether the store protects originals as the settings say, found out by trial at start and each night.

Before: `[s3] lock` asks for a lock. After: `mailroom check` says what was found, and an alarm is raised where the
service takes the request and destroys the original all the same: some do, and nothing else would tell.
"""

from __future__ import annotations

from mailroom.domain.errors import Misconfigured
from mailroom.records.alarms import clear_alarm, raise_alarm
from mailroom.services import Services
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
        Misconfigured: a lock is asked for, and the store does not hold it.
        StorageError: the store cannot be asked now.
    """
    found = services.vault.protection()
    if _asks_for_a_lock(services) and found is not Protection.LOCK:
        advice = 'Make a bucket with object lock, or set s3.lock to "" and do not call the originals protected'
        raise Misconfigured(f"s3.lock: {_FOUND[found]}. {advice}.")
    return f"{_FOUND[found]}."


def try_protection(services: Services) -> None:
    """Raise an alarm where a lock is asked for and the store does not hold it; clear it where it does.

    A store that does not answer now is for others to say; the next trial comes.
    """
    if not _asks_for_a_lock(services):
        return
    try:
        protection_in_words(services)
        sentence = None
    except Misconfigured as fault:
        sentence = str(fault)
    except StorageError:
        return
    with services.records.work() as session:
        if sentence:
            raise_alarm(session, _SUBJECT, sentence, services.now())
        else:
            clear_alarm(session, _SUBJECT, services.now())
        session.commit()


def _asks_for_a_lock(services: Services) -> bool:
    return services.settings.parts.store == "s3" and bool(services.settings.s3.lock)
