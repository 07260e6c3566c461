"""Adds a message to the case that it belongs to, where the machine was not sure, and offers the cases it may belong to.

Before: a message quotes a case that does not know its sender, or somebody sees that a letter is about a case that there
is. After: it is a contact on that case, seen once by its team; the case that was opened for it alone goes no further.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from sqlalchemy.orm import Session

from mailroom.desk.acting import Act, Done, Refused, acting, refuse_unless, refuse_while_read
from mailroom.desk.audit import seen_by, standing_of
from mailroom.desk.deciding import decide_by_person, take_from_team
from mailroom.desk.item_view import sender_of, title_of, who
from mailroom.desk.post_room import refuse_if_accepted
from mailroom.domain.access import Task, Viewer, may_see
from mailroom.domain.contacts import agreement, in_words
from mailroom.domain.decision import Sensitivity
from mailroom.journey.contact import cases_for, writer_on_record
from mailroom.journey.open_case import service_of
from mailroom.records.acknowledgements import take_back
from mailroom.records.contacts import add_to_case
from mailroom.records.tables import Case, Item
from mailroom.services import Services


@dataclass(frozen=True, slots=True)
class PossibleCase:
    """A case that an item may belong to.

    Attributes:
        item: id of the item that it was opened for.
        reference: what people call it.
        title: of its type.
        sender: who wrote what it was opened for.
        why: what in the item points to it, and whether it knows the sender.
    """

    item: str
    reference: str
    title: str
    sender: str | None
    why: str


def possible_cases(session: Session, item: Item, viewer: Viewer, services: Services) -> list[PossibleCase]:
    """Return the cases that the item may be added to, of those that the viewer may see, the likeliest first."""
    writer = writer_on_record(item, services)
    offered = []
    for candidate in (one for one in cases_for(session, item, services) if one.is_open):
        case = session.get_one(Case, candidate.case_id)
        first = session.get_one(Item, case.opened_for)
        if may_see(viewer, standing_of(first)):
            known = agreement(writer, candidate) or "but does not know this sender."
            title, sender = title_of(case.case_type, services), who(sender_of(first))
            why = f"{in_words(candidate)} {known}"
            offered.append(PossibleCase(first.id, case.reference, title, sender, why))
    return offered


def add(name: str, case: str, viewer: Viewer, services: Services, *, expected_run: int | None = None) -> Done:
    """Add an item to a case that there is.

    Args:
        name: reference or id of the item.
        case: reference or id of an item in the case.
        viewer: who says so.
        services: the bundle.
        expected_run: the run of the item that the person had before their eyes.

    Raises:
        NotThere: one of them is not there for this viewer.
        Refused: it is not theirs to add, or the case cannot take it; the sentence says why.
        Changed: the item is not any more as the person had it before their eyes.
    """
    with acting(name, viewer, services, Task.SETTLE, [case]) as act:
        into = seen_by(act.session, case, viewer)
        if into.case is not None and act.item.is_contact and act.item.case_id == into.case_id:
            return act.done(f"{{}} is in {into.case.reference} already.")
        act.refuse_if_changed(expected_run)
        refuse_while_read(act.item)
        refuse_if_accepted(act)
        found = _fitting(act, into)
        _put_in(act, found)
        act.log("added_to_case", case=found.reference)
        act.start("open_case")
        return act.done(f"{{}} is a message in {found.reference} now.", case=found.reference)


def _fitting(act: Act, into: Item) -> Case:
    refuse_unless(into.id != act.item.id, "An item cannot be added to itself. Name the case that it belongs to.")
    if into.case is not None:
        act.session.refresh(into.case, with_for_update=True)
    host = act.session.get(Item, into.case.opened_for) if into.case is not None else None
    if into.case is None or host is None or not host.settled:
        raise Refused(f"{into.reference} is not settled yet. Settle that first, then add {act.item.reference} to it.")
    sentence = f"The case {into.case.reference} is closed. Settle {act.item.reference} as new work."
    refuse_unless(into.case.closed_at is None, sentence)
    has_messages = any(one.id != act.item.id for one in act.item.case.items) if act.item.case else False
    own = f"Other messages are in the case of {act.item.reference} already. Add this one to it instead."
    refuse_unless(act.item.is_contact or not has_messages, own)
    limited = into.sensitivity is not Sensitivity.LIMITED and act.item.sensitivity is Sensitivity.LIMITED
    shut = f"{act.item.reference} is limited-access and {into.case.reference} is not; settle or mark them alike first."
    refuse_unless(not limited or not act.item.settled, shut)
    return into.case


def _put_in(act: Act, case: Case) -> None:
    """Make the item a message of the case; what set out for it alone is taken back first."""
    why = f"It was added to {case.reference}, about which the sender has been told before."
    take_back(act.session, act.item.id, why)
    act.leave_case()
    take_from_team(act)
    act.correct("case", act.item.case.reference if act.item.case else None, case.reference, None)
    add_to_case(act.session, act.item, case, act.now)
    host = act.session.get_one(Item, case.opened_for)
    service = replace(service_of(act.item, act.services), statutory=None)
    sensitivity = host.sensitivity or Sensitivity.LIMITED
    decide_by_person(act, service, case.team, sensitivity, f"It belongs to {case.reference}")
