"""Settling several exceptions at once that are alike, the same cause and the same first suggestion; and undoing that.

Before: somebody has seen that ten of them are the same circular. After: each is settled in a unit of work of its own,
so that none is half done, and the result says for each what came of it. The chain of custody of each names the act, by
which all of them are found again where the whole was a slip (`settled_today.py`).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from secrets import token_hex

from mailroom.desk.acting import Done, refuse_unless, refuse_unless_theirs_to_do
from mailroom.desk.audit import NotThere, seen_by
from mailroom.desk.naming import service_named
from mailroom.desk.post_room import settle
from mailroom.desk.undoing import undo_decision
from mailroom.domain.access import Task, Viewer
from mailroom.domain.errors import MailroomError
from mailroom.records.settled import settled_by, settled_together
from mailroom.services import Services

MOST_AT_ONCE = 100
"""More than this nobody has looked at."""

_KEPT = timedelta(days=1)
_MOST_KEPT = 2000
"""What is looked through for an act: more than anybody settles in a day, and long after it is too late to undo it."""


@dataclass(frozen=True, slots=True)
class Chosen:
    """An exception that somebody chose: its reference or id, and the run they had before their eyes."""

    item: str
    run: int | None = None


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of one of them: its reference (what was asked for, where it is not there), done or not, in words."""

    reference: str
    done: bool
    sentence: str


def settle_together(
    chosen: Sequence[Chosen],
    case_type: str,
    viewer: Viewer,
    services: Services,
    *,
    reason: str | None = None,
    together: str | None = None,
) -> list[Outcome]:
    """Settle exceptions that are alike as one case type; what cannot be done keeps none of the others.

    Args:
        chosen: the exceptions; what is like the first of them is meant.
        case_type: key of the type.
        viewer: who says so.
        services: the bundle.
        reason: why, if that is not plain; it stays with each.
        together: what the act is called (`new_act`); None where it is not to be undone as one.

    Returns:
        What came of each, in the order given.

    Raises:
        Refused: it is not the viewer's work, there is no such type, nothing is chosen, or too many are.
    """
    refuse_unless_theirs_to_do(viewer, Task.SETTLE)
    service_named(case_type, services)
    refuse_unless(bool(chosen), "Choose the items that are alike.")
    refuse_unless(len(chosen) <= MOST_AT_ONCE, f"Choose at most {MOST_AT_ONCE} items at once.")
    alike = None
    outcomes = []
    for one in {one.item: one for one in chosen}.values():
        try:
            reference, kind = _kind_of(one.item, viewer, services)
            alike = alike or kind
        except NotThere as fault:
            outcomes.append(Outcome(one.item, done=False, sentence=str(fault)))
            continue
        how = {"reason": reason, "together": together}
        act = partial(settle, one.item, case_type, viewer, services, expected_run=one.run, **how)
        outcomes.append(_try(act, reference, like=kind == alike))
    return outcomes


def undo_together(together: str, viewer: Viewer, services: Services) -> list[Outcome]:
    """Take back what the viewer settled in one act; what cannot be undone keeps none of the others.

    Returns:
        What came of each that was settled so, the newest first.

    Raises:
        Refused: it is not the viewer's work, or they settled nothing in such an act.
    """
    refuse_unless_theirs_to_do(viewer, Task.SETTLE)
    with services.records.look() as session:
        rows = settled_by(session, viewer, services.now() - _KEPT, most=_MOST_KEPT)
        acts = settled_together(session, [row.item for row in rows], viewer.name)
    theirs = [row for row in rows if acts.get(row.item) == together]
    refuse_unless(bool(theirs), "There is nothing that you settled so. Open each item, and route it elsewhere.")
    return [_try(partial(undo_decision, row.item, viewer, services), row.reference) for row in theirs]


def new_act() -> str:
    """Return what a new act is called."""
    return token_hex(8)


def _try(act: Callable[[], Done], reference: str, *, like: bool = True) -> Outcome:
    try:
        refuse_unless(like, f"{reference} is not like the others. Open it and settle it by itself.")
        done = act()
    except MailroomError as fault:
        return Outcome(reference, done=False, sentence=str(fault))
    return Outcome(reference, done=True, sentence=done.sentence)


def _kind_of(name: str, viewer: Viewer, services: Services) -> tuple[str, tuple[str | None, str | None]]:
    """Return the item's reference, and its cause and first suggestion, by which it is like others."""
    with services.records.look() as session:
        item = seen_by(session, name, viewer)
        return item.reference, (item.cause, item.suggested)
