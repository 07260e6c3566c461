"""Trying an exception again, once what stood in its way is mended: a bound raised, a font installed, a store back.

Before: an administrator has mended something, or the machine failed by chance. After: the item is on its way again from
the stage that gave it up, or from an earlier one; its case and clocks stay.
"""

from __future__ import annotations

from sqlalchemy import select

from mailroom.desk.acting import Act, Done, acting, refuse_unless, refuse_while_read
from mailroom.desk.deciding import make_way
from mailroom.domain.access import Task, Viewer
from mailroom.domain.decision import Sensitivity
from mailroom.domain.errors import Cause
from mailroom.domain.items import ItemState
from mailroom.journey import JOURNEY
from mailroom.records.corrections import RECEIVED_AT
from mailroom.records.happenings import last_happenings
from mailroom.records.tables import Correction, Item
from mailroom.services import Services

STAGES = JOURNEY[: JOURNEY.index("open_case")]
"""From where an exception can be tried again: what comes later follows by itself."""


def retry(
    name: str, viewer: Viewer, services: Services, stage: str | None = None, *, expected_run: int | None = None
) -> Done:
    """Send an exception on its way again as one that needs nobody, until a stage says otherwise.

    Args:
        name: reference or id.
        viewer: who says so.
        services: the bundle.
        stage: one of `STAGES`; None for the first whose work is missing.
        expected_run: the run that the person had before their eyes.

    Raises:
        NotThere: no such item for this viewer.
        Refused: it is not theirs to do, there is no such stage, or the item is no exception or a person's work on it
            would be lost.
    """
    refuse_unless(stage in (None, *STAGES), f"Nothing starts again from {stage!r}, only from {', '.join(STAGES)}.")
    with acting(name, viewer, services, Task.SETTLE) as act:
        item = act.item
        if _tried_again(act, stage):
            return act.done("{} is being tried again already.")
        act.refuse_if_changed(expected_run)
        refuse_while_read(item)
        refuse_unless(item.state is ItemState.EXCEPTION, f"{item.reference} is no exception.")
        worked_on = item.cause == Cause.RETURNED or _has_a_person_s_work(act)
        refuse_unless(not worked_on, f"{item.reference} was worked on by a person. Settle it instead.")
        start = first_missing(item) if _is_held_back(item) else stage or first_missing(item)
        make_way(act, None, "The item is tried again; a new message takes its place.")
        _unsettle(item)
        act.log("retried", stage=start)
        act.start(start)
        return act.done(f"{{}} is tried again from {start}.", stage=start)


def first_missing(item: Item) -> str:
    """Return the first stage whose work the item lacks: it has no document that opened, or one without words."""
    if _is_held_back(item) or not any(document.page_count or document.text is not None for document in item.documents):
        return "unpack"
    return "classify" if all(document.text is not None for document in item.documents) else "read"


def _is_held_back(item: Item) -> bool:
    """Whether the malware scanner must look at it once more before anything else."""
    return any(original.quarantined for original in item.originals)


def _tried_again(act: Act, stage: str | None) -> bool:
    """Whether this very thing has just been asked for: the key was pressed twice."""
    last = last_happenings(act.session, act.item.id, 1)
    if act.item.state is not ItemState.WAITING or not last or last[0].kind != "retried":
        return False
    return last[0].actor == act.viewer.name and stage in (None, last[0].details.get("stage"))


def _unsettle(item: Item) -> None:
    """Nobody knows what the letter says until it is sorted anew; one that is limited stays so all the time."""
    item.settled, item.team = False, None
    if item.sensitivity is not Sensitivity.LIMITED:
        item.sensitivity = None


def _has_a_person_s_work(act: Act) -> bool:
    """Whether a person corrected more than its date, which stands in the item itself and is kept."""
    made = select(Correction.id).where(Correction.item_id == act.item.id, Correction.what != RECEIVED_AT)
    return act.session.scalars(made).first() is not None
