"""Opens the indexed case: type, team, an owner that is never empty, and every clock that its type carries.

Before: the item is sorted, or has been set aside for a person. After: it is captured in the sense of the one-day
promise, exceptions included; what was added to a case that there was before opens none. Runs again when a person has
settled or corrected something; the case stays the same one, its clocks are computed anew from the original receipt.
"""

from __future__ import annotations

from dataclasses import replace

from sqlalchemy.orm import Session, joinedload

from mailroom.domain.catalogue import UNSORTED, Service
from mailroom.domain.decision import Sensitivity
from mailroom.domain.items import ItemState
from mailroom.domain.sla import MetBy
from mailroom.journey import after
from mailroom.journey.clocks import clocks_of
from mailroom.journey.contact import add_contact, bring_contacts_along
from mailroom.journey.stage import closing, note, opening
from mailroom.ports import CaseRequest
from mailroom.records.cases import NewClock, close, meet, put_case, put_clocks
from mailroom.records.documents import decision_in_force, index_of
from mailroom.records.items import item_with, pass_on
from mailroom.records.tables import Case, Document, Item
from mailroom.services import Services

_LOOKED_AT = item_with(joinedload(Item.documents).joinedload(Document.decisions))


def open_case(item_id: str, services: Services) -> None:
    """Open the item's case, or bring it up to date.

    Raises:
        Transient: the case system cannot be reached now.
    """
    with opening(item_id, "open_case", services, _LOOKED_AT) as (turn, item, session):
        is_contact, service = item.is_contact, service_of(item, services)
        clocks = clocks_of(session, item, service, services)
        request = _request(item, service, clocks, services)
    if is_contact:
        add_contact(turn, services)
        return
    outside = services.crm.open_case(request)
    with closing(turn, services, whole_case=True) as (item, session):
        case = _put_down(session, item, service, clocks, services)
        case.outside_reference = outside
        details = {"case": case.reference, "case_type": service.key, "team": service.team}
        note(session, turn, "case_opened", services, details=details)
        pass_on(item, _where_next(item, service), services.now())


def service_of(item: Item, services: Services) -> Service:
    """Return the service that the decision in force names, with the decision's team; unsorted while none is settled.

    What was added to a case is of the case's type, and its team's.
    """
    if item.case is not None and item.is_contact:
        return replace(services.catalogue.services[item.case.case_type], team=item.case.team)
    decision = decision_in_force(item)
    if decision is None or not decision.settled:
        return services.catalogue.services[UNSORTED]
    return replace(services.catalogue.services[decision.case_type], team=decision.team)


def _request(item: Item, service: Service, clocks: list[NewClock], services: Services) -> CaseRequest:
    """Tell a system outside what the case is only where everybody in the council may know."""
    told = item.settled and item.sensitivity is Sensitivity.NORMAL
    shown = service if told else services.catalogue.services[UNSORTED]
    return CaseRequest(
        key=f"{item.id}:open_case",
        reference=item.case.reference if item.case else item.reference,
        case_type=shown.key,
        title=shown.title,
        team=shown.team,
        received_at=item.received_at,
        due_at=min((clock.due_at for clock in clocks), default=None),
        index=index_of(item) if told else {},
    )


def _put_down(session: Session, item: Item, service: Service, clocks: list[NewClock], services: Services) -> Case:
    now = services.now()
    team = service.team if item.settled else services.catalogue.post_room
    case = put_case(session, item, service.key, team, f"team:{team}", now)
    bring_contacts_along(session, case, services)
    put_clocks(case, clocks, now)
    meet(case, MetBy.CASE, case.opened_at, services.catalogue.clocks)
    if service.closes and service.acknowledgement is None and case.closed_at is None:
        close(case, service.closes, now)
    return case


def _where_next(item: Item, service: Service) -> str | None:
    if item.state is ItemState.EXCEPTION:
        return None
    closed_without_a_word = service.closes is not None and service.acknowledgement is None
    return None if closed_without_a_word else after("open_case")
