"""Notes that a message of ours was not delivered, although the mail server had taken it.

Before: a delivery report was added to the case of the message that it is about (`contact.py`). After: the message
counts as failed, with what the other side said; the clocks that it had met run on, and a case that it had closed is
open again: nobody has been answered. An acknowledgement waits as a letter from then on. A report about another address
than ours went to, such as one that our mail was passed on to, changes nothing: people see it.
"""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import select
from sqlalchemy.orm import Session

from mailroom.domain.acknowledging import why_never
from mailroom.domain.decision import Sensitivity
from mailroom.domain.sla import MetBy
from mailroom.journey.not_by_mail import becomes_a_letter
from mailroom.records.case_changes import let_run_again, reopen
from mailroom.records.handoffs import note_desk
from mailroom.records.tables import Acknowledgement, Case, Item, Reply
from mailroom.services import Services


def note_came_back(session: Session, report: Mapping[str, str], case: Case, services: Services) -> None:
    """Note it on the message and on its case, in the caller's unit of work; said again it changes nothing."""
    row = _message(session, report["message_id"])
    if row is None or row.state != "sent" or _plain(report["recipient"]) != _plain(row.address):
        return
    row.state, row.reason = "failed", _sentence(report)
    if isinstance(row, Reply):
        if row.outcome is not None and case.outcome == row.outcome and reopen(case):
            note_desk(session, case.opened_for)
    elif case.closed_at is None and case.opened_for == row.item_id:
        let_run_again(case, MetBy.ACKNOWLEDGEMENT, services.catalogue.clocks)
        _write_by_post(session, row)


def _write_by_post(session: Session, row: Acknowledgement) -> None:
    item = session.get_one(Item, row.item_id)
    if why_never(settled=item.settled, limited=item.sensitivity is not Sensitivity.NORMAL) is None:
        becomes_a_letter(row, row.reason or "")


def _message(session: Session, message_id: str) -> Acknowledgement | Reply | None:
    told = session.scalars(select(Acknowledgement).where(Acknowledgement.message_id == message_id)).first()
    return told or session.scalars(select(Reply).where(Reply.message_id == message_id)).first()


def _plain(address: str | None) -> str:
    return (address or "").strip().casefold()


def _sentence(report: Mapping[str, str]) -> str:
    said = " ".join(filter(None, (report.get("status"), report.get("diagnostic"))))
    return f"It came back: {said or 'it could not be delivered'}. Write by post, or ask for another address."
