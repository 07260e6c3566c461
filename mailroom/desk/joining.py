"""Joins an item to another that it belongs to: a page left on the glass, the second envelope, a new scan.

Before: two items are one communication. After: originals and documents of the one lie behind those of the other, its
case is closed as `joined` with its clocks replaced, and its row leads to the other. Where only the machine has decided,
the other is sorted anew with all the words; what a person decided or corrected stands, and so does limited access.
"""

from __future__ import annotations

from mailroom.desk.acting import Act, Done, acting, refuse_unless, refuse_while_read
from mailroom.desk.audit import seen_by
from mailroom.desk.deciding import make_way, take_from_team, words_of
from mailroom.desk.post_room import refuse_if_accepted
from mailroom.domain.access import Task, Viewer
from mailroom.domain.decision import DecidedBy, Sensitivity
from mailroom.domain.errors import Cause
from mailroom.domain.items import ItemState
from mailroom.records import custody
from mailroom.records.acknowledgements import take_back
from mailroom.records.case_changes import replace
from mailroom.records.contacts import add_to_case, contacts_of
from mailroom.records.documents import BY_A_PERSON, decision_in_force
from mailroom.records.parts import move_contents, replace_item
from mailroom.records.search import index_item, withdraw_text
from mailroom.records.tables import Case, Item
from mailroom.services import Services


def join(name: str, into: str, viewer: Viewer, services: Services, *, expected_run: int | None = None) -> Done:
    """Join the item to another one of the same channel, which was received first and has the same sensitivity.

    Args:
        name: reference or id of the item that is joined.
        into: reference or id of the one that it belongs to.
        viewer: who says so.
        services: the bundle.
        expected_run: the run of the item that the person had before their eyes.

    Raises:
        NotThere: one of them is not there for this viewer.
        Refused: they are not theirs to join, or do not fit together; the sentence says why.
    """
    with acting(into, viewer, services, Task.SETTLE, [name]) as act:
        joined = seen_by(act.session, name, viewer)
        act.session.refresh(joined, with_for_update=True)
        if joined.state is ItemState.JOINED and joined.joined_into == act.item.id:
            return act.done(f"{joined.reference} is joined to {{}} already.")
        other = Act(act.session, joined, viewer, services, act.now, act.withdrawn)
        other.refuse_if_changed(expected_run)
        _refuse_unless_fitting(other, act)
        move_contents(act.session, joined, act.item)
        _put_away(other, act.item)
        _take_in(act, joined)
        return act.done(f"{joined.reference} is joined to {{}}.", joined=joined.reference)


def _refuse_unless_fitting(other: Act, act: Act) -> None:
    item, into = other.item, act.item
    for one in (other, act):
        refuse_unless(one.item.state is not ItemState.SPLIT, f"{one.item.reference} was split into its parts.")
        refuse_while_read(one.item)
        refuse_if_accepted(one)
    refuse_unless(item.state is not ItemState.JOINED, f"{item.reference} was joined to another item.")
    refuse_unless(item.id != into.id, "An item cannot be joined to itself.")
    refuse_unless(item.channel == into.channel, "The two came by different channels; each has its own count.")
    sooner = f"{item.reference} was received before {into.reference}; join them the other way round."
    refuse_unless(item.received_at >= into.received_at, sooner)
    alike = "One of the two is limited-access and the other is not; settle or mark them alike first."
    refuse_unless(item.sensitivity == into.sensitivity, alike)


def _put_away(other: Act, into: Item) -> None:
    item = other.item
    other.leave_case()
    take_from_team(other)
    take_back(other.session, item.id, "The item was joined to another, which has its own message.")
    withdraw_text(other.session, item)
    if item.case is not None:
        replace(item.case, "joined", other.now)
        _bring_messages(other, item.case, into)
    replace_item(item, ItemState.JOINED, other.now)
    item.joined_into = into.id
    other.log("joined_into", into=into.reference)


def _bring_messages(other: Act, case: Case, into: Item) -> None:
    if into.case is not None:
        for contact in contacts_of(case):
            add_to_case(other.session, contact, into.case, other.now)


def _take_in(act: Act, joined: Item) -> None:
    digests = [original.sha256 for original in act.item.originals]
    custody.record(
        act.session,
        act.item.id,
        "joined",
        actor=act.viewer.name,
        at=act.now,
        details={"from": joined.reference, "originals": digests},
    )
    if _left_to_the_machine(act.item):
        make_way(act, None, "Another item was joined to it; a new message takes its place.")
        act.start("classify")
        return
    index_item(act.session, act.item, words_of(act.item))
    if act.item.cause == Cause.NEW_SCAN:
        act.item.cause, act.item.problem = Cause.UNSURE, "The new scan is joined to it. Read it and choose."
    act.go_over()


def _left_to_the_machine(item: Item) -> bool:
    decision = decision_in_force(item)
    by_person = decision is not None and decision.decided_by is DecidedBy.PERSON
    corrected = any(field.source == BY_A_PERSON for document in item.documents for field in document.fields)
    limited = item.sensitivity is not Sensitivity.NORMAL
    return not (by_person or corrected or limited)
