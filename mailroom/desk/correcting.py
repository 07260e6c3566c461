"""Putting right what was read or put down wrongly: index data and the date of receipt. Both values are kept.

Before: somebody sees the letter beside what the machine made of it. After: the clocks have moved with the date in the
same commit; the message to the sender and the release follow in a new run from `open_case` on. An earlier date of
receipt makes the deadlines earlier and takes effect at once; a later one gives us more time, so it needs a second
person.
"""

from __future__ import annotations

from contextlib import suppress
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from mailroom.desk.acting import (
    Act,
    Done,
    Refused,
    acting,
    refuse_unless,
    refuse_while_read,
)
from mailroom.desk.audit import NotThere, seen_by
from mailroom.desk.deadlines import deadlines_if
from mailroom.desk.index_values import label_of, value_for
from mailroom.domain.access import Task, Viewer
from mailroom.domain.decision import IndexField
from mailroom.domain.receipt_date import possible_receipt
from mailroom.domain.sla import local_date
from mailroom.journey.clocks import start_clocks
from mailroom.records.acknowledgements import take_back
from mailroom.records.corrections import RECEIVED_AT, drop_field, waiting_for_second
from mailroom.records.documents import BY_A_PERSON, fields_of, set_fields
from mailroom.records.tables import Correction, Item
from mailroom.services import Services


def correct(
    name: str,
    field: str,
    value: str,
    viewer: Viewer,
    services: Services,
    *,
    reason: str | None = None,
    expected_run: int | None = None,
) -> Done:
    """Set a piece of index data to what a person says; an empty value takes it out.

    The value that was read already, said again, is confirmed by it: from then on it is the person's word. A message
    that greets the sender by another name and has not gone out is planned anew.

    Args:
        name: reference or id.
        field: `letter_date`, `date_stamped`, `sender_name`, `sender_address`, `sender_postcode`, `email`, `phone`,
            `national_insurance_number` or the name of a reference pattern.
        value: as a person writes it; it is stored as searches expect it.
        viewer: who says so.
        services: the bundle.
        reason: why, if that is not plain.
        expected_run: the run that the person had before their eyes.

    Raises:
        NotThere: no such item for this viewer.
        Refused: it is not theirs to correct, there is no such field, or the value cannot be one of it.
    """
    with acting(name, viewer, services, Task.MEND) as act:
        new = value_for(field, value, services.catalogue.rules.get("references", {}))
        known = fields_of(act.item).get(field)
        old = known.value if known else None
        if (old or "") == new and (known is None or known.source == BY_A_PERSON):
            return act.done(f"“{label_of(field)}” of {{}} is that already.")
        act.refuse_if_changed(expected_run)
        refuse_while_read(act.item)
        _put_field(act, field, new)
        if old == new:
            act.log("confirmed", field=field)
            return act.done(f"“{label_of(field)}” of {{}} is confirmed.", field=field, new=new)
        if field == "sender_name":
            take_back(act.session, act.item.id, "The sender's name was corrected; a new message takes its place.")
        correction = act.correct(field, old, new, reason)
        act.log("corrected", field=field, correction=correction.id)
        act.go_over()
        return act.done(f"“{label_of(field)}” of {{}} is corrected.", field=field, old=old, new=new)


def correct_received(
    name: str,
    received_at: datetime,
    viewer: Viewer,
    services: Services,
    *,
    reason: str,
    expected_run: int | None = None,
) -> Done:
    """Correct the date of receipt, from which every clock is computed; one that was assumed can be confirmed so.

    Args:
        name: reference or id.
        received_at: when it was received (aware); later on the day it was taken in counts as the moment of that.
        viewer: who says so.
        services: the bundle.
        reason: why; it is asked for at an audit.
        expected_run: the run that the person had before their eyes.

    Raises:
        NotThere: no such item for this viewer.
        Refused: it is not theirs to correct, no reason is given, or it cannot have been received then.
        Changed: it is not any more as the person had it before their eyes.
    """
    refuse_unless(bool(reason.strip()), "Say why the date is wrong.")
    with acting(name, viewer, services, Task.SETTLE) as act:
        old, received_at = act.item.received_at, _possible(received_at, act)
        if act.item.receipt_assumed and local_date(old) == local_date(received_at):
            return _confirm_assumed(act, reason, expected_run)
        if old == received_at:
            return act.done("{} has that date of receipt already.")
        later = received_at > old
        waiting = _waiting(act, received_at)
        if waiting is not None:
            sentence = f"That date for {{}} waits for a second person already, as number {waiting.id}."
            return act.done(sentence, correction=waiting.id, takes_effect=False)
        act.refuse_if_changed(expected_run)
        correction = _correct_date(act, received_at, reason, needs_second=later)
        if later:
            sentence = f"A later date for {{}} waits for a second person to confirm it, as number {correction.id}."
            return act.done(sentence, correction=correction.id, takes_effect=False)
        _set_received(act, received_at, correction)
        return act.done("{} has the earlier date of receipt.", correction=correction.id, takes_effect=True)


