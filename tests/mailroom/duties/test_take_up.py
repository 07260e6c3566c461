"""What something outside held up is started again when its pause is over, and alarms do not outlive their cause."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import update

from mailroom.domain.errors import Misconfigured, Transient
from mailroom.duties.sweep import sweep
from mailroom.duties.take_up import clear_alarms, take_up
from mailroom.journey.hold_up import PATIENCE, hold_up
from mailroom.records.alarms import alarms_raised, raise_alarm
from mailroom.records.items import SUSPECT_FROM, pass_on
from mailroom.records.tables import Item
from mailroom.services import Services

AWAY = Transient("The store cannot be read now.")
A_PAUSE = timedelta(seconds=2)
Step = Callable[[timedelta], None]


@pytest.fixture
def held(engaged: Services, letter: Callable[[], Item], gone_from_the_engine: Callable[[], None]) -> Item:
    """An item whose run has ended because it must wait."""
    item = letter()
    gone_from_the_engine()
    hold_up(item.id, "unpack", 1, AWAY, engaged)
    return item


def subjects(services: Services) -> list[str]:
    with services.records.look() as session:
        return [alarm.subject for alarm in alarms_raised(session)]


def get_on(services: Services, item: Item) -> None:
    with services.records.work() as session:
        pass_on(session.get_one(Item, item.id), "read", services.now())
        session.commit()


def test_an_item_begins_a_new_run_when_its_pause_is_over_and_not_before(
    engaged: Services, held: Item, row: Callable[[str], Item], waiting: Callable[[], list[str]], step: Step
) -> None:
    assert take_up(engaged) == 0
    step(A_PAUSE)
    assert take_up(engaged) == 1
    assert waiting() == [f"{held.id}:2"]
    after = row(held.id)
    assert (after.run, after.next_stage, after.attempts, after.not_before) == (2, "unpack", 1, None)
    assert take_up(engaged) == 0


def test_the_sweep_leaves_what_waits_alone_and_finds_it_where_its_new_run_was_lost(
    engaged: Services, held: Item, step: Step, gone_from_the_engine: Callable[[], None]
) -> None:
    step(timedelta(minutes=2))
    assert sweep("worker@test-1", engaged) == 0
    assert take_up(engaged) == 1
    gone_from_the_engine()
    step(timedelta(minutes=2))
    assert sweep("worker@test-1", engaged) == 1


def test_what_is_through_or_a_suspect_is_not_taken_up(
    engaged: Services, held: Item, letter: Callable[[], Item], step: Step
) -> None:
    suspect = letter()
    hold_up(suspect.id, "unpack", 1, AWAY, engaged)
    get_on(engaged, held)
    with engaged.records.work() as session:
        session.execute(update(Item).where(Item.id == suspect.id).values(service_deaths=SUSPECT_FROM))
        session.commit()
    step(A_PAUSE)
    assert take_up(engaged) == 0


def test_an_alarm_clears_when_the_last_item_that_raised_it_has_got_on(
    engaged: Services, held: Item, letter: Callable[[], Item]
) -> None:
    other = letter()
    for item in (held, other):
        for _ in range(PATIENCE):
            hold_up(item.id, "unpack", 1, AWAY, engaged)
    get_on(engaged, held)
    assert clear_alarms(engaged) == 0
    assert subjects(engaged) == ["waiting:unpack"]
    get_on(engaged, other)
    assert clear_alarms(engaged) == 1
    assert subjects(engaged) == []


def test_an_alarm_about_a_setting_clears_when_the_stage_works_again(engaged: Services, held: Item) -> None:
    hold_up(held.id, "unpack", 1, Misconfigured("There is no eng.traineddata."), engaged)
    assert clear_alarms(engaged) == 0
    get_on(engaged, held)
    assert clear_alarms(engaged) == 1
    assert subjects(engaged) == []


def test_alarms_about_other_things_stay_until_a_person_clears_them(engaged: Services) -> None:
    with engaged.records.work() as session:
        raise_alarm(session, "custody:1", "Look into it.", engaged.now())
        session.commit()
    assert clear_alarms(engaged) == 0
    assert subjects(engaged) == ["custody:1"]
