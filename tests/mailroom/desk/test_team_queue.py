"""A team's queue: its order, its parts, its counts, and what nobody else learns from it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta

import pytest

from mailroom.desk.acting import Refused
from mailroom.desk.back_office import accept, close_case
from mailroom.desk.minding import bring_forward, write_note
from mailroom.desk.post_room import mark_sensitive
from mailroom.desk.team_queue import PAGE, queue_page, whole_queue
from mailroom.domain.access import Role, Viewer
from mailroom.domain.capture import Receipt
from mailroom.records.tables import Item
from mailroom.records.team_lines import Show
from mailroom.services import Services

Deliver = Callable[..., Receipt]
GoOn = Callable[[str], Item]
Step = Callable[[timedelta], None]
REFUND = b"Council tax refund\n\nPlease refund my council tax.\n"
LONG_AGO = datetime(2026, 10, 12, 9, 0, tzinfo=UTC)


@pytest.fixture
def late(deliver: Deliver, go_on: GoOn) -> Item:
    """A letter of five weeks ago."""
    return go_on(deliver(REFUND, received_at=LONG_AGO).item_id)


def shown(viewer: Viewer, services: Services, show: Show = Show.OPEN) -> list[str]:
    return [line["reference"] for line in queue_page("revenues", viewer, services, show).lines]


def test_the_parts_of_the_queue_are_counted(
    settled: Item, late: Item, sam: Viewer, services: Services, step: Step
) -> None:
    found = queue_page("revenues", sam, services)
    assert [line["reference"] for line in found.lines] == [late.reference, settled.reference]
    assert (found.counts[Show.OPEN], found.counts[Show.LATE], found.counts[Show.TODAY]) == (2, 1, 0)
    step(timedelta(days=1))
    found = queue_page("revenues", sam, services)
    assert (found.counts[Show.LATE], found.counts[Show.TODAY]) == (1, 1)
    assert shown(sam, services, Show.LATE) == [late.reference]
    assert shown(sam, services, Show.TODAY) == [settled.reference]
    step(timedelta(days=1))
    assert queue_page("revenues", sam, services).counts[Show.LATE] == 2


def test_mine_and_nobody_s_part_the_queue(settled: Item, late: Item, sam: Viewer, services: Services) -> None:
    assert shown(sam, services, Show.MINE) == []
    accept(settled.id, sam, services, officer="sam")
    assert shown(sam, services, Show.MINE) == [settled.reference]
    assert shown(sam, services, Show.NOBODYS) == [late.reference]


def test_what_was_brought_forward_is_out_of_sight_until_its_morning_and_then_on_top(
    settled: Item, late: Item, sam: Viewer, services: Services, step: Step
) -> None:
    due = queue_page("revenues", sam, services).lines[1]["due_at"]
    bring_forward(settled.id, date(2026, 11, 18), "the landlord answers", sam, services)
    assert shown(sam, services) == [late.reference]
    found = queue_page("revenues", sam, services, Show.BROUGHT_FORWARD)
    assert [(line["reference"], line["why_back"], line["due_at"]) for line in found.lines] == [
        (settled.reference, "the landlord answers", due)
    ]
    assert (found.counts[Show.OPEN], found.counts[Show.BROUGHT_FORWARD]) == (1, 1)
    step(timedelta(days=1, hours=13, minutes=59))
    assert shown(sam, services) == [late.reference]
    step(timedelta(minutes=1))
    assert shown(sam, services) == [settled.reference, late.reference]
    write_note(settled.id, "He has answered.", sam, services)
    assert shown(sam, services) == [late.reference, settled.reference]


def test_what_is_late_is_counted_within_what_is_open(
    settled: Item, late: Item, sam: Viewer, services: Services
) -> None:
    bring_forward(late.id, date(2026, 11, 18), "r", sam, services)
    found = queue_page("revenues", sam, services)
    assert (found.counts[Show.OPEN], found.counts[Show.LATE], found.counts[Show.BROUGHT_FORWARD]) == (1, 0, 1)
    assert shown(sam, services, Show.LATE) == []
    assert [line["late"] for line in queue_page("revenues", sam, services, Show.BROUGHT_FORWARD).lines] == [True]


def test_what_is_mine_and_was_brought_forward_stays_among_mine_with_its_day(
    settled: Item, sam: Viewer, services: Services
) -> None:
    accept(settled.id, sam, services, officer="sam")
    bring_forward(settled.id, date(2026, 11, 18), "r", sam, services)
    (line,) = queue_page("revenues", sam, services, Show.MINE).lines
    assert (line["reference"], line["comes_back"]) == (settled.reference, "2026-11-18")


def test_closed_cases_are_found_last_closed_first_by_their_team_alone(
    settled: Item, late: Item, clerk: Viewer, sam: Viewer, pat: Viewer, services: Services, step: Step, go_on: GoOn
) -> None:
    close_case(settled.id, "discount granted", services.now(), sam, services)
    step(timedelta(hours=1))
    close_case(late.id, "refund made", services.now(), sam, services)
    lines = queue_page("revenues", sam, services, Show.CLOSED).lines
    assert [(line["reference"], line["outcome"]) for line in lines] == [
        (late.reference, "refund made"),
        (settled.reference, "discount granted"),
    ]
    assert queue_page("housing", pat, services, Show.CLOSED).lines == []
    mark_sensitive(late.id, clerk, services, reason="r")
    go_on(late.id)
    assert shown(sam, services, Show.CLOSED) == [settled.reference]


def test_the_officer_s_own_promise_comes_before_the_post_room_s(settled: Item, sam: Viewer, services: Services) -> None:
    (line,) = queue_page("revenues", sam, services).lines
    dues = {due["met_by"]: due["due_at"] for due in line["promises"]}
    own = [due["met_by"] for due in line["promises"]]
    assert own[-1] == "acknowledgement"
    assert own.index("reply") < own.index("acknowledgement")
    assert dues["acknowledgement"] < dues["reply"]


def test_what_became_limited_leaves_queue_and_counts_of_those_who_may_not_see_it(
    settled: Item, late: Item, clerk: Viewer, sam: Viewer, services: Services, go_on: GoOn
) -> None:
    mark_sensitive(late.id, clerk, services, reason="r")
    go_on(late.id)
    named = Viewer("jo", frozenset({Role.BACK_OFFICE}), frozenset({"revenues"}), named_for_limited=True)
    assert queue_page("revenues", sam, services).counts[Show.OPEN] == 1
    assert queue_page("revenues", sam, services).counts[Show.LATE] == 0
    assert queue_page("revenues", named, services).counts[Show.OPEN] == 2


def test_a_closed_case_leaves_every_part_but_its_own(settled: Item, sam: Viewer, services: Services) -> None:
    bring_forward(settled.id, date(2026, 11, 18), "r", sam, services)
    close_case(settled.id, "done", services.now(), sam, services)
    for show in set(Show) - {Show.CLOSED}:
        assert shown(sam, services, show) == []


def test_pages_hold_what_fits_and_one_beyond_the_last_is_the_last(
    settled: Item, late: Item, sam: Viewer, services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert PAGE == 50
    monkeypatch.setattr("mailroom.desk.team_queue.PAGE", 1)
    first, last, beyond = (queue_page("revenues", sam, services, page=number) for number in (1, 2, 9))
    assert [page.lines[0]["reference"] for page in (first, last)] == [late.reference, settled.reference]
    assert (first.pages, beyond.page, beyond.lines) == (2, 2, last.lines)
    monkeypatch.setattr("mailroom.desk.team_queue._AT_ONCE", 1)
    assert [line["reference"] for line in whole_queue("revenues", sam, services)] == [late.reference, settled.reference]


@pytest.mark.parametrize("role", [Role.MANAGER, Role.ADMINISTRATOR])
def test_those_who_see_no_items_see_no_queue(role: Role, settled: Item, services: Services) -> None:
    with pytest.raises(Refused, match="Only those who work in"):
        queue_page("revenues", Viewer("o", frozenset({role}), frozenset({"revenues"})), services)
