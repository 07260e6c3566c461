from __future__ import annotations

import os
from datetime import timedelta
from pathlib import Path

from mailroom.duties.leftovers import clear_leftovers
from mailroom.services import Services


def put(path: Path, services: Services, age: timedelta) -> Path:
    if path.suffix:
        path.write_bytes(b"Dear Council")
    else:
        path.mkdir()
        (path / "original").write_bytes(b"Dear Council")
    moment = (services.now() - age).timestamp()
    os.utime(path, (moment, moment))
    return path


def test_what_a_crash_left_is_gone_after_a_day_and_work_in_hand_is_not_touched(services: Services) -> None:
    spool = services.settings.data / "spool"
    day = timedelta(days=1, seconds=1)
    old = [put(services.scratch / "old", services, day), put(spool / "take-1.old", services, day)]
    new = [put(services.scratch / "new", services, day / 2), put(spool / "take-2.new", services, day / 2)]
    assert clear_leftovers(services) == 2
    assert [path.exists() for path in (*old, *new)] == [False, False, True, True]