def confirm_received(correction_id: int, viewer: Viewer, services: Services) -> Done:
    """Confirm a later date of receipt that somebody else put in; it takes effect now.

    Raises:
        Refused: there is no such date for this viewer, it is their own, or the date has been changed since.
    """
    item_id = _item_with(correction_id, viewer, services)
    with acting(item_id, viewer, services, Task.SETTLE) as act:
        correction = act.session.get_one(Correction, correction_id)
        if correction.confirmed_by is not None:
            return act.done("The date of receipt of {} is confirmed already.")
        refuse_unless(correction.actor != viewer.name, "Somebody other than who put the date in must confirm it.")
        unchanged = act.item.received_at.isoformat() == correction.old
        refuse_unless(unchanged, f"The date of {act.item.reference} has been changed since. Correct it anew.")
        correction.confirmed_by = viewer.name
        _set_received(act, datetime.fromisoformat(correction.new), correction)
        return act.done("{} has the later date of receipt.", correction=correction.id, takes_effect=True)


def _confirm_assumed(act: Act, reason: str, expected_run: int | None) -> Done:
    """Take the day that was assumed as a person's word; no clock changes."""
    act.refuse_if_changed(expected_run)
    stands = act.item.received_at.isoformat()
    act.item.receipt_assumed = False
    correction = act.correct(RECEIVED_AT, stands, stands, reason)
    act.log("confirmed", field="date_of_receipt", correction=correction.id)
    return act.done("The date of receipt of {} is confirmed.", correction=correction.id, takes_effect=True)


def _item_with(correction_id: int, viewer: Viewer, services: Services) -> str:
    """Return the id of the item whose later date is meant; one that is not the viewer's to see is as good as none."""
    with services.records.look() as session:
        asked = session.get(Correction, correction_id)
        if asked is not None and asked.what == RECEIVED_AT and asked.needs_second:
            with suppress(NotThere):
                return seen_by(session, asked.item_id, viewer).id
    raise Refused(f"No date of receipt waits under number {correction_id}.")


def dates_to_confirm(viewer: Viewer, services: Services) -> list[dict[str, Any]]:
    """Return the later dates of receipt that wait for a second person."""
    with services.records.look() as session:
        return [
            {
                "correction": correction.id,
                "reference": item.reference,
                "old": correction.old,
                "new": correction.new,
                "reason": correction.reason,
                "by": correction.actor,
                "deadlines": _moved(session, item, correction, services),
            }
            for correction, item in waiting_for_second(session, viewer)
        ]


def _moved(session: Session, item: Item, correction: Correction, services: Services) -> list[dict[str, Any]]:
    """Return the clocks that the later date would move, ready for JSON."""
    deadlines = deadlines_if(session, item, datetime.fromisoformat(correction.new), services)
    return [
        {"title": one.title, "now": one.now.isoformat(), "then": one.then.isoformat()}
        for one in deadlines
        if one.now != one.then
    ]


def _put_field(act: Act, field: str, value: str) -> None:
    refuse_unless(bool(act.item.documents), f"{act.item.reference} has no document yet to hold index data.")
    drop_field(act.session, act.item, field)
    if value:
        set_fields(act.session, act.item.documents[0].id, [IndexField(field, value, 1.0, source=BY_A_PERSON)])


def _possible(received_at: datetime, act: Act) -> datetime:
    try:
        return possible_receipt(received_at, act.item.taken_at, act.now)
    except ValueError as wrong:
        raise Refused(f"{act.item.reference} cannot have been received then: {wrong}") from wrong


def _waiting(act: Act, received_at: datetime) -> Correction | None:
    waiting = waiting_for_second(act.session, act.viewer)
    new = received_at.isoformat()
    return next((one for one, item in waiting if item.id == act.item.id and one.new == new), None)


def _correct_date(act: Act, received_at: datetime, reason: str, *, needs_second: bool) -> Correction:
    old, new = act.item.received_at.isoformat(), received_at.isoformat()
    correction = act.correct(RECEIVED_AT, old, new, reason, needs_second=needs_second)
    if needs_second:
        act.log("later_date_put_in", correction=correction.id, old=old, new=new)
    return correction


def _set_received(act: Act, received_at: datetime, correction: Correction) -> None:
    """Set the date and move every clock of the item's own case with it, so that no queue shows the old ones."""
    act.item.received_at, act.item.receipt_assumed = received_at, False
    if not act.item.is_contact:
        start_clocks(act.session, act.item, act.services)
    take_back(act.session, act.item.id, "The date of receipt was corrected; a new message takes its place.")
    act.log("received_corrected", correction=correction.id, old=correction.old, new=correction.new)
    act.go_over()
