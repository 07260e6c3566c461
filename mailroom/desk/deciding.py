"""A person's decision on an item and what must follow from it in the same commit.

Before: a use case of the post room has found that the decision may be made. After: it is in force, what went out on the
strength of the old one is taken back as far as it can be, and a new run opens or mends the case.
"""

from __future__ import annotations

from typing import Any

from mailroom.desk.acting import Act
from mailroom.domain.catalogue import Service
from mailroom.domain.decision import DecidedBy, Decision, Sensitivity, Suggestion, Urgency
from mailroom.domain.errors import Transient
from mailroom.domain.sla import MetBy
from mailroom.journey.classify import put_decision
from mailroom.journey.withdraw_release import copies_of
from mailroom.records.acknowledgements import take_back
from mailroom.records.case_changes import let_run_again, reopen
from mailroom.records.contacts import contacts_of, shield_contacts
from mailroom.records.documents import PAGE_BREAK, decision_in_force
from mailroom.records.handoffs import ask_withdrawal, last_handoff, note_desk, withdraw_handoff
from mailroom.records.looks import people_who_had_it
from mailroom.records.search import index_item
from mailroom.records.tables import DecisionRow, Item


def decide_by_person(act: Act, service: Service, team: str, sensitivity: Sensitivity, reason: str | None) -> None:
    """Put the person's decision into force; from this commit on those who may see the item find it by its words."""
    before = decision_in_force(act.item)
    decision = Decision(
        case_type=service.key,
        team=team,
        sensitivity=sensitivity,
        confidence=1.0,
        decided_by=DecidedBy.PERSON,
        statutory=service.statutory,
        urgency=before.urgency if before else Urgency.NORMAL,
        reasons=(reason,) if reason else (),
        settled=True,
    )
    put_decision(act.session, act.item, decision, actor=act.viewer.name, services=act.services)
    index_item(act.session, act.item, words_of(act.item))


def shield(act: Act) -> None:
    """Make the decision in force a limited-access one and leave all else in it as it is."""
    before = decision_in_force(act.item)
    act.item.sensitivity = Sensitivity.LIMITED
    shield_contacts(act.item)
    if before is None or before.settled != act.item.settled:
        return
    decide_again(act, before, Sensitivity.LIMITED, settled=before.settled)


def decide_again(act: Act, before: DecisionRow, sensitivity: Sensitivity, *, settled: bool) -> None:
    """Put a decision of before into force once more, with this sensitivity and settled or not."""
    decision = Decision(
        case_type=before.case_type,
        team=before.team,
        sensitivity=sensitivity,
        confidence=before.confidence,
        decided_by=before.decided_by,
        statutory=before.statutory,
        urgency=before.urgency,
        reasons=tuple(before.reasons),
        suggestions=suggestions_of(before),
        settled=settled,
    )
    put_decision(act.session, act.item, decision, actor=act.viewer.name, services=act.services)


def suggestions_of(row: DecisionRow) -> tuple[Suggestion, ...]:
    """Return what was suggested then, likeliest first."""
    return tuple(Suggestion(s["case_type"], s["confidence"], tuple(s["reasons"])) for s in row.suggestions)


def make_way(act: Act, team: str | None, why: str) -> None:
    """Take back what the old decision set going: the handoff to another team, the message that has not gone, the end.

    Args:
        act: the person's act.
        team: the team that has the item from now on; None where none has.
        why: reason shown with the message that is taken back.
    """
    take_back(act.session, act.item.id, why)
    act.leave_case()
    if act.item.case is not None:
        reopen(act.item.case)
    if act.item.team != team:
        take_from_team(act)
    else:
        note_desk(act.session, act.item.id)


def take_from_team(act: Act) -> None:
    """Withdraw the handoff under way and its files; one that was accepted in error has met no clock."""
    handoff = withdraw_handoff(act.session, act.item.id, act.now)
    withdraw_files(act)
    if handoff is not None and act.item.case is not None and not act.item.is_contact:
        let_run_again(act.item.case, MetBy.HAND_OFF, act.services.catalogue.clocks)


def withdraw_files(act: Act) -> str | None:
    """Have every released copy deleted, also one of which no handoff knows because a worker died over it.

    Returns:
        `withdrawn`, or `picked_up` where the team has taken it away before, or None where nothing was released.
    """
    for item_id in (act.item.id, *with_it(act.item)):
        ask_withdrawal(act.session, item_id, act.now)
        act.withdrawn.append(item_id)
    if _lies_there(act):
        return "withdrawn"
    handoff = last_handoff(act.session, act.item.id)
    return "picked_up" if handoff is not None and handoff.released_to else None


def with_it(item: Item) -> list[str]:
    """Return the ids of the messages in the case that goes the item's way."""
    return [one.id for one in contacts_of(item.case)] if item.case is not None and not item.is_contact else []


def _lies_there(act: Act) -> bool:
    """Whether there is a copy to be deleted; a folder that cannot be looked into now may hold one."""
    try:
        return bool(copies_of(act.item.reference, act.services))
    except Transient:
        return True


def words_of(item: Item) -> str:
    """Return the words of all documents of the item."""
    return PAGE_BREAK.join(document.text or "" for document in item.documents)


def seen_before(act: Act) -> list[dict[str, Any]]:
    """Return who looked at or did something with the item, or with the messages in its case, so far."""
    people = people_who_had_it(act.session, act.item.id, *with_it(act.item))
    return [{"who": who, "times": times, "last": last.isoformat()} for who, times, last in people]
