"""What the bar of every page counts: what the queues hold for this viewer, no further than people read, by an index."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from query_plans import plan_of, questions

from mailroom.desk import waiting_counts
from mailroom.desk.back_office import close_on
from mailroom.desk.post_room import mark_sensitive, settle
from mailroom.desk.queues import count
from mailroom.desk.team_queue import queue_page
from mailroom.desk.waiting_counts import own_teams_wait, post_room_waits
from mailroom.domain.access import Role, Viewer
from mailroom.domain.capture import Receipt
from mailroom.domain.sla import local_date
from mailroom.records.tables import Item
from mailroom.records.team_lines import Show
from mailroom.services import Services

SAM = Viewer("sam", frozenset({Role.BACK_OFFICE}), frozenset({"housing", "benefits"}))


@pytest.fixture
def three(deliver: Callable[..., Receipt], travel: Callable[..., Item]) -> list[Item]:
    return [travel(deliver(f"I enclose the papers, envelope {n}.".encode()).item_id) for n in range(3)]


def test_the_post_room_s_number_is_that_of_its_queue_for_each_viewer(
    three: list[Item], clerk: Viewer, named: Viewer, auditor: Viewer, services: Services
) -> None:
    mark_sensitive(three[0].id, named, services, reason="a refuge")
    assert (post_room_waits(clerk, services), count(clerk, services).waiting) == (2, 2)
    assert (post_room_waits(named, services), count(named, services).waiting) == (3, 3)
    assert post_room_waits(auditor, services) == post_room_waits(SAM, services) == 0


def test_an_officer_s_number_is_what_is_open_in_all_of_their_teams_and_in_no_other(
    three: list[Item], clerk: Viewer, services: Services, travel: Callable[..., Item]
) -> None:
    for item, team in zip(three, ("housing", "housing", "benefits"), strict=True):
        settle(item.id, "housing_repairs", clerk, services, team=team)
        travel(item.id)
    close_on(three[0].id, "done", local_date(services.now()), SAM, services)
    both = [queue_page(team, SAM, services).counts[Show.OPEN] for team in ("housing", "benefits")]
    assert (own_teams_wait(SAM, services), sum(both)) == (2, 2)
    stranger = Viewer("pat", frozenset({Role.BACK_OFFICE}), frozenset({"revenues"}))
    assert own_teams_wait(stranger, services) == own_teams_wait(clerk, services) == 0


def test_nobody_counts_further_than_people_read(
    three: list[Item], clerk: Viewer, services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(waiting_counts, "COUNTED_TO", 2)
    assert post_room_waits(clerk, services) == 2


def test_both_are_counted_on_an_index(clerk: Viewer, services: Services) -> None:
    with questions() as asked:
        post_room_waits(clerk, services)
        own_teams_wait(SAM, services)
    plans = [plan_of(one, services.records, of_few=True) for one in asked if one[0].startswith("SELECT")]
    steps = [step for plan in plans for step in plan if "item" in step]
    assert len(plans) == 2
    assert all(
        any(index in step for index in ("item_in_queue", "item_alike", "item_late", "item_on_desk")) for step in steps
    ), steps
