"""What every use case of the desk does at its two ends: find the item for this person, and write down what was done.

Before: somebody at the desk presses a key or runs a command. After: the change, its correction, its custody event and
the run that follows from it are in one commit, or nothing is.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from mailroom.desk.audit import seen_by
from mailroom.desk.telling import Told, tell
from mailroom.domain.access import MAY, Task, Viewer, may_do
from mailroom.domain.errors import Cause, MailroomError, Transient
from mailroom.domain.items import ItemState
from mailroom.journey import JOURNEY
from mailroom.journey.withdraw_release import withdraw_release
from mailroom.records import custody
from mailroom.records.contacts import contacts_of, leave_case
from mailroom.records.corrections import add_correction
from mailroom.records.handoffs import withdraw_offer
from mailroom.records.happenings import happened_since, last_happenings
from mailroom.records.items import make_exception, pass_on, start_again
from mailroom.records.locking import lock_cases_of
from mailroom.records.tables import Correction, Item
from mailroom.records.taking import end_referrals, let_go
from mailroom.services import Services

_BEFORE_THE_CASE = frozenset(JOURNEY[: JOURNEY.index("open_case")])
_NEWEST = 3
"""How many changes are told to somebody who has seen all of them, in another window, and saves an older page."""

_REPLACED = {
    ItemState.SPLIT: "was split into its parts; open one of them",
    ItemState.JOINED: "was joined to another item; open that",
}


class Refused(MailroomError):
    """It may not be done, or not now; the sentence says why and what to do instead."""


class Changed(Refused):
    """Somebody else or the machine has changed the item since the person opened it; what was meant is not done.

    Args:
        reference: of the item.
        changes: what happened since, oldest first.
    """

    def __init__(self, reference: str, changes: Sequence[Told]) -> None:
        happened = " ".join(str(change) for change in changes)
        super().__init__(
            f"{reference} has changed since you opened it. {happened} Look at it again.".replace("  ", " ")
        )
        self.changes = tuple(changes)


@dataclass(frozen=True, slots=True)
class Done:
    """What came of it.

    Attributes:
        item: id.
        reference: of the item.
        sentence: what a person reads.
        facts: what else came of it, ready for JSON.
        run: of the item from now on.
    """

    item: str
    reference: str
    sentence: str
    facts: Mapping[str, Any] = field(default_factory=dict)
    run: int = 0

    def as_json(self) -> dict[str, Any]:
        """Return it for scripts."""
        return {"item": self.item, "reference": self.reference, "sentence": self.sentence, **self.facts}


@dataclass(frozen=True, slots=True)
class Act:
    """One person's act on one item, in one unit of work.

    Attributes:
        session: the unit of work.
        item: its row, locked.
        viewer: who acts.
        services: the bundle.
        now: when.
        withdrawn: ids of items whose released copies are deleted once the commit stands.
    """

    session: Session
    item: Item
    viewer: Viewer
    services: Services
    now: datetime
    withdrawn: list[str]

    def log(self, kind: str, **details: Any) -> None:  # noqa: ANN401  # whatever JSON can hold
        """Write the custody event: never a reason in a person's own words, which may hold names."""
        custody.record(self.session, self.item.id, kind, actor=self.viewer.name, at=self.now, details=details)

    def correct(
        self, what: str, old: str | None, new: str, reason: str | None, *, needs_second: bool = False
    ) -> Correction:
        """Put down what was changed."""
        return add_correction(
            self.session,
            self.item.id,
            what,
            old=old,
            new=new,
            reason=reason or "",
            actor=self.viewer.name,
            at=self.now,
            needs_second=needs_second,
        )

    def start(self, stage: str) -> None:
        """Send the item on its way again from this stage, as one that needs nobody any more."""
        run = start_again(self.item, stage, self.now)
        self.services.queue.enqueue(self.session, self.item.id, run)

    def go_over(self) -> None:
        """Let the stages from `open_case` on follow a change; an exception stays one."""
        if self.item.next_stage in _BEFORE_THE_CASE:
            return
        self.item.run += 1
        pass_on(self.item, "open_case", self.now)
        if self.item.state is ItemState.CAPTURED:
            self.item.state = ItemState.WAITING
        self.services.queue.enqueue(self.session, self.item.id, self.item.run)

    def give_to_the_post_room(self, cause: Cause, sentence: str) -> None:
        """Make the item an exception for the post room; its case stays the same one and its clocks run on.

        A message in another case gets one of its own; the messages in its case that nobody has seen wait with it.
        """
        item = self.item
        self.leave_case()
        for contact in contacts_of(item.case) if item.case else ():
            contact.team = None
            withdraw_offer(self.session, contact.id, self.now)
        item.run += 1
        make_exception(item, cause, sentence, next_stage=None if item.case else "open_case", now=self.now)
        item.settled, item.team = False, None
        if item.case is None:
            self.services.queue.enqueue(self.session, item.id, item.run)
            return
        team = self.services.catalogue.post_room
        item.case.team, item.case.owner = team, f"team:{team}"

    def leave_case(self) -> None:
        """Take a message out of the case that it had been added to; nothing is done to that case."""
        case = leave_case(self.session, self.item, self.now)
        if case is not None:
            self.log("left_case", case=case.reference)

    def refuse_if_changed(self, expected_run: int | None) -> None:
        """Refuse where the person had another run before their eyes; None where that does not matter.

        Raises:
            Changed: somebody else or the machine has changed the item since.
        """
        if expected_run not in (None, self.item.run):
            happened = happened_since(self.session, self.item.id, self.viewer.name)
            happened = happened or last_happenings(self.session, self.item.id, _NEWEST)
            raise Changed(self.item.reference, tell(happened, self.services))

    def done(self, sentence: str, **facts: Any) -> Done:  # noqa: ANN401  # whatever JSON can hold
        """Return what came of it; `{}` in the sentence stands for the item's reference."""
        return Done(
            self.item.id, self.item.reference, sentence.replace("{}", self.item.reference), facts, self.item.run
        )


