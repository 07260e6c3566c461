"""The one-day promise in figures: what came in, where it stands, what has a case within one working day, what has not.

Captured in the sense of the promise means: has a case, exceptions included. The figure is given with the cut-off rule
and without it, because mail that comes a minute after the cut-off otherwise has until the day after next.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any, TypeVar

from sqlalchemy import select
from sqlalchemy.orm import Session

from mailroom.domain.access import Standing, Viewer, may_see
from mailroom.domain.errors import NeedsPerson
from mailroom.domain.items import COUNTED
from mailroom.domain.sla import ClockRule, DayZero, due_at, is_met
from mailroom.records.alarms import alarms_raised
from mailroom.records.incomplete import incomplete_files
from mailroom.records.ledger import Days, lines
from mailroom.records.tables import Alarm, Case, IncompleteSource, Item
from mailroom.services import Services

_PROMISE = "capture_one_working_day"
_UNSEEN = Standing(sensitivity=None, settled=False, team=None)
"""How a file stands that is not taken in yet: nobody has looked at it."""

_Row = TypeVar("_Row")


@dataclass(frozen=True, slots=True)
class _Kept:
    """What came of the promise for one item; `late` says why, where the promise is broken."""

    in_time: bool
    late: str | None = None


def status(viewer: Viewer, services: Services, days: Days) -> dict[str, Any]:
    """Return the ledger by channel, the one-day figure, unfinished files at the ways in, and alarms.

    Figures count everything; what names an item or a file is listed only where it is the viewer's to see, and
    `not_shown` counts the rest.
    """
    with services.records.look() as session:
        query = select(Item, Case).outerjoin(Case, Case.id == Item.case_id)
        query = query.where(Item.state.in_(COUNTED), days.covers(Item.received_at)).order_by(Item.received_at)
        rows = session.execute(query).all()
        promise, late = _promise(rows, services)
        unfinished, alarms = incomplete_files(session), alarms_raised(session)
        told_late = _only(late, lambda pair: may_see(viewer, _standing(pair[0])))
        told_files = _only(unfinished, lambda _file: may_see(viewer, _UNSEEN))
        told_alarms = _only(alarms, lambda alarm: _may_read(alarm, viewer, session))
        return {
            "channels": lines(session, days),
            "one_working_day": {**promise, "late": [_late(item, reason) for item, reason in told_late]},
            "incomplete": [_unfinished(file) for file in told_files],
            "alarms": [{"subject": alarm.subject, "sentence": alarm.sentence} for alarm in told_alarms],
            "not_shown": {
                "late": len(late) - len(told_late),
                "incomplete": len(unfinished) - len(told_files),
                "alarms": len(alarms) - len(told_alarms),
            },
        }


def _only(rows: Iterable[_Row], may: Callable[[_Row], bool]) -> list[_Row]:
    return [row for row in rows if may(row)]


def _standing(item: Item) -> Standing:
    return Standing(item.sensitivity, item.settled, item.team)


def _may_read(alarm: Alarm, viewer: Viewer, session: Session) -> bool:
    """An alarm about one item names it, in its subject after the colon and in its sentence."""
    item = session.get(Item, alarm.subject.partition(":")[2])
    return item is None or may_see(viewer, _standing(item))


def _unfinished(file: IncompleteSource) -> dict[str, str]:
    return {"path": file.path, "channel": file.channel, "sentence": file.sentence}


def _promise(
    rows: Sequence[tuple[Item, Case | None]], services: Services
) -> tuple[dict[str, Any], list[tuple[Item, str]]]:
    """Return the figures and the items that were late, each with its reason."""
    rule = services.catalogue.clocks[_PROMISE]
    strict = replace(rule, cut_off=False, day_zero=DayZero.SAME_DAY)
    found = [(item, _kept(item, case, rule, services)) for item, case in rows]
    number = sum(kept.in_time for _, kept in found)
    late = [(item, kept.late) for item, kept in found if kept.late is not None]
    of = number + len(late)
    figures = {
        "number": number,
        "of": of,
        "share": number / of if of else None,
        "number_without_cut_off": sum(_kept(item, case, strict, services).in_time for item, case in rows),
    }
    return figures, late


def _kept(item: Item, case: Case | None, rule: ClockRule, services: Services) -> _Kept:
    try:
        due = due_at(rule, item.received_at, services.calendars)
    except NeedsPerson as fault:
        return _Kept(in_time=False, late=fault.sentence)
    if is_met(case.opened_at if case else services.now(), due):
        return _Kept(in_time=case is not None)
    return _Kept(in_time=False, late=_why_late(item, case))


def _why_late(item: Item, case: Case | None) -> str:
    before = item.taken_at - item.received_at
    inside = case.opened_at - item.taken_at if case else timedelta()
    came_late = "It reached the mailroom after its day of receipt."
    return came_late if before > inside else item.problem or "It has stood still in the mailroom."


def _late(item: Item, reason: str) -> dict[str, Any]:
    received_at = item.received_at.isoformat()
    return {"reference": item.reference, "channel": item.channel, "received_at": received_at, "reason": reason}
