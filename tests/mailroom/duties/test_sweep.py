from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from sqlalchemy import update

from mailroom.duties.sweep import sweep
from mailroom.records.tables import Item
from mailroom.services import Services

SLOT = "worker@test-1"
LONG = timedelta(minutes=2)


def test_an_item_whose_run_was_lost_is_started_again(
    engaged: Services,
    letter: Callable[[], Item],
    row: Callable[[str], Item],
    waiting: Callable[[], list[str]],
    gone_from_the_engine: Callable[[], None],
    step: Callable[[timedelta], None],
) -> None:
    item = letter()
    gone_from_the_engine()
    step(LONG)
    assert sweep(SLOT, engaged) == 1
    assert waiting() == [f"{item.id}:2"]
    assert (row(item.id).run, row(item.id).next_stage, row(item.id).state) == (2, "unpack", "waiting")


def test_an_item_that_waits_in_the_queue_or_is_in_hand_is_left_alone(
    engaged: Services,
    letter: Callable[[], Item],
    row: Callable[[str], Item],
    taken_in_hand: Callable[[str], None],
    step: Callable[[timedelta], None],
) -> None:
    in_hand = letter()
    taken_in_hand("worker@elsewhere-1")
    queued = letter()
    step(LONG)
    assert sweep(SLOT, engaged) == 0
    assert [row(item.id).run for item in (in_hand, queued)] == [1, 1]


def test_an_item_that_has_just_moved_is_left_alone(
    engaged: Services, letter: Callable[[], Item], gone_from_the_engine: Callable[[], None]
) -> None:
    letter()
    gone_from_the_engine()
    assert sweep(SLOT, engaged) == 0


def test_a_suspect_and_an_item_that_is_through_are_left_alone(
    engaged: Services,
    letter: Callable[[], Item],
    gone_from_the_engine: Callable[[], None],
    step: Callable[[timedelta], None],
) -> None:
    suspect, done = letter(), letter()
    gone_from_the_engine()
    with engaged.records.work() as session:
        session.execute(update(Item).where(Item.id == suspect.id).values(service_deaths=2))
        session.execute(update(Item).where(Item.id == done.id).values(next_stage=None))
        session.commit()
    step(LONG)
    assert sweep(SLOT, engaged) == 0


def test_starting_again_keeps_what_is_known_of_the_item(
    engaged: Services,
    letter: Callable[[], Item],
    row: Callable[[str], Item],
    gone_from_the_engine: Callable[[], None],
    step: Callable[[timedelta], None],
) -> None:
    known = {"state": "exception", "cause": "no_text", "problem": "No words.", "child_deaths": 2, "service_deaths": 1}
    item = letter()
    with engaged.records.work() as session:
        session.execute(update(Item).where(Item.id == item.id).values(next_stage="open_case", **known))
        session.commit()
    gone_from_the_engine()
    step(LONG)
    assert sweep(SLOT, engaged) == 1
    assert {name: getattr(row(item.id), name) for name in known} == known


def test_a_run_that_our_own_worker_took_and_no_longer_works_on_is_started_again(
    engaged: Services,
    letter: Callable[[], Item],
    row: Callable[[str], Item],
    waiting: Callable[[], list[str]],
    taken_in_hand: Callable[[str], None],
) -> None:
    item = letter()
    taken_in_hand(SLOT)
    assert sweep(SLOT, replace(engaged, now=lambda: datetime.now(UTC) + LONG)) == 1
    assert waiting() == [f"{item.id}:1", f"{item.id}:2"]
    assert row(item.id).service_deaths == 0
