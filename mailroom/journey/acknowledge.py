"""Puts down the acknowledgement and holds it for the minutes in which it can be taken back.

Before: the case is open. After: the item goes on at once; `duties/send_acknowledgements.py` sends what is due or puts
the letter into the print queue, where it waits for a person's word.
"""

from __future__ import annotations

from datetime import timedelta

from mailroom.domain.acknowledging import Plan, Sender, Way, plan_acknowledgement
from mailroom.domain.catalogue import Service
from mailroom.domain.decision import Sensitivity
from mailroom.domain.sla import MetBy
from mailroom.journey import after
from mailroom.journey.open_case import service_of
from mailroom.journey.stage import closing, note, opening
from mailroom.journey.wording import Facts, reply_text
from mailroom.records.acknowledgements import put_acknowledgement
from mailroom.records.cases import close, clocks_met_by
from mailroom.records.documents import index_of
from mailroom.records.items import pass_on
from mailroom.records.tables import Acknowledgement, Item
from mailroom.services import Services

_AUTOMATIC = frozenset({"automatic", "bulk", "list", "null_sender", "report", "loop"})
"""Signs in a message's head that a machine or a list sent it (RFC 3834 section 2), as `read_message` names them."""


def acknowledge(item_id: str, services: Services) -> None:
    """Decide how the sender is told, and hold the message until it may go."""
    with opening(item_id, "acknowledge", services) as (turn, item, _):
        service = service_of(item, services)
        plan = _plan(item, service, services)
        new = _acknowledgement(item, service, plan, services)
    with closing(turn, services) as (item, session):
        put_acknowledgement(session, new)
        note(session, turn, "acknowledgement_planned", services, details={"way": plan.way})
        if service.closes and item.case:
            close(item.case, service.closes, services.now())
        pass_on(item, None if service.closes else after("acknowledge"), services.now())


def _plan(item: Item, service: Service, services: Services) -> Plan:
    index = index_of(item)
    sender = Sender(
        proven_address=item.proven_sender,
        automatic=_came_from_a_machine(item),
        named_on_page={"sender_name", "sender_postcode"} <= index.keys(),
    )
    limited = item.sensitivity is not Sensitivity.NORMAL
    has_mail = bool(services.settings.acknowledge.smtp_host)
    return plan_acknowledgement(sender, service, settled=item.settled, limited=limited, mail=has_mail)


def _acknowledgement(item: Item, service: Service, plan: Plan, services: Services) -> Acknowledgement:
    subject, text = ("", "") if plan.way is Way.NONE else _wording(item, service, services)
    domain = services.settings.acknowledge.sender.rpartition("@")[2]
    return Acknowledgement(
        item_id=item.id,
        way=plan.way,
        state="withheld" if plan.way is Way.NONE else "held",
        address=item.proven_sender if plan.way is Way.EMAIL else None,
        subject=subject,
        text=text,
        reason=plan.reason,
        not_before=services.now() + timedelta(minutes=services.settings.acknowledge.undo_minutes),
        message_id=f"<{item.id}.acknowledge@{domain}>",
    )


def _wording(item: Item, service: Service, services: Services) -> tuple[str, str]:
    clocks = clocks_met_by(item.case, MetBy.REPLY, services.catalogue.clocks) if item.case else []
    replies = [clock.due_at for clock in clocks]
    facts = Facts(
        reference=item.case.reference if item.case else item.reference,
        received_at=item.received_at,
        due_at=min(replies, default=item.received_at),
        service=service,
        council=services.settings.council.name,
        contact=f"{services.settings.council.telephone}, {services.settings.council.email}",
    )
    return reply_text(services.catalogue.replies, facts, "en")


def _came_from_a_machine(item: Item) -> bool:
    return any(_AUTOMATIC & set(document.headers.get("flags", ())) for document in item.documents)
