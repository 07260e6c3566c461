"""What becomes of a case and its clocks when people change their minds: reopened, replaced, promised for later.

Before: `records/cases.py` has opened the case. After: the reports still tell a clock that was met from one that was
replaced, because nothing here passes the one off as the other.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy.orm import Session

from mailroom.domain.sla import ClockRule, MetBy
from mailroom.records.cases import (
    PROMISED_REPLY,
    NewClock,
    clocks_met_by,
    meet,
    note_due,
    put_away,
    put_clocks,
    running_clocks,
)
from mailroom.records.tables import Case, Clock


def reopen(case: Case) -> bool:
    """Open a closed case again and let run on what only its closing had met; return whether it was closed."""
    if case.closed_at is None:
        return False
    for clock in running_clocks(case):
        if clock.met_at == case.closed_at:
            clock.met_at = None
    case.closed_at = case.outcome = None
    note_due(case)
    return True


def put_back(case: Case, clocks: Sequence[NewClock], now: datetime) -> None:
    """Let these clocks run as before a slip replaced them, with what had met them; the slip's own are replaced."""
    wanted = {(clock.name, clock.due_at) for clock in clocks}
    running = {clock.name for clock in running_clocks(case)}
    for clock in reversed(case.clocks):
        if (clock.name, clock.due_at) in wanted and clock.name not in running:
            clock.replaced_at = None
            running.add(clock.name)
    put_clocks(case, clocks, now)


def replace(case: Case, outcome: str, at: datetime) -> None:
    """Close a case whose item was replaced; its clocks were neither met nor missed, they go on elsewhere."""
    for clock in running_clocks(case):
        clock.replaced_at = at
    note_due(case)
    put_away(case, outcome, at)


def let_run_again(case: Case, by: MetBy, rules: Mapping[str, ClockRule]) -> None:
    """Let the clocks run on that this had met: what met them has been taken back."""
    for clock in clocks_met_by(case, by, rules):
        clock.met_at = None
    note_due(case)


def promise(session: Session, case: Case, due_at: datetime, now: datetime, rules: Mapping[str, ClockRule]) -> None:
    """Note that the sender was told when the full answer will come; that date is a clock of its own from now on."""
    meet(case, MetBy.HOLDING, now, rules)
    for clock in running_clocks(case):
        if clock.name == PROMISED_REPLY:
            clock.replaced_at = now
    session.add(Clock(case_id=case.id, name=PROMISED_REPLY, statutory=False, started_at=now, due_at=due_at))
    session.flush()
    session.refresh(case, ["clocks"])
    note_due(case)
