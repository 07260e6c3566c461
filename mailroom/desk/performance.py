"""The one-day promise in figures: what came in, where it stands, what has a case within one working day, what has not.

Captured in the sense of the promise means: has a case, exceptions included. The figure is given with the cut-off rule
and without it, because mail that comes a minute after the cut-off otherwise has until the day after next.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

from sqlalchemy import select

from mailroom.domain.items import COUNTED
from mailroom.domain.sla import ClockRule, DayZero, due_at, is_met
from mailroom.records.alarms import alarms_raised
from mailroom.records.incomplete import incomplete_files
from mailroom.records.ledger import Days, lines
from mailroom.records.tables import Case, Item
from mailroom.services import Services

_PROMISE = "capture_one_working_day"


def status(services: Services, days: Days) -> dict[str, Any]:
    """Return the ledger by channel, the one-day figure, unfinished files at the ways in, and alarms."""
    with services.records.look() as session:
        query = select(Item, Case).outerjoin(Case, Case.id == Item.case_id)
        query = query.where(Item.state.in_(COUNTED), days.covers(Item.received_at)).order_by(Item.received_at)
        rows = session.execute(query).all()
        channels = lines(session, days)
        incomplete = [_unfinished(file.path, file.channel, file.sentence) for file in incomplete_files(session)]
        alarms = [{"subject": a.subject, "sentence": a.sentence} for a in alarms_raised(session)]
    return {
        "channels": channels,
        "one_working_day": _promise(rows, services),
        "incomplete": incomplete,
        "alarms": alarms,
    }


def _unfinished(path: str, channel: str, sentence: str) -> dict[str, str]:
    return {"path": path, "channel": channel, "sentence": sentence}


def _promise(rows: Sequence[tuple[Item, Case | None]], services: Services) -> dict[str, Any]:
    rule = services.catalogue.clocks[_PROMISE]
    strict = replace(rule, cut_off=False, day_zero=DayZero.SAME_DAY)
    kept, late = 0, []
    for item, case in rows:
        if _in_time(item, case, rule, services):
            kept += 1
        elif _is_late(item, case, rule, services):
            late.append(_late(item, case))
    settled = kept + len(late)
    without_cut_off = sum(_in_time(item, case, strict, services) for item, case in rows)
    return {
        "number": kept,
        "of": settled,
        "share": kept / settled if settled else None,
        "number_without_cut_off": without_cut_off,
        "late": late,
    }


def _in_time(item: Item, case: Case | None, rule: ClockRule, services: Services) -> bool:
    return case is not None and is_met(case.opened_at, due_at(rule, item.received_at, services.calendars))


def _is_late(item: Item, case: Case | None, rule: ClockRule, services: Services) -> bool:
    seen_at = case.opened_at if case else services.now()
    return not is_met(seen_at, due_at(rule, item.received_at, services.calendars))


def _late(item: Item, case: Case | None) -> dict[str, Any]:
    before = item.taken_at - item.received_at
    inside = case.opened_at - item.taken_at if case else timedelta()
    came_late = "It reached the mailroom after its day of receipt."
    reason = came_late if before > inside else item.problem or "It has stood still in the mailroom."
    received_at = item.received_at.isoformat()
    return {"reference": item.reference, "channel": item.channel, "received_at": received_at, "reason": reason}
