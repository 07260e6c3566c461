"""Whoever goes through many objects leaves nobody out for the sake of those that cannot be done, nor asks in vain."""

from __future__ import annotations

from collections.abc import Collection, Sequence

import pytest

from storage.errors import ObjectMissing, StorageError, StoreRefused, StoreUnavailable
from storage.laps import Lap

AWAY = StoreUnavailable("away")
OBJECTS = range(20)


class Work:
    """Objects to be done, of which some cannot be."""

    def __init__(self, bad: Collection[int], fault: StorageError | OSError = AWAY, at_once: int = 100) -> None:
        self.left, self.bad, self.fault, self.at_once = list(OBJECTS), bad, fault, at_once
        self.lap: Lap[int] = Lap()

    def due(self, after: int | None) -> Sequence[int]:
        return [one for one in self.left if after is None or one > after][: self.at_once]

    def round(self) -> list[int]:
        """Do a round; return what was tried."""
        tried = []
        for one in self.lap.over(self.due, int):
            tried.append(one)
            with self.lap.borne():
                if one in self.bad:
                    raise self.fault
                self.left.remove(one)
        return tried


@pytest.mark.parametrize("bad", [[], [0, 1, 2], [0, 1, 2, 3, 4, 5, 6], [17, 18, 19], range(5, 15), range(1, 20, 2)])
@pytest.mark.parametrize("at_once", [1, 3, 100])
def test_all_that_can_be_done_is_done_within_a_lap(bad: Collection[int], at_once: int) -> None:
    work = Work(bad, at_once=at_once)
    for _ in range(len(OBJECTS) + 1):
        work.round()
        if work.lap.after is None:
            break
    assert work.left == list(bad)


def test_a_store_that_is_away_is_asked_three_times_a_round_and_never_twice_for_the_same_in_a_lap() -> None:
    work = Work(OBJECTS)
    assert [work.round() for _ in range(3)] == [[0, 1, 2], [3, 4, 5], [6, 7, 8]]
    work.bad = ()
    assert work.round() == list(range(9, 20))
    assert work.round() == list(range(9))


@pytest.mark.parametrize(
    ("fault", "asked"),
    [(AWAY, 3), (StoreRefused("no right"), 3), (ObjectMissing("gone"), 20), (OSError(5, "no disk"), 20)],
)
def test_only_what_may_be_of_the_whole_store_ends_a_round(fault: StorageError | OSError, asked: int) -> None:
    work = Work(OBJECTS, fault)
    assert len(work.round()) == asked
    with pytest.raises(type(fault)):
        work.lap.tell()


def test_it_is_sound_once_a_whole_lap_has_met_no_refusal() -> None:
    work = Work([0, 1, 2])
    said: list[tuple[bool, bool]] = []

    def go() -> None:
        work.round()
        said.append((work.lap.sound, work.lap.first is None))

    go()
    go()
    work.bad = ()
    go()
    assert said == [(False, False), (False, True), (True, True)]


def test_whoever_leaves_a_round_early_goes_on_there() -> None:
    work = Work([])
    assert [next(iter(work.lap.over(work.due, int))) for _ in range(3)] == [0, 1, 2]
