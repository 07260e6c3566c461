"""Settling several exceptions at once that are alike: the same cause and the same first suggestion.

Before: somebody has seen that ten of them are the same circular. After: each is settled in a unit of work of its own,
so that none is half done, and the result says for each what came of it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from mailroom.desk.acting import refuse_unless, refuse_unless_theirs_to_do
from mailroom.desk.audit import NotThere, seen_by
from mailroom.desk.naming import service_named
from mailroom.desk.post_room import settle
from mailroom.domain.access import Task, Viewer
from mailroom.domain.errors import MailroomError
from mailroom.services import Services

MOST_AT_ONCE = 100
"""More than this nobody has looked at."""


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
    chosen: Sequence[Chosen], case_type: str, viewer: Viewer, services: Services, *, reason: str | None = None
) -> list[Outcome]:
    """Settle exceptions that are alike as one case type; what cannot be done keeps none of the others.

    Args:
        chosen: the exceptions; what is like the first of them is meant.
        case_type: key of the type.
        viewer: who says so.
        services: the bundle.
        reason: why, if that is not plain; it stays with each.

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
            outcomes.append(_settle(one, reference, case_type, viewer, services, reason, like=kind == alike))
        except NotThere as fault:
            outcomes.append(Outcome(one.item, done=False, sentence=str(fault)))
    return outcomes


def _settle(
    one: Chosen, reference: str, case_type: str, viewer: Viewer, services: Services, reason: str | None, *, like: bool
) -> Outcome:
    try:
        refuse_unless(like, f"{reference} is not like the others. Open it and settle it by itself.")
        done = settle(one.item, case_type, viewer, services, reason=reason, expected_run=one.run)
    except MailroomError as fault:
        return Outcome(reference, done=False, sentence=str(fault))
    return Outcome(reference, done=True, sentence=done.sentence)


def _kind_of(name: str, viewer: Viewer, services: Services) -> tuple[str, tuple[str | None, str | None]]:
    """Return the item's reference, and its cause and first suggestion, by which it is like others."""
    with services.records.look() as session:
        item = seen_by(session, name, viewer)
        return item.reference, (item.cause, item.suggested)