@contextmanager
def acting(name: str, viewer: Viewer, services: Services, task: Task, others: Sequence[str] = ()) -> Iterator[Act]:
    """Give the locked item in a unit of work that is committed when the block ends without an error.

    Args:
        name: reference or id.
        viewer: who acts.
        services: the bundle.
        task: what it is part of.
        others: items that it has to do with beside this one; they and their cases are locked with it.

    Raises:
        NotThere: no such item for this viewer.
        Refused: it is not theirs to do, or the item was replaced by what it was split into or joined to.
        MailroomError: it is done, and a released copy that should go could not be deleted yet.
    """
    refuse_unless_theirs_to_do(viewer, task)
    with services.records.work() as session:
        lock_cases_of(session, *(seen_by(session, one, viewer).id for one in (name, *others)))
        item = seen_by(session, name, viewer, lock=True)
        if item.case is not None:  # a case may hold several items, and two people may act on two of them
            session.refresh(item.case, with_for_update=True)
        refuse_unless(item.state not in _REPLACED, f"{item.reference} {_REPLACED.get(item.state)}.")
        act = Act(session, item, viewer, services, services.now(), [])
        yield act
        if item.state is not ItemState.EXCEPTION:
            let_go(session, item.id)
            end_referrals(session, item.id, act.now)
        session.commit()
    _take_back_files(act)


def refuse_unless(allowed: bool, sentence: str) -> None:
    """Refuse with this sentence unless it is allowed.

    Raises:
        Refused: it is not.
    """
    if not allowed:
        raise Refused(sentence)


def refuse_unless_theirs_to_do(viewer: Viewer, task: Task) -> None:
    """Refuse whoever has no role that does this task.

    Raises:
        Refused: they have none.
    """
    refuse_unless(may_do(viewer, task), f"Only {_in_words(task)} may do this.")


def refuse_while_read(item: Item) -> None:
    """Refuse while the machine still reads and sorts the item: it would write over what a person does now.

    Raises:
        Refused: it is not there yet.
    """
    on_its_way = item.next_stage in _BEFORE_THE_CASE
    refuse_unless(not on_its_way, f"{item.reference} is still being read and sorted. Try again in a moment.")


def _take_back_files(act: Act) -> None:
    for item_id in act.withdrawn:
        try:
            withdraw_release(item_id, act.services)
        except Transient as fault:
            raise MailroomError(f"It is done, but a released copy is still there. {fault}") from fault


def _in_words(task: Task) -> str:
    return " or ".join(f"the {role.replace('_', ' ')}" for role in sorted(MAY[task]))
