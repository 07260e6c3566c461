"""One alarm for the machine while there is too little room, and none when there is enough again."""

from __future__ import annotations

import socket
from collections.abc import Callable
from dataclasses import replace

import pytest

from mailroom.duties.room import watch_room
from mailroom.records.alarms import alarms_raised
from mailroom.services import Services


@pytest.fixture
def keeping(services: Services) -> Callable[[int], Services]:
    """The bundle that keeps so many megabytes free."""

    def keep(megabytes: int) -> Services:
        intake = services.settings.intake.model_copy(update={"least_free_megabytes": megabytes})
        return replace(services, settings=services.settings.model_copy(update={"intake": intake}))

    return keep


def raised(services: Services) -> list[tuple[str, str]]:
    with services.records.look() as session:
        return [(alarm.subject, alarm.sentence) for alarm in alarms_raised(session)]


def test_too_little_room_raises_one_alarm_which_clears_by_itself(
    keeping: Callable[[int], Services], caplog: pytest.LogCaptureFixture
) -> None:
    full, roomy = keeping(1 << 40), keeping(1)
    watch_room(roomy)
    assert raised(roomy) == []
    for _ in range(2):
        watch_room(full)
    ((subject, sentence),) = raised(full)
    assert subject == "room on the disk" + ("" if full.records.embedded else f" of {socket.gethostname()}")
    assert f"MB free and {1 << 40} are kept free (intake.least_free_megabytes): nothing is taken in" in sentence
    assert "nothing is taken in" in caplog.text
    watch_room(roomy)
    assert raised(roomy) == []
