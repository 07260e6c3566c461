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


def test_what_is_late_is_counted_as_late_also_while_it_is_out_of_sight(
    late: Item, sam: Viewer, services: Services
) -> None:
    bring_forward(late.id, date(2026, 11, 18), "r", sam, services)
    found = queue_page("revenues", sam, services)
    assert (found.lines, found.counts[Show.OPEN], found.counts[Show.LATE]) == ([], 0, 1)
    assert shown(sam, services, Show.LATE) == [late.reference]


def test_what_became_limited_leaves_queue_and_counts_of_those_who_may_not_see_it(
    settled: Item, late: Item, clerk: Viewer, sam: Viewer, services: Services, go_on: GoOn
) -> None:
    mark_sensitive(late.id, clerk, services, reason="r")
    go_on(late.id)
    named = Viewer("jo", frozenset({Role.BACK_OFFICE}), frozenset({"revenues"}), named_for_limited=True)
    assert queue_page("revenues", sam, services).counts[Show.OPEN] == 1
    assert queue_page("revenues", sam, services).counts[Show.LATE] == 0
    assert queue_page("revenues", named, services).counts[Show.OPEN] == 2


def test_a_closed_case_leaves_every_part(settled: Item, sam: Viewer, services: Services) -> None:
    bring_forward(settled.id, date(2026, 11, 18), "r", sam, services)
    close_case(settled.id, "done", services.now(), sam, services)
    for show in Show:
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
