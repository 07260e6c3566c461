"""Asks the sender for what could not be opened: to send it again without its lock, or whole, or by another way.

Before: an item needs a person because something of it stayed shut (`domain/asking.py`). After: the question is in the
records, is held as long as every message can be taken back, and goes out as a reply does, by mail or as a letter to be
printed. The item stays the post room's and its clocks run on; an answer to the question points back to the item.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy.orm import Session

from classifiers.language import language_of
from mailroom.desk.acting import Act, Done, Refused, acting, refuse_unless
from mailroom.desk.deciding import words_of
from mailroom.desk.drafting import known_of
from mailroom.desk.letters import address_block
from mailroom.domain.access import Task, Viewer
from mailroom.domain.acknowledging import Plan, Way
from mailroom.domain.asking import Shut, plan_question, what_is_shut
from mailroom.domain.decision import Sensitivity
from mailroom.domain.items import ItemState
from mailroom.domain.templates import DOCUMENT, Kind, Template
from mailroom.domain.unopened import files_unopened
from mailroom.journey.question import is_question
from mailroom.journey.sender import known_sender
from mailroom.journey.template_text import Filled, fill
from mailroom.records.documents import index_of
from mailroom.records.items import new_id
from mailroom.records.outgoing import CAN_BE_TAKEN_BACK, ON_THEIR_WAY, WENT_OUT
from mailroom.records.replies import answer_on_its_way, replies_of
from mailroom.records.tables import Item, Reply
from mailroom.services import Services


@dataclass(frozen=True, slots=True)
class Question:
    """What the sender would be asked, and what became of it where they were.

    Attributes:
        template: whose words it has.
        filled: its words.
        plan: by which way, or why nobody is asked.
        to: who it goes to: the address, or the lines of it.
        asked: the newest question about the item; None where there was none.
    """

    template: Template
    filled: Filled
    plan: Plan
    to: tuple[str, ...]
    asked: Reply | None

    @property
    def waits(self) -> bool:
        """Whether the item waits for the sender: the question has gone out."""
        return self.asked is not None and self.asked.state in WENT_OUT

    @property
    def is_on_its_way(self) -> bool:
        """Whether the question is still to go out."""
        return self.asked is not None and self.asked.state in ON_THEIR_WAY


def question_about(session: Session, item: Item, services: Services) -> Question | None:
    """Return what the sender can be asked about an exception; None where nothing of it is shut, or no words fit."""
    shut = _shut(item) if item.state is ItemState.EXCEPTION and item.case is not None else None
    template = _template_for(shut, services) if shut else None
    if shut is None or template is None:
        return None
    plan = _plan(item, services)
    return Question(
        template, _words(item, shut, template, services), plan, _to(item, plan), _asked(session, item, services)
    )


def ask_sender(name: str, viewer: Viewer, services: Services, *, expected_run: int | None = None) -> Done:
    """Put the question down; it goes out when the minutes in which it can be taken back are over.

    Raises:
        NotThere: no such item for this viewer.
        Refused: it is not theirs to ask, nothing of it is shut, this sender is asked for nothing, or a message about it
            is on its way.
        Changed: it is not any more as the person had it before their eyes.
    """
    with acting(name, viewer, services, Task.SETTLE) as act:
        act.refuse_if_changed(expected_run)
        question = question_about(act.session, act.item, services)
        if question is None or act.item.case is None:
            raise Refused(f"Nothing of {act.item.reference} is shut that its sender could send again.")
        refuse_unless(question.plan.way is not Way.NONE, question.plan.reason or "")
        waiting = answer_on_its_way(act.session, act.item.case.id)
        refuse_unless(
            waiting is None, f"A message about {act.item.reference} is on its way already. Take it back first."
        )
        row = _put_down(act, question, act.item.case.id)
        act.log("sender_asked", number=row.number, way=row.way, template=row.template)
        how = f"by mail to {row.address}" if row.way == Way.EMAIL else "by a letter, which waits to be printed"
        return act.done(f"The sender of {{}} is asked {how}. Its clock runs on.", number=row.number, way=row.way)


def take_question_back(name: str, viewer: Viewer, services: Services) -> Done:
    """Take back the question that has not left the house yet.

    Raises:
        NotThere: no such item for this viewer.
        Refused: it is not theirs to take back, or there is none that could be.
    """
    with acting(name, viewer, services, Task.SETTLE) as act:
        row = _asked(act.session, act.item, services)
        if row is None or row.state not in CAN_BE_TAKEN_BACK:
            raise Refused(f"No question to the sender of {act.item.reference} waits to go out.")
        row.state, row.reason = "undone", f"Taken back by {viewer.name}."
        act.log("question_taken_back", number=row.number)
        return act.done("The question to the sender of {} is taken back.")


def _shut(item: Item) -> Shut | None:
    heads = [document.headers for document in item.documents]
    files = [file for head in heads for file in files_unopened(head)]
    subject = heads[0].get("subject", "") if heads else ""
    return what_is_shut(item.cause, subject or item.file_name, files, item.channel)


def _template_for(shut: Shut, services: Services) -> Template | None:
    templates = services.catalogue.templates.values()
    return next((one for one in templates if one.kind is Kind.AGAIN and shut.cause in one.causes), None)


def _words(item: Item, shut: Shut, template: Template, services: Services) -> Filled:
    language = language_of(words_of(item)) or "en"
    known = {**known_of(item, language, services), DOCUMENT: "\n".join(shut.names)}
    return fill(services.catalogue.replies, template, known, language)


def _plan(item: Item, services: Services) -> Plan:
    return plan_question(
        known_sender(item, services),
        limited=item.sensitivity is not Sensitivity.NORMAL,
        quarantined=any(original.quarantined for original in item.originals),
        has_address=bool(address_block(index_of(item))),
        mail=bool(services.settings.acknowledge.smtp_host),
    )


def _to(item: Item, plan: Plan) -> tuple[str, ...]:
    if plan.way is Way.EMAIL:
        return (item.proven_sender or "",)
    return address_block(index_of(item)) if plan.way is Way.LETTER else ()


def _asked(session: Session, item: Item, services: Services) -> Reply | None:
    questions = [row for row in replies_of(session, item.id) if is_question(row, services)]
    return questions[-1] if questions else None


def _put_down(act: Act, question: Question, case_id: str) -> Reply:
    """Put the question down; an answer goes to the address that it comes from, which the mailroom takes in."""
    told, number = act.services.settings.acknowledge, len(replies_of(act.session, act.item.id)) + 1
    row = Reply(
        id=new_id(),
        item_id=act.item.id,
        case_id=case_id,
        number=number,
        template=question.template.key,
        author=act.viewer.name,
        written_at=act.now,
        way=question.plan.way,
        state="held",
        address=question.to[0] if question.plan.way is Way.EMAIL else None,
        subject=question.filled.subject,
        text=question.filled.text,
        not_before=act.now + timedelta(minutes=told.undo_minutes),
        message_id=f"<{act.item.id}.reply.{number}@{told.sender.rpartition('@')[2]}>",
    )
    act.session.add(row)
    act.session.flush()
    return row
