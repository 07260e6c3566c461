"""Wraps the data keys of all that is kept by the master key that stands first in its file now.

Before: somebody has put a new one there. After: the former ones open nothing any more and can go; no object was
touched. Broken off, it goes on where it was the next time, for what is done is known by its new master key.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from mailroom.domain.errors import MailroomError, Misconfigured
from mailroom.records import custody
from mailroom.records.data_keys import Wrapped, rewrap, wrapped_otherwise
from mailroom.services import Services
from storage.data_keys import MasterKeys
from storage.errors import StorageError

_AT_ONCE = 500
_DONE = "keys_rewrapped"


def rewrap_all(services: Services, actor: str, tell: Callable[[int], None]) -> int:
    """Wrap all data keys by the newest master key; return how many another one had wrapped.

    Args:
        services: the bundle.
        actor: who has it done.
        tell: told how many are done.

    Raises:
        MailroomError: nothing is encrypted here, or a data key cannot be opened; those before it are done.
    """
    masters = services.masters
    if masters is None:
        raise Misconfigured("encryption.key_file names no file: nothing is encrypted here.")
    done, after = 0, ""
    while some := _others(services, masters, after):
        _rewrap(some, masters, services)
        done, after = done + len(some), some[-1].key
        tell(done)
    _note(services, actor, {"keys": done, "master": masters.name})
    return done


def _others(services: Services, masters: MasterKeys, after: str) -> Sequence[Wrapped]:
    with services.records.look() as session:
        return wrapped_otherwise(session, masters.name, after, _AT_ONCE)


def _rewrap(some: Sequence[Wrapped], masters: MasterKeys, services: Services) -> None:
    try:
        anew = [(one, *masters.wrap(masters.unwrap(one.wrapped, one.master))) for one in some]
    except StorageError as fault:
        raise MailroomError(f"The data keys of {some[0].key} and after it were left as they are: {fault}.") from fault
    with services.records.work() as session:
        for one, master, wrapped in anew:
            rewrap(session, one, wrapped, master, services.now())
        session.commit()


def _note(services: Services, actor: str, told: dict[str, object]) -> None:
    with services.records.work() as session:
        custody.record(session, custody.OF_THE_MAILROOM, _DONE, actor=actor, at=services.now(), details=told)
        session.commit()
