from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from mailroom.duties.heartbeats import beat, take_over_from_the_dead
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
