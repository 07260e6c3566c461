"""A team's reply: put down as it goes out, held for some minutes, taken back as long as it has not left the house.

Before: `drafting.py` shows that nothing is missing. After: the reply is in the records, before anything is sent;
`duties/send_replies.py` mails it or puts it among the letters to be printed. The case closes, or has its promise, at
the moment at which the reply goes out (`journey/reply_gone.py`).
"""

from __future__ import annotations

from datetime import date, timedelta

from mailroom.desk.acting import Act, Done, acting, refuse_unless
from mailroom.desk.drafting import Answer, Draft, drafted
from mailroom.desk.in_hand import in_hand, open_case_of, take_on
from mailroom.desk.minding import done_with_today
from mailroom.domain.access import Task, Viewer
from mailroom.domain.acknowledging import Way
from mailroom.domain.sla import LONDON
from mailroom.domain.templates import Kind
from mailroom.records.items import new_id
from mailroom.records.outgoing import CAN_BE_TAKEN_BACK
from mailroom.records.replies import answer_on_its_way, reply_on_its_way
from mailroom.records.tables import Case, Reply
from mailroom.services import Services

_TAKEN_BACK = "it can be taken back on the page of its case, which stands under Going out."


def send_reply(
    name: str, answer: Answer, viewer: Viewer, services: Services, *, expected_number: int | None = None
) -> Done:
    """Put a reply down; it goes out when the minutes in which it can be taken back are over.

    Args:
        name: reference or id of the item that is answered.
        answer: template and what is filled in.
        viewer: who answers.
        services: the bundle.
        expected_number: number of the reply that the officer had before their eyes: a second click sends no second one.

    Raises:
        NotThere: no such item for this viewer.
        Refused: it is not theirs to answer, something is missing, nothing may go to this sender, another reply is on
            its way, or somebody has answered meanwhile.
    """
    with acting(name, viewer, services, Task.ANSWER) as act:
        case = open_case_of(act)
        draft = drafted(act.session, act.item, answer, services)
        answered = f"Somebody has answered {act.item.reference} since you opened it. Look at it again."
        refuse_unless(expected_number in (None, draft.number), answered)
        _refuse_unless_complete(act, draft, case)
        _take_on(act)
        promised_for = answer.promised_for if draft.template.kind is Kind.HOLDING else None
        row = _put_down(act, draft, case, promised_for)
        done_with_today(act, case)
        act.log("reply_written", number=row.number, way=row.way, template=row.template)
        facts = {"number": row.number, "way": row.way, "not_before": row.not_before.isoformat()}
        return act.done(f"The reply to {{}} {_how(row)}. {_until(row)}, {_TAKEN_BACK}", **facts)


def take_back_reply(name: str, viewer: Viewer, services: Services) -> Done:
    """Take back the reply that has not left the house yet; the case stays open.

    Raises:
        NotThere: no such item for this viewer.
        Refused: it is not theirs to take back, or there is none that could be.
    """
    with acting(name, viewer, services, Task.ANSWER) as act:
        open_case_of(act)
        row = reply_on_its_way(act.session, act.item.id)
        gone = f"No reply to {act.item.reference} waits to go out."
        refuse_unless(row is not None and row.state in CAN_BE_TAKEN_BACK, gone)
        if row is not None:
            row.state, row.reason = "undone", f"Taken back by {viewer.name}."
            act.log("reply_taken_back", number=row.number)
        return act.done("The reply to {} is taken back.")


def _refuse_unless_complete(act: Act, draft: Draft, case: Case) -> None:
    refuse_unless(draft.problem is None, draft.problem or "")
    missing = ", ".join(f"{name} ({label})" for name, label in draft.missing.items())
    refuse_unless(not missing, f"The reply is not complete. Fill in: {missing}.")
    waiting = answer_on_its_way(act.session, case.id)
    refuse_unless(waiting is None, f"A reply to {case.reference} is on its way already. Take it back first.")


def _take_on(act: Act) -> None:
    team, handoff, case = in_hand(act)
    if handoff.state == "offered":
        take_on(act, handoff, case, act.viewer.name if team.key in act.viewer.teams else None)


def _put_down(act: Act, draft: Draft, case: Case, promised_for: date | None) -> Reply:
    told, mailed = act.services.settings.acknowledge, draft.plan.way is Way.EMAIL
    row = Reply(
        id=new_id(),
        item_id=act.item.id,
        case_id=case.id,
        number=draft.number,
        template=draft.template.key,
        author=act.viewer.name,
        written_at=act.now,
        way=draft.plan.way,
        state="held",
        address=draft.to[0] if mailed else None,
        reply_to=act.services.catalogue.teams[case.team].email if mailed else None,
        subject=draft.filled.subject,
        text=draft.filled.text,
        outcome=draft.outcome,
        promised_for=promised_for,
        not_before=act.now + timedelta(minutes=told.undo_minutes),
        message_id=f"<{act.item.id}.reply.{draft.number}@{told.sender.rpartition('@')[2]}>",
    )
    act.session.add(row)
    act.session.flush()
    return row


def _how(row: Reply) -> str:
    return f"goes by mail to {row.address}" if row.way == Way.EMAIL else "goes among the letters to be printed"


def _until(row: Reply) -> str:
    return f"Until {row.not_before.astimezone(LONDON):%H:%M}" if row.way == Way.EMAIL else "Until it is printed"
