"""Cases and clocks as rows: replaced, met and never lost."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from mailroom.catalogue import load_catalogue
from mailroom.domain.capture import Capture, Channel
from mailroom.domain.sla import MetBy
from mailroom.records.cases import NewClock, clocks_met_by, close, meet, put_case, put_clocks, running_clocks
from mailroom.records.items import add_item
from mailroom.records.session import Records
from mailroom.records.tables import Case, Item

NOW = datetime(2026, 11, 16, 10, tzinfo=UTC)
RULES = load_catalogue(Path(__file__).parents[3] / "config").clocks


def clock(name: str, days: int) -> NewClock:
    return NewClock(name, False, NOW, NOW + timedelta(days=days))


@pytest.fixture
def item(records: Records) -> Item:
    with records.work() as session:
        capture = Capture(spooled=Path("gone"), channel=Channel.POST, source="1", received_at=NOW)
        new = add_item(session, capture, prefix="HD", now=NOW, first_stage="open_case")
        session.commit()
        return new


def put(records: Records, item: Item, team: str, *clocks: NewClock) -> Case:
    with records.work() as session:
        mine = session.get_one(Item, item.id)
        case = put_case(session, mine, "foi", team, f"team:{team}", NOW)
        put_clocks(case, clocks, NOW)
        session.commit()
        return case


def test_a_case_is_opened_once_for_an_item(records: Records, item: Item) -> None:
    first, second = put(records, item, "planning"), put(records, item, "planning")
    assert (first.id, first.reference) == (second.id, item.reference)


def test_an_officer_keeps_the_case_while_it_stays_with_the_team(records: Records, item: Item) -> None:
    case = put(records, item, "planning")
    with records.work() as session:
        session.get_one(Case, case.id).owner = "a.officer"
        session.commit()
    assert put(records, item, "planning").owner == "a.officer"
    assert put(records, item, "housing").owner == "team:housing"


def test_a_clock_that_is_as_it_was_is_left_alone(records: Records, item: Item) -> None:
    before = put(records, item, "planning", clock("a", 1)).clocks
    after = put(records, item, "planning", clock("a", 1)).clocks
    assert [c.id for c in after] == [c.id for c in before]


def test_a_clock_whose_due_time_changes_is_replaced_and_keeps_the_moment_it_was_met_at(
    records: Records, item: Item
) -> None:
    case = put(records, item, "planning", clock("a", 1), clock("b", 9))
    with records.work() as session:
        running_clocks(session.get_one(Case, case.id))[0].met_at = NOW
        session.commit()
    again = put(records, item, "planning", clock("a", 2), clock("b", 9))
    assert [(c.name, c.due_at.day, c.met_at) for c in running_clocks(again)] == [("a", 18, NOW), ("b", 25, None)]
    assert [(c.name, c.due_at.day, c.replaced_at) for c in again.clocks if c.replaced_at] == [("a", 17, NOW)]


def test_a_clock_that_the_new_type_does_not_have_stays_on_record_as_replaced(records: Records, item: Item) -> None:
    put(records, item, "planning", clock("a", 1), clock("b", 2))
    again = put(records, item, "planning", clock("b", 2))
    assert [c.name for c in running_clocks(again)] == ["b"]
    assert [c.name for c in again.clocks if c.replaced_at] == ["a"]


def test_what_is_met_is_met_once_and_by_what_its_rule_says(records: Records, item: Item) -> None:
    put(records, item, "planning", clock("acknowledge_one_working_day", 1), clock("foi_20wd", 28))
    with records.work() as session:
        case = session.get_one(Item, item.id).case
        assert case is not None
        meet(case, MetBy.ACKNOWLEDGEMENT, NOW, RULES)
        meet(case, MetBy.ACKNOWLEDGEMENT, NOW + timedelta(days=1), RULES)
        assert [c.met_at for c in running_clocks(case)] == [NOW, None]
        assert [c.name for c in clocks_met_by(case, MetBy.REPLY, RULES)] == ["foi_20wd"]


def test_closing_meets_what_still_runs(records: Records, item: Item) -> None:
    put(records, item, "planning", clock("foi_20wd", 28))
    with records.work() as session:
        case = session.get_one(Item, item.id).case
        assert case is not None
        close(case, "answered", NOW)
        assert (case.outcome, case.closed_at, [c.met_at for c in case.clocks]) == ("answered", NOW, [NOW])
