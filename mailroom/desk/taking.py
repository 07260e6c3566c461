"""Taking an exception: whoever opens one has it, and others are offered the next that is free.

Before: exceptions wait in the queue. After: one person has the item before them until they settle it, give it back or
are idle for the minutes that `[desk]` in `config/mailroom.toml` says. It can be taken over deliberately, and nobody is
kept from acting on an item by that: what protects the work of two people is the run that each had before their eyes.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from mailroom.desk.acting import Done, acting, refuse_unless, refuse_unless_theirs_to_do
from mailroom.desk.audit import seen_by
from mailroom.desk.looking import WORK, note_look
from mailroom.desk.queues import idle_before
from mailroom.domain.access import Task, Viewer
from mailroom.domain.items import ItemState
from mailroom.records.post_room_queue import next_free
from mailroom.records.tables import Item
from mailroom.records.taking import let_go, put_taken, who_has
from mailroom.services import Services


@dataclass(frozen=True, slots=True)
class Next:
    """What comes next for a person.

    Attributes:
        item: id of the item that is theirs now; None where nothing is free.
        reference: of it.
        following: id of the one that would come after it, so that a page can load it ahead; nobody has it yet.
    """

    item: str | None = None
    reference: str | None = None
    following: str | None = None


def next_for(viewer: Viewer, services: Services, *, besides: Collection[str] = ()) -> Next:
    """Take the next free exception for this viewer; two people who ask at the same moment never get the same one.

    Args:
        viewer: who asks.
        services: the bundle.
        besides: ids that the person does not want now.

    Raises:
        Refused: it is not the viewer's work.
    """
    refuse_unless_theirs_to_do(viewer, Task.SETTLE)
    now, idle_since = services.now(), idle_before(services)
    with services.records.work() as session:
        free = _next_untaken(session, viewer, idle_since, besides)
        if free is None:
            return Next()
        put_taken(session, free.id, viewer.name, now, idle_since)
        # not locked: whoever asks at this moment would pass over it, and be told that nothing is free
        after_it = next_free(session, viewer, idle_since=idle_since, besides=(*besides, free.id), lock=False)
        session.commit()
        return Next(free.id, free.reference, after_it.id if after_it else None)


def _next_untaken(session: Session, viewer: Viewer, idle_since: datetime, besides: Collection[str]) -> Item | None:
    """Return and lock the next free exception: one that somebody took while we waited for its lock is not free."""
    passed = set(besides)
    while (free := next_free(session, viewer, idle_since=idle_since, besides=passed)) is not None:
        taken = who_has(session, free.id, idle_since)
        if taken is None or taken.account == viewer.name:
            return free
        passed.add(free.id)
        session.rollback()  # whoever held two of them could wait for somebody who waits for the first
    return None


def following(names: Collection[str], viewer: Viewer, services: Services) -> str | None:
    """Return the id of what would come next for the viewer besides these ids; nothing is taken."""
    refuse_unless_theirs_to_do(viewer, Task.SETTLE)
    with services.records.look() as session:
        free = next_free(session, viewer, idle_since=idle_before(services), besides=names)
        return free.id if free else None


def take_if_free(session: Session, item: Item, viewer: Viewer, services: Services) -> str | None:
    """Take the exception for this viewer unless somebody has it, in the caller's unit of work.

    Returns:
        Account of who has it now; None where it is no exception, which nobody takes.
    """
    if item.state is not ItemState.EXCEPTION:
        return None
    idle_since = idle_before(services)
    taken = who_has(session, item.id, idle_since)
    if taken is not None and taken.account != viewer.name:
        return taken.account
    put_taken(session, item.id, viewer.name, services.now(), idle_since)
    return viewer.name


def refuse_unless_taken(item: Item, has_it: str | None, viewer: Viewer) -> None:
    """Refuse what was made ready for this viewer and is not theirs any more.

    Raises:
        Refused: somebody else has it, or it needs nobody.
    """
    happened = f"is with {has_it} now" if has_it else "needs nobody any more"
    refuse_unless(has_it == viewer.name, f"{item.reference} {happened}. Open the next one.")


def show_loaded(name: str, run: int, viewer: Viewer, services: Services) -> str:
    """Log the look at an item that was loaded ahead, before it is drawn; returns its reference.

    Args:
        name: reference or id.
        run: that was loaded.
        viewer: who is about to see it.
        services: the bundle.

    Raises:
        NotThere: no such item for this viewer any more.
        Refused: it is not theirs to settle, somebody else has it, or it has changed since it was loaded.
    """
    refuse_unless_theirs_to_do(viewer, Task.SETTLE)
    with services.records.work() as session:
        item = seen_by(session, name, viewer, lock=True)
        refuse_unless_taken(item, take_if_free(session, item, viewer, services), viewer)
        refuse_unless(item.run == run, f"{item.reference} has changed meanwhile. Open the next one.")
        note_look(session, item, viewer, WORK, services)
        session.commit()
        return item.reference


def keep_taken(name: str, viewer: Viewer, services: Services) -> str | None:
    """Note that this viewer is still at work on an item that they have; returns who has it.

    Raises:
        NotThere: no such item for this viewer.
        Refused: it is not theirs to settle.
    """
    with acting(name, viewer, services, Task.SETTLE) as act:
        return take_if_free(act.session, act.item, viewer, services)


def take_over(name: str, viewer: Viewer, services: Services) -> Done:
    """Take an exception, also where somebody else has it before them.

    Raises:
        NotThere: no such item for this viewer.
        Refused: it is not theirs to settle.
    """
    with acting(name, viewer, services, Task.SETTLE) as act:
        idle_since = idle_before(services)
        if act.item.state is not ItemState.EXCEPTION:
            return act.done("{} needs nobody any more.")
        taken = who_has(act.session, act.item.id, idle_since)
        before = taken.account if taken is not None else None
        put_taken(act.session, act.item.id, viewer.name, act.now, idle_since)
        if before not in (None, viewer.name):
            act.log("taken_over", account=before)
            return act.done(f"You have {{}} now; {before} had it before.", taken_from=before)
        return act.done("You have {} now.")


def give_back(name: str, viewer: Viewer, services: Services) -> Done:
    """Let an item go that this viewer has; another person's stays theirs.

    Raises:
        NotThere: no such item for this viewer.
        Refused: it is not theirs to settle.
    """
    with acting(name, viewer, services, Task.SETTLE) as act:
        let_go(act.session, act.item.id, viewer.name)
        return act.done("{} is free for others.")
