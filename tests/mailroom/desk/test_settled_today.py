"""What a clerk settled today: theirs alone, each once as they settled it last, and nothing that they may not see."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from query_plans import plan_of, questions

from mailroom.desk import settled_today as settling
from mailroom.desk.acting import Refused
from mailroom.desk.post_room import mark_sensitive, reroute, settle
from mailroom.desk.settled_today import settled_today
from mailroom.desk.undoing import undo_decision
from mailroom.domain.access import Viewer
from mailroom.domain.capture import Receipt
from mailroom.records.tables import Item
from mailroom.services import Services

Fresh = Callable[[str], Item]


@pytest.fixture
def three(deliver: Callable[..., Receipt], go_on: Fresh) -> list[Item]:
    return [go_on(deliver(f"I enclose the papers, envelope {n}.".encode()).item_id) for n in range(3)]


def test_each_is_a_line_newest_first_with_what_it_was_settled_as_and_until_when_it_can_be_undone(
    three: list[Item], clerk: Viewer, services: Services, go_on: Fresh, step: Callable[[timedelta], None]
) -> None:
    settle(three[0].id, "foi", clerk, services)
    step(timedelta(minutes=8))
    settle(three[1].id, "housing_repairs", clerk, services)
    go_on(three[1].id)
    reroute(three[1].id, clerk, services, reason="a slip", case_type="circular")
    step(timedelta(minutes=5))
    first, second = settled_today(clerk, services).lines
    assert (first.reference, first.what, first.stands) == (three[1].reference, "Circular or newsletter", True)
    assert first.until == first.at + timedelta(minutes=10)
    assert (second.reference, second.team, second.stands) == (three[0].reference, "Information Governance", True)
    assert second.until is None


def test_what_was_undone_or_decided_anew_by_another_stands_no_more(
    three: list[Item], clerk: Viewer, named: Viewer, services: Services, go_on: Fresh
) -> None:
    for item in three[:2]:
        settle(item.id, "foi", clerk, services)
        go_on(item.id)
    undo_decision(three[0].id, clerk, services)
    reroute(three[1].id, named, services, reason="a claim", case_type="circular")
    assert [(line.stands, line.until) for line in settled_today(clerk, services).lines] == [(False, None)] * 2
    assert [line.reference for line in settled_today(named, services).lines] == [three[1].reference]


def test_yesterday_s_work_others_work_and_what_became_limited_are_not_there(
    three: list[Item], clerk: Viewer, named: Viewer, services: Services, step: Callable[[timedelta], None]
) -> None:
    settle(three[0].id, "foi", clerk, services)
    step(timedelta(days=1))
    settle(three[1].id, "foi", named, services)
    settle(three[2].id, "foi", clerk, services)
    mark_sensitive(three[2].id, named, services, reason="a refuge")
    assert settled_today(clerk, services).lines == []


def test_pages_follow_one_another(
    three: list[Item], clerk: Viewer, services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    for item in three:
        settle(item.id, "foi", clerk, services)
    monkeypatch.setattr(settling, "A_PAGE", 2)
    pages = [settled_today(clerk, services, number) for number in (1, 2, 3)]
    assert [(len(page.lines), page.more) for page in pages] == [(2, True), (1, False), (0, False)]


def test_it_is_found_by_the_name_and_the_day_and_not_among_all_decisions(
    three: list[Item], clerk: Viewer, services: Services
) -> None:
    settle(three[0].id, "foi", clerk, services)
    with questions() as asked:
        settled_today(clerk, services)
    plan = plan_of(next(one for one in asked if "decision" in one[0]), services.records, of_few=True)
    assert any("decision_by_actor" in step for step in plan), plan


def test_whoever_settles_nothing_has_no_such_page(auditor: Viewer, services: Services) -> None:
    with pytest.raises(Refused):
        settled_today(auditor, services)
