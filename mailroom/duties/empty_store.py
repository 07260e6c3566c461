"""Empties the store from which originals were moved, of nothing but what was just read to its end in the new one.

Before: `move_store.py` has copied everything, the settings were exchanged, and the former store is no longer wanted.
After: it holds what no record knows, and what the new store does not hold as it was kept; whoever asked is told so.
What is deleted stands in the chain of custody, committed before it goes. Interrupted at any point it goes on.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import islice

from mailroom.domain.errors import Transient
from mailroom.records import custody
from mailroom.records.kept_objects import known, note_copies_gone
from mailroom.records.tables import KeptObject
from mailroom.services import Services
from storage.damage import Copy
from storage.errors import StorageError
from storage.store import ObjectStore

_AT_ONCE = 500
_DONE = "former_store_emptied"


@dataclass(slots=True)
class Emptied:
    """What became of a former store.

    Attributes:
        objects: that lie in the new store as they were kept, and are gone here, or would be.
        bytes: their size.
        only_here: keys of what the new store does not hold as it was kept; it stays.
        unknown: how many no record knows; they stay.
    """

    objects: int = 0
    bytes: int = 0
    only_here: list[str] = field(default_factory=list)
    unknown: int = 0


def empty_store(
    former: ObjectStore, place: str, services: Services, actor: str, tell: Callable[[int], None]
) -> Emptied:
    """Delete from the former store what the new one holds; return what that was.

    Args:
        former: the store.
        place: what it is called.
        services: the bundle.
        actor: who has it done.
        tell: told how many objects were found in the new store so far.

    Raises:
        Transient: a store is away; what is gone by then lies in the new one.
    """
    done = Emptied()
    for moved in _moved(former, services, done):
        _put_down(moved, place, services, actor)
        with _told_as_transient():
            for kept in moved:
                former.delete(kept.key)
        tell(done.objects)
    return done


def look_at_store(former: ObjectStore, services: Services, tell: Callable[[int], None]) -> Emptied:
    """Return what would become of the former store: all is read in the new one, and nothing is changed."""
    done = Emptied()
    for _ in _moved(former, services, done):
        tell(done.objects)
    return done


def _moved(former: ObjectStore, services: Services, done: Emptied) -> Iterator[Sequence[KeptObject]]:
    """Yield what lies in the former store and was just read to its end in the new one, some at a time."""
    lying = iter(former.list())
    while True:
        with _told_as_transient():
            some = {stored.key for stored in islice(lying, _AT_ONCE)}
        if not some:
            return
        with services.records.look() as session:
            on_record = known(session, some)
        moved = [kept for kept in on_record if _lies_in_the_new_one(kept, services)]
        done.objects += len(moved)
        done.bytes += sum(kept.size for kept in moved)
        done.only_here += sorted({kept.key for kept in on_record} - {kept.key for kept in moved})
        done.unknown += len(some) - len(on_record)
        yield moved


def _lies_in_the_new_one(kept: KeptObject, services: Services) -> bool:
    spool = services.vault.spool
    with _told_as_transient():
        if kept.waits_on is not None or (spool is not None and spool.waits(kept.key)):
            return False
        return services.vault.copies.holds(Copy.FIRST, kept.sha256, kept.key)


def _put_down(moved: Sequence[KeptObject], place: str, services: Services, actor: str) -> None:
    if not moved:
        return
    told = {"objects": len(moved), "place": place}
    with services.records.work() as session:
        note_copies_gone(session, [kept.key for kept in moved])
        custody.record(session, custody.OF_THE_MAILROOM, _DONE, actor=actor, at=services.now(), details=told)
        session.commit()


@contextmanager
def _told_as_transient() -> Iterator[None]:
    try:
        yield
    except StorageError as fault:
        raise Transient(f"It stops here and goes on from here when it is called again: {fault}.") from fault
