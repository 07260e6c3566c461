"""What happens to an item that the machine cannot take further: it waits for a person, with a case and its clock.

Before `open_case` such an item goes straight there, as unsorted and owned by the post room; after it, it waits where it
is. Deaths are counted in the item's row, because the engine forgets them; progress wipes the count out.
"""

from __future__ import annotations

from contextlib import suppress

from sqlalchemy.orm import Session

from mailroom.domain.catalogue import UNSORTED
from mailroom.domain.decision import Sensitivity
from mailroom.domain.errors import Cause, Superseded
from mailroom.journey import JOURNEY
from mailroom.journey.stage import Turn, closing, note
from mailroom.records.alarms import raise_alarm
from mailroom.records.cases import put_case
from mailroom.records.documents import NewDocument, replace_documents
from mailroom.records.items import make_exception
from mailroom.records.tables import Item
from mailroom.sandbox.tasks.signatures import UNKNOWN
from mailroom.services import Services

TRIES = 3
"""Deaths of its own child, or faults of ours, after which an item goes to a person (P8)."""


def set_aside(item_id: str, stage: str, run: int, cause: Cause, sentence: str, services: Services) -> None:
    """Mark the item as one that needs a person, unless another run has overtaken this one."""
    turn = Turn(item_id, stage, run)
    with suppress(Superseded), closing(turn, services) as (item, session):
        mark_aside(session, turn, item, cause, sentence, services)


def mark_aside(session: Session, turn: Turn, item: Item, cause: Cause, sentence: str, services: Services) -> None:
    """Do the same to a row that the caller has claimed, in the caller's unit of work."""
    _give_it_a_document(session, item, services)
    if item.sensitivity is None:
        item.sensitivity = _sensitivity_unread(item, services)
    if turn.stage == "open_case":
        _give_it_a_bare_case(session, item, services)
    make_exception(item, cause, sentence, next_stage=_where_next(turn.stage), now=services.now())
    note(session, turn, "set_aside", services, details={"cause": cause, "stage": turn.stage})


def stop_for_custody(item_id: str, stage: str, run: int, sentence: str, services: Services) -> None:
    """Touch the item no more than needed: it becomes an exception, and an alarm is raised."""
    with services.records.work() as session:
        raise_alarm(session, f"custody:{item_id}", f"Item {item_id}: {sentence}", services.now())
        session.commit()
    told = f"The original is not what was received: {sentence} Tell the auditor before anything else."
    set_aside(item_id, stage, run, Cause.CUSTODY, told, services)


def count_child_death(item_id: str, stage: str, run: int, services: Services) -> None:
    """Count a death of the item's own child; the third sets it aside."""
    if _count(item_id, stage, run, services) >= TRIES:
        sentence = (
            f"Reading this file stopped the reader {TRIES} times. It may be damaged or made to do harm: do not open it "
            "on your own computer; look at the sender's details and ask for a fresh copy."
        )
        set_aside(item_id, stage, run, Cause.STOPPED_THE_READER, sentence, services)


def count_fault(item_id: str, stage: str, run: int, fault: str, services: Services) -> None:
    """Count a fault of our own at this item; the third sets it aside."""
    if _count(item_id, stage, run, services) >= TRIES:
        sentence = (
            f"The mailroom itself failed {TRIES} times at the stage {stage} ({fault}). Index the item by hand and tell "
            "the administrator, who finds the details in the log under the item's id."
        )
        cause = Cause.HAND_OVER_FAILED if stage == "hand_over" else Cause.STOPPED_THE_READER
        set_aside(item_id, stage, run, cause, sentence, services)


def _count(item_id: str, stage: str, run: int, services: Services) -> int:
    try:
        with closing(Turn(item_id, stage, run), services) as (item, _):
            item.child_deaths += 1
            return item.child_deaths
    except Superseded:
        return 0


def _sensitivity_unread(item: Item, services: Services) -> Sensitivity:
    """An item whose words nobody knows is the post room's, unless its folder or mailbox stands for a limited type."""
    hinted = services.catalogue.services.get(item.hint_case_type or "")
    return Sensitivity.LIMITED if hinted is not None and hinted.limited else Sensitivity.NORMAL


def _where_next(stage: str) -> str | None:
    return "open_case" if JOURNEY.index(stage) < JOURNEY.index("open_case") else None


def _give_it_a_bare_case(session: Session, item: Item, services: Services) -> None:
    """The stage that opens cases failed: what is on nobody's list would be lost, so it gets one without clocks."""
    if item.case_id is None:
        team = services.catalogue.post_room
        put_case(session, item, UNSORTED, team, f"team:{team}", services.now())


def _give_it_a_document(session: Session, item: Item, services: Services) -> None:
    """Decisions and index data hang on a document: an item that could not be opened gets one without pages."""
    session.refresh(item, ["documents"])
    if not item.documents:
        unopened = [NewDocument(o.id, o.media_type or UNKNOWN.media_type) for o in item.originals]
        replace_documents(session, item, unopened, services.now())
