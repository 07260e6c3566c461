"""Cases and their clocks, as `open_case` and the desk write them.

A case is opened once for an item, whatever happens in between; a change of type or date recomputes its clocks from the
original receipt, and what was replaced stays in history.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import bindparam, func, select
from sqlalchemy.orm import Session

from mailroom.domain.sla import ClockRule, MetBy
from mailroom.records.items import new_id
from mailroom.records.tables import NEVER, Case, Clock, Item

PROMISED_REPLY = "promised_reply"
"""The clock of a date that a person promised in a holding reply; it has no rule in `config/clocks.toml`."""

MOVED = "added to another case"
"""Outcome of a case whose one item turned out to belong to another case."""

_OPENED_FOR = select(Case).where(Case.opened_for == bindparam("item_id"))


@dataclass(frozen=True, slots=True)
class NewClock:
    """A deadline as it was computed: its name, whether a law sets it, when it began and when it is due."""

    name: str
    statutory: bool
    started_at: datetime
    due_at: datetime


def put_case(session: Session, item: Item, case_type: str, team: str, owner: str, now: datetime) -> Case:
    """Open the item's case, or bring the one it has up to date; an officer keeps it while it stays with the team.

    Where the item had been added to another case and is not any more, the case that it had before goes on.
    """
    case = session.get(Case, item.case_id) if item.case_id else None
    if case is None:
        case = session.scalars(_OPENED_FOR, {"item_id": item.id}).first()
    if case is None:
        case = Case(id=new_id(), reference=item.reference, opened_for=item.id, opened_at=now, clocks=[])
        session.add(case)
    elif item.case_id is None:
        case.closed_at = case.outcome = None
    if case.team != team:
        case.owner = owner
    case.case_type, case.team = case_type, team
    item.case, item.case_id, item.captured_at = case, case.id, item.captured_at or now
    return case


def put_clocks(case: Case, clocks: Sequence[NewClock], now: datetime) -> None:
    """Let these clocks run for the case; those that are as they were are left alone, the others are replaced.

    A clock that was met keeps the moment it was met at, also when its due time changes; a date that a person promised
    runs on.
    """
    running = {clock.name: clock for clock in running_clocks(case) if clock.name != PROMISED_REPLY}
    wanted = {clock.name: clock for clock in clocks}
    for name, clock in running.items():
        if name not in wanted or clock.due_at != wanted[name].due_at:
            clock.replaced_at = now
    started = [new for name, new in wanted.items() if name not in running or running[name].replaced_at is not None]
    case.clocks.extend(_clock(new, running.get(new.name)) for new in started)
    note_due(case)


def _clock(new: NewClock, old: Clock | None) -> Clock:
    return Clock(
        name=new.name,
        statutory=new.statutory,
        started_at=new.started_at,
        due_at=new.due_at,
        met_at=old.met_at if old else None,
    )


def meet(case: Case, by: MetBy, at: datetime, rules: Mapping[str, ClockRule]) -> None:
    """Note that the running clocks that this meets were met, unless they were before."""
    for clock in clocks_met_by(case, by, rules):
        clock.met_at = clock.met_at or at
    note_due(case)


def clocks_met_by(case: Case, by: MetBy, rules: Mapping[str, ClockRule]) -> list[Clock]:
    """Return the running clocks that this meets, earliest due first; a promised date, without a rule, is none."""
    return [clock for clock in running_clocks(case) if clock.name in rules and rules[clock.name].met_by is by]


def running_clocks(case: Case) -> list[Clock]:
    """Return the clocks in force, earliest due first."""
    return sorted((clock for clock in case.clocks if clock.replaced_at is None), key=lambda clock: clock.due_at)


def next_due(case: Case) -> Clock | None:
    """Return the clock that is due next: in force, not met, earliest."""
    return next((clock for clock in running_clocks(case) if clock.met_at is None), None)


def note_due(case: Case) -> None:
    """Put down on the items of the case when its next clock is due; whatever changes a clock ends with this."""
    clock = next_due(case)
    for item in case.items:
        item.due_at = clock.due_at if clock else NEVER


def close(case: Case, outcome: str, at: datetime) -> None:
    """Close the case with its outcome; its reply clocks are met by it, and no team has it before it any more."""
    for clock in running_clocks(case):
        clock.met_at = clock.met_at or at
    note_due(case)
    put_away(case, outcome, at)


def open_cases_of(session: Session, officer: str) -> dict[str, int]:
    """Return how many open cases an officer has, by team."""
    query = select(Case.team, func.count()).where(Case.owner == officer, Case.closed_at.is_(None))
    return dict(session.execute(query.group_by(Case.team).order_by(Case.team)).all())


def put_away(case: Case, outcome: str, at: datetime) -> None:
    """Take a case off the desks: nothing of it waits for anybody any more, but for messages that nobody has seen."""
    case.closed_at, case.outcome = at, outcome
    case.brought_forward_to = case.brought_forward_why = None
    for item in case.items:
        item.desk = item.desk if item.is_contact else None
