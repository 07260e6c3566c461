from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import select

from mailroom.duties.heartbeats import beat, is_alive, take_over_from_the_dead
from mailroom.records.tables import Item, WorkerSlot
from mailroom.services import Services

DEAD = "worker@elsewhere-1"
OURS = "worker@test-1"
SILENCE = timedelta(seconds=61)


def test_what_a_silent_worker_had_in_hand_is_sent_on(
    engaged: Services,
    letter: Callable[[], Item],
    row: Callable[[str], Item],
    waiting: Callable[[], list[str]],
    taken_in_hand: Callable[[str], None],
    step: Callable[[timedelta], None],
) -> None:
    item = letter()
    beat(DEAD, engaged)
    taken_in_hand(DEAD)
    step(SILENCE)
    assert take_over_from_the_dead(OURS, engaged) == 1
    assert (row(item.id).run, row(item.id).service_deaths) == (2, 1)
    assert f"{item.id}:2" in waiting()
    assert take_over_from_the_dead(OURS, engaged) == 0


@pytest.mark.parametrize(("slot", "silence"), [(DEAD, timedelta(seconds=50)), (OURS, SILENCE)])
def test_a_worker_that_beats_and_our_own_keep_what_they_have(
    engaged: Services,
    letter: Callable[[], Item],
    row: Callable[[str], Item],
    taken_in_hand: Callable[[str], None],
    step: Callable[[timedelta], None],
    slot: str,
    silence: timedelta,
) -> None:
    item = letter()
    beat(slot, engaged)
    taken_in_hand(slot)
    step(silence)
    assert take_over_from_the_dead(OURS, engaged) == 0
    assert row(item.id).run == 1


def test_a_worker_says_that_it_lives(engaged: Services, step: Callable[[timedelta], None]) -> None:
    beat(OURS, engaged)
    step(SILENCE)
    beat(OURS, engaged)
    with engaged.records.look() as session:
        assert session.get_one(WorkerSlot, OURS).heartbeat_at == engaged.now()


def test_whether_something_lives_is_known_by_when_it_last_said_so(
    engaged: Services, step: Callable[[timedelta], None]
) -> None:
    beat(OURS, engaged)
    assert is_alive([DEAD, OURS], engaged)
    assert not is_alive([DEAD], engaged)
    step(SILENCE)
    assert not is_alive([DEAD, OURS], engaged)


def test_what_has_been_silent_for_a_day_is_forgotten(engaged: Services, step: Callable[[timedelta], None]) -> None:
    beat(DEAD, engaged)
    step(timedelta(hours=23))
    beat(OURS, engaged)
    take_over_from_the_dead(OURS, engaged)
    assert slots(engaged) == {DEAD, OURS}
    step(timedelta(hours=2))
    take_over_from_the_dead(OURS, engaged)
    assert slots(engaged) == {OURS}


def slots(services: Services) -> set[str]:
    with services.records.look() as session:
        return set(session.scalars(select(WorkerSlot.name)))
