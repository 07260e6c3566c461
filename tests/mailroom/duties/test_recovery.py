from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from sqlalchemy import update
from sqlalchemy.orm import Session

from mailroom.duties.recovery import send_on
from mailroom.records.tables import Item
from mailroom.services import Services

SLOT = "worker@test-1"


def die(services: Services) -> int:
    return send_on(services.queue.in_flight([SLOT]), services, died=True)


def test_an_item_whose_worker_died_begins_a_new_run_and_a_death_is_counted(
    engaged: Services,
    letter: Callable[[], Item],
    row: Callable[[str], Item],
    taken_in_hand: Callable[[], None],
    waiting: Callable[[], list[str]],
) -> None:
    item = letter()
    taken_in_hand()
    assert die(engaged) == 1
    after = row(item.id)
    assert (after.run, after.service_deaths, after.next_stage) == (2, 1, "unpack")
    assert waiting() == [f"{item.id}:1", f"{item.id}:2"]


def test_a_worker_that_left_in_good_order_counts_as_no_death(
    engaged: Services, letter: Callable[[], Item], row: Callable[[str], Item], taken_in_hand: Callable[[], None]
) -> None:
    item = letter()
    taken_in_hand()
    send_on(engaged.queue.in_flight([SLOT]), engaged, died=False)
    assert (row(item.id).run, row(item.id).service_deaths) == (2, 0)


def test_one_death_is_counted_once_however_often_recovery_is_interrupted(
    engaged: Services, letter: Callable[[], Item], row: Callable[[str], Item], taken_in_hand: Callable[[], None]
) -> None:
    item = letter()
    taken_in_hand()
    runs = engaged.queue.in_flight([SLOT])
    for _ in range(3):
        send_on(runs, engaged, died=True)
    assert (row(item.id).run, row(item.id).service_deaths) == (2, 1)


def test_an_interruption_before_the_commit_leaves_everything_as_it_was(
    engaged: Services,
    letter: Callable[[], Item],
    row: Callable[[str], Item],
    taken_in_hand: Callable[[], None],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    item = letter()
    taken_in_hand()
    with monkeypatch.context() as broken:
        broken.setattr(Session, "commit", lambda _session: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            die(engaged)
    assert (row(item.id).run, row(item.id).service_deaths) == (1, 0)
    assert engaged.queue.in_flight([SLOT]) == [(item.id, 1)]


def test_at_its_second_death_an_item_stays_out_of_the_queue(
    engaged: Services,
    letter: Callable[[], Item],
    row: Callable[[str], Item],
    taken_in_hand: Callable[[], None],
    waiting: Callable[[], list[str]],
) -> None:
    suspect = letter()
    for _ in range(2):
        taken_in_hand()
        die(engaged)
    assert row(suspect.id).service_deaths == 2
    assert waiting() == [f"{suspect.id}:1", f"{suspect.id}:2"]


def test_runs_that_were_overtaken_or_are_over_count_for_nothing(
    engaged: Services, letter: Callable[[], Item], row: Callable[[str], Item], taken_in_hand: Callable[[], None]
) -> None:
    overtaken, over = letter(), letter()
    taken_in_hand()
    with engaged.records.work() as session:
        session.execute(update(Item).where(Item.id == overtaken.id).values(run=5))
        session.execute(update(Item).where(Item.id == over.id).values(next_stage=None))
        session.commit()
    die(engaged)
    assert [(row(item.id).run, row(item.id).service_deaths) for item in (overtaken, over)] == [(5, 0), (1, 0)]


def test_where_nothing_was_in_hand_no_transaction_is_begun(engaged: Services) -> None:
    assert send_on([], replace(engaged, records=None), died=True) == 0  # type: ignore[arg-type]  # so that any use fails
