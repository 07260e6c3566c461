"""Rows of items: added, fenced, passed on, started again."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from mailroom.domain.capture import Capture, Channel
from mailroom.domain.errors import Cause, Superseded
from mailroom.domain.references import read_reference
from mailroom.records.items import (
    add_item,
    claim,
    find_item,
    make_exception,
    next_number,
    pass_on,
    start_again,
    unfinished,
)
from mailroom.records.session import Records
from mailroom.records.tables import Item

NOW = datetime(2026, 11, 16, 10, tzinfo=UTC)


@pytest.fixture
def item(records: Records) -> Item:
    return added(records, NOW)


def added(records: Records, now: datetime) -> Item:
    with records.work() as session:
        capture = Capture(spooled=Path("gone"), channel=Channel.POST, source=str(now), received_at=now)
        new = add_item(session, capture, prefix="HD", now=now, first_stage="unpack")
        session.commit()
        return new


@pytest.mark.parametrize(("stage", "run"), [("read", 1), ("unpack", 2), ("unpack", 0)])
def test_only_the_stage_and_run_that_are_next_may_claim_the_row(
    records: Records, item: Item, stage: str, run: int
) -> None:
    with records.work() as session:
        assert claim(session, item.id, "unpack", 1).id == item.id
        with pytest.raises(Superseded):
            claim(session, item.id, stage, run)


def test_an_item_that_is_not_there_cannot_be_claimed(records: Records) -> None:
    with records.work() as session, pytest.raises(Superseded):
        claim(session, "nothing", "unpack", 1)


def test_a_claim_sees_what_another_session_has_committed_in_between(records: Records, item: Item) -> None:
    with records.look() as old:
        stale = old.get_one(Item, item.id)
        with records.work() as session:
            session.get_one(Item, item.id).run = 2
            session.commit()
        assert stale.run == 1
    with records.work() as session, pytest.raises(Superseded):
        claim(session, item.id, "unpack", 1)


def test_references_count_up_within_the_year_and_anew_in_the_next(records: Records) -> None:
    moments = [NOW, NOW + timedelta(days=1), datetime(2027, 1, 2, tzinfo=UTC), NOW + timedelta(days=2)]
    references = [added(records, moment).reference for moment in moments]
    assert [reference[:-2] for reference in references] == [
        "HD-26-000001",
        "HD-26-000002",
        "HD-27-000001",
        "HD-26-000003",
    ]
    assert all(read_reference(reference) == reference for reference in references)


def test_a_number_is_taken_only_by_a_commit(records: Records) -> None:
    with records.work() as session:
        assert [next_number(session, "x"), next_number(session, "x")] == [1, 2]
    with records.work() as session:
        assert next_number(session, "x") == 1


def test_the_end_of_the_journey_makes_a_waiting_item_captured_and_leaves_an_exception_one(
    records: Records, item: Item
) -> None:
    with records.work() as session:
        mine = session.get_one(Item, item.id)
        mine.child_deaths = mine.service_deaths = 2
        pass_on(mine, None, NOW)
        assert (mine.state, mine.child_deaths, mine.service_deaths) == ("captured", 0, 0)
        make_exception(mine, Cause.UNSURE, "Choose.", next_stage="open_case", now=NOW)
        pass_on(mine, None, NOW)
        assert (mine.state, mine.cause, mine.problem) == ("exception", "unsure", "Choose.")


def test_starting_again_is_a_new_run_of_an_item_that_needs_nobody(records: Records, item: Item) -> None:
    with records.work() as session:
        mine = session.get_one(Item, item.id)
        make_exception(mine, Cause.UNSURE, "Choose.", next_stage=None, now=NOW)
        assert start_again(mine, "open_case", NOW) == 2
        assert (mine.state, mine.next_stage, mine.run, mine.cause, mine.problem) == (
            "waiting",
            "open_case",
            2,
            None,
            None,
        )


@pytest.mark.parametrize("written", ["{}", " {} ", "lower", "bare"])
def test_an_item_is_found_by_its_reference_however_it_is_typed(records: Records, item: Item, written: str) -> None:
    name = {"lower": item.reference.lower(), "bare": item.reference.replace("-", "")}.get(
        written, written.format(item.reference)
    )
    with records.look() as session:
        found = find_item(session, name)
        assert found is not None
        assert found.id == item.id


def test_an_item_is_found_by_its_id_and_not_by_a_slip_in_the_reference(records: Records, item: Item) -> None:
    with records.look() as session:
        assert find_item(session, item.id) is not None
        assert find_item(session, item.reference.replace("000001", "000002")) is None


def test_what_stands_still_is_found_and_what_is_through_or_fresh_is_not(records: Records) -> None:
    still, fresh, through = (added(records, NOW + timedelta(minutes=minute)) for minute in (0, 5, 1))
    with records.work() as session:
        pass_on(session.get_one(Item, through.id), None, NOW)
        session.commit()
        found = unfinished(session, NOW + timedelta(minutes=3))
    assert [item.id for item in found] == [still.id]
    assert fresh.id not in {item.id for item in found}
