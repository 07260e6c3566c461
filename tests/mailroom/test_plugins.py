from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor

from mailroom.plugins import deferred, make_now


class Thing:
    made = 0

    def __init__(self) -> None:
        time.sleep(0.1)  # long enough for a second thread to come in
        type(self).made += 1
        self.name = "thing"


def test_a_deferred_thing_is_made_once_however_many_threads_ask_for_it() -> None:
    Thing.made = 0
    thing = deferred(Thing)
    assert Thing.made == 0
    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(lambda _: thing.name, range(4))) == ["thing"] * 4
    assert Thing.made == 1


def test_a_deferred_thing_can_be_made_at_the_start() -> None:
    Thing.made = 0
    make_now(deferred(Thing))
    make_now("something that is there already")
    assert Thing.made == 1
