"""Puts down the acknowledgement and holds it for the minutes in which it can be taken back.

Before: the case is open. After: the item goes on at once; `duties/send_acknowledgements.py` sends what is due or puts
the letter into the print queue, where it waits for a person's word.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy.orm import Session, joinedload

from classifiers.language import language_of
from mailroom.domain.acknowledging import Plan, Way, plan_acknowledgement
from mailroom.domain.catalogue import Service
from mailroom.domain.decision import Sensitivity
from mailroom.domain.doubt import IN_DOUBT
from mailroom.domain.sla import MetBy
from mailroom.journey import after
from mailroom.journey.contact import needs_nobody
from mailroom.journey.not_by_mail import REFUSED_BEFORE, was_refused
from mailroom.journey.open_case import service_of
from mailroom.journey.sender import known_sender
from mailroom.journey.stage import closing, note, opening
from mailroom.journey.wording import Facts, reply_text
from mailroom.records.acknowledgements import acknowledgement_of, count_mails_to, put_acknowledgement
from mailroom.records.backups import was_restored_since
from mailroom.records.cases import clocks_met_by, close, running_clocks
from mailroom.records.documents import fields_of
from mailroom.records.imports import told_of
from mailroom.records.items import item_with, pass_on
from mailroom.records.tables import Acknowledgement, Document, Item
from mailroom.services import Services

_LOOKED_AT = item_with(joinedload(Item.documents).joinedload(Document.decisions), joinedload(Item.case))

_A_DAY = timedelta(days=1)


def acknowledge(item_id: str, services: Services) -> None:
    """Decide how the sender is told, and hold the message until it may go."""
    with opening(item_id, "acknowledge", services, _LOOKED_AT) as (turn, item, session):
        service = service_of(item, services)
        refused = was_refused(acknowledgement_of(session, item.id), item.proven_sender)
        plan = _plan(session, item, service, services, refused=refused)
        new = _acknowledgement(item, service, plan, services, refused=refused)
    with closing(turn, services) as (item, session):
        put_acknowledgement(session, new)
        note(session, turn, "acknowledgement_planned", services, details={"way": plan.way})
        pass_on(item, _where_next(item, service, services), services.now())


def _where_next(item: Item, service: Service, services: Services) -> str | None:
    """Return the next stage; what ends here is closed by it."""
    if item.is_contact:
        return None if needs_nobody(item, services) else after("acknowledge")
    if service.closes and item.case and item.case.closed_at is None:
        close(item.case, service.closes, services.now())
    return None if service.closes else after("acknowledge")


def _plan(session: Session, item: Item, service: Service, services: Services, *, refused: bool) -> Plan:
    if item.case is not None and item.is_contact:
        return Plan(Way.NONE, f"It was added to {item.case.reference}, about which the sender has been told before.")
    told = told_of(session, item)
    if item.imported and not (told and told.acknowledge):
        return Plan(Way.NONE, "It was brought over from an older system, and nobody asked that its sender be told.")
    told_today = count_mails_to(session, item.proven_sender, services.now() - _A_DAY, besides=item.id)
    sender = known_sender(item, services, told_today=told_today)
    limited = item.sensitivity is not Sensitivity.NORMAL
    has_mail = bool(services.settings.acknowledge.smtp_host) and not refused
    plan = plan_acknowledgement(sender, service, settled=item.settled, limited=limited, mail=has_mail)
    if plan.way is Way.EMAIL and was_restored_since(session, item.taken_at):
        return Plan(Way.NONE, IN_DOUBT)
    return Plan(plan.way, REFUSED_BEFORE) if refused and plan.way is Way.LETTER else plan


def _acknowledgement(item: Item, service: Service, plan: Plan, services: Services, *, refused: bool) -> Acknowledgement:
    subject, text = ("", "") if plan.way is Way.NONE else _wording(item, service, services)
    domain = services.settings.acknowledge.sender.rpartition("@")[2]
    return Acknowledgement(
        item_id=item.id,
        way=plan.way,
        state="withheld" if plan.way is Way.NONE else "held",
        address=item.proven_sender if plan.way is Way.EMAIL or refused else None,
        subject=subject,
        text=text,
        reason=plan.reason,
        not_before=services.now() + timedelta(minutes=services.settings.acknowledge.undo_minutes),
        message_id=f"<{item.id}.acknowledge@{domain}>",
    )


def _wording(item: Item, service: Service, services: Services) -> tuple[str, str]:
    name = fields_of(item).get("sender_name")
    facts = Facts(
        reference=item.case.reference if item.case else item.reference,
        received_at=item.received_at,
        due_at=_when_they_hear(item, services),
        service=service,
        council=services.settings.council.name,
        contact=f"{services.settings.council.telephone}, {services.settings.council.email}",
        sender_name=name.value if name else None,
        sender_confidence=name.confidence if name else 0.0,
    )
    words = " ".join(document.text or "" for document in item.documents)
    return reply_text(services.catalogue.replies, facts, language_of(words) or "en")


def _when_they_hear(item: Item, services: Services) -> datetime:
    """Return when an answer is due; where its clock has not begun yet, when the last of what comes before it is."""
    clocks = running_clocks(item.case) if item.case else []
    replies = clocks_met_by(item.case, MetBy.REPLY, services.catalogue.clocks) if item.case else []
    return (replies[:1] or clocks[-1:])[0].due_at if clocks else item.received_at
