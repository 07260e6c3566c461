from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

import pytest
from sqlalchemy import update

from mailroom.domain.errors import Cause, Transient
from mailroom.duties.suspects import DEATHS_APART, carry_suspect, have_suspects_carried
from mailroom.journey import travel
from mailroom.records.items import SUSPECT_FROM
from mailroom.records.tables import Item
from mailroom.services import Services


class Died(BaseException):
    """Stands for the death of the process: nothing in it is caught or done afterwards."""


@pytest.fixture
def suspect(engaged: Services, letter: Callable[[], Item]) -> Item:
    item = letter()
    with engaged.records.work() as session:
        session.execute(update(Item).where(Item.id == item.id).values(service_deaths=SUSPECT_FROM))
        session.commit()
    return item


def unpacking(monkeypatch: pytest.MonkeyPatch, fault: BaseException) -> None:
    """Let the stage `unpack` end with this."""

    def fail(_item_id: str, _services: Services) -> None:
        raise fault

    stages: Mapping[str, travel.Stage] = {**travel.STAGES, "unpack": fail}
    monkeypatch.setattr(travel, "STAGES", stages)


def test_a_suspect_that_lives_goes_back_into_the_queue_one_stage_further(
    engaged: Services, suspect: Item, row: Callable[[str], Item], waiting: Callable[[], list[str]]
) -> None:
    carry_suspect(suspect.id, engaged)
    after = row(suspect.id)
    assert (after.next_stage, after.service_deaths, after.state) == ("classify", 0, "waiting")
    assert f"{suspect.id}:{after.run}" in waiting()


def test_a_suspect_is_parked_when_it_has_died_apart_three_times(
    engaged: Services, suspect: Item, row: Callable[[str], Item], monkeypatch: pytest.MonkeyPatch
) -> None:
    unpacking(monkeypatch, Died())
    for died in range(1, DEATHS_APART + 1):
        with pytest.raises(Died):
            carry_suspect(suspect.id, engaged)
        assert (row(suspect.id).state, row(suspect.id).service_deaths) == ("waiting", SUSPECT_FROM + died)
    carry_suspect(suspect.id, engaged)
    parked = row(suspect.id)
    assert (parked.state, parked.cause, parked.next_stage) == ("exception", Cause.STOPPED_THE_SERVICE, "open_case")
    assert have_suspects_carried(lambda _: None, engaged) == 0


def test_a_suspect_that_must_wait_has_lived(
    engaged: Services,
    suspect: Item,
    row: Callable[[str], Item],
    waiting: Callable[[], list[str]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    unpacking(monkeypatch, Transient("The store is away."))
    carry_suspect(suspect.id, engaged)
    after = row(suspect.id)
    assert (after.next_stage, after.service_deaths, after.attempts) == ("unpack", 0, 1)
    assert after.not_before is not None
    assert f"{suspect.id}:{after.run}" not in waiting()


def test_only_suspects_are_carried_apart(engaged: Services, suspect: Item, letter: Callable[[], Item]) -> None:
    innocent = letter()
    carried: list[str] = []
    assert have_suspects_carried(carried.append, engaged) == 1
    assert carried == [suspect.id]
    carry_suspect(innocent.id, replace(engaged, sandbox=None))  # type: ignore[arg-type]  # so that any use fails
