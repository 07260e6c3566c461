"""Notes that a team's reply has gone out, whichever way, and lets the case follow from that moment.

Before: `duties/send_replies.py` has sent a mail, or somebody has printed the letter (`desk/printing.py`). After: the
event stands in the chain of custody; a full answer has closed the case, a holding one has promised a day.
"""

from __future__ import annotations

from sqlalchemy.orm import Session

from mailroom.domain.sla import promised_due
from mailroom.journey.question import is_question
from mailroom.records import custody
from mailroom.records.case_changes import promise
from mailroom.records.cases import close
from mailroom.records.tables import Case, Item, Reply
from mailroom.services import Services


def note_gone(session: Session, row: Reply, actor: str, services: Services) -> None:
    """Note in the chain of custody and on the case that the reply is out, in the caller's unit of work."""
    item, case = session.get_one(Item, row.item_id), session.get_one(Case, row.case_id)
    told = {"number": row.number, "way": row.way}
    kind = "question_sent" if is_question(row, services) else "replied"
    custody.record(session, item.id, kind, actor=actor, at=services.now(), details=told)
    if case.closed_at is None:
        _let_follow(session, row, case, actor, services)


def _let_follow(session: Session, row: Reply, case: Case, actor: str, services: Services) -> None:
    now = services.now()
    if row.promised_for is not None:
        promise(session, case, promised_due(row.promised_for, services.calendars), now, services.catalogue.clocks)
        kept = {"promised_for": row.promised_for.isoformat()}
        custody.record(session, row.item_id, "holding_reply_sent", actor=actor, at=now, details=kept)
    if row.outcome is not None:
        close(case, row.outcome, now)
        custody.record(session, row.item_id, "closed", actor=actor, at=now, details={"replied_at": now.isoformat()})
