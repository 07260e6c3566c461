"""The manager's figures count what happened, name nothing that is not theirs, and add up."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from functools import partial
from typing import Any

import pytest

from mailroom.desk.acting import Refused
from mailroom.desk.back_office import accept, close_case
from mailroom.desk.correcting import correct_received
from mailroom.desk.export import as_csv, figures_as_csv, harmless, late_as_csv, teams_as_csv
from mailroom.desk.measuring import Measured, ahead, measure
from mailroom.desk.performance import status
from mailroom.desk.post_room import settle
from mailroom.desk.returning import return_item
from mailroom.domain.access import Role, Viewer
from mailroom.domain.capture import Channel, Receipt
from mailroom.domain.figures import NAMES, Figures, total
from mailroom.duties.send_acknowledgements import send_acknowledgements
from mailroom.records.ledger import Days
from mailroom.records.tables import Item
from mailroom.services import Services

NOVEMBER = Days(date(2026, 11, 1), date(2026, 11, 30))
Step = Callable[[timedelta], None]
GoOn = Callable[[str], Item]


@pytest.fixture
def manager() -> Viewer:
    """Sees figures and no items."""
    return Viewer("mo", frozenset({Role.MANAGER}))


@pytest.fixture
def november(manager: Viewer, services: Services) -> Callable[[], Measured]:
    return lambda: measure(NOVEMBER, manager, services)


def told(figures: Figures) -> dict[str, int]:
    """The figures that are not nought."""
    return {name: number for name in NAMES if (number := getattr(figures, name))}


def test_what_the_machine_settled_and_its_team_accepted_is_counted_all_along(
    settled: Item, sam: Viewer, services: Services, step: Step, november: Callable[[], Measured]
) -> None:
    all_along = {"received": 1, "captured": 1, "in_time": 1, "in_time_without_cut_off": 1, "sorted": 1}
    assert told(november().total) == {**all_along, "to_tell": 1, "handed_off": 1, "right_first_time": 1}
    accept(settled.id, sam, services)
    step(timedelta(minutes=11))
    found = told(november().total)
    assert (found["accepted"], found["accepted_in_time"]) == (1, 1)


def test_what_a_person_had_to_settle_or_a_team_returned_was_not_right_the_first_time(
    settled: Item,
    unclear: Item,
    go_on: GoOn,
    clerk: Viewer,
    sam: Viewer,
    services: Services,
    november: Callable[[], Measured],
) -> None:
    settle(unclear.id, "council_tax_refund", clerk, services)
    go_on(unclear.id)
    found = told(november().total)
    assert (found["sorted"], found["right_first_time"]) == (2, 1)
    return_item(settled.id, "not ours", sam, services)
    found = told(november().total)
    assert (found["sorted"], found.get("right_first_time", 0), found["returned"]) == (2, 0, 1)


def test_acceptance_after_its_working_day_is_not_in_time(
    settled: Item, sam: Viewer, services: Services, step: Step, november: Callable[[], Measured]
) -> None:
    step(timedelta(days=3))
    accept(settled.id, sam, services)
    found = november().total
    assert (found.accepted, found.accepted_in_time) == (1, 0)


def test_a_letter_waits_for_print_and_is_told_only_when_it_went(
    settled: Item, services: Services, step: Step, november: Callable[[], Measured]
) -> None:
    step(timedelta(minutes=11))
    send_acknowledgements(services)
    found = november().total
    assert (found.to_tell, found.told, found.not_told) == (1, 0, 0)


def test_days_and_channels_add_up_to_the_whole_and_empty_days_are_there(
    deliver: Callable[..., Receipt], go_on: GoOn, services: Services, november: Callable[[], Measured]
) -> None:
    go_on(deliver(b"Dear Sir", channel=Channel.FAX).item_id)
    go_on(deliver(b"Dear Madam", received_at=services.now() - timedelta(days=6)).item_id)
    found = november()
    assert len(found.series) == 30
    assert [day for day, figures in found.series.items() if figures.received] == [
        date(2026, 11, 10),
        date(2026, 11, 16),
    ]
    assert total(found.series.values()) == total(found.channels.values()) == total(found.by_key.values()) == found.total
    assert list(found.channels) == [Channel.POST, Channel.FAX]


def test_the_day_of_receipt_is_london_s_in_summer(
    deliver: Callable[..., Receipt], manager: Viewer, services: Services
) -> None:
    deliver(b"Dear Sir", received_at=datetime(2026, 6, 30, 23, 30, tzinfo=UTC))
    june, july = (Days(date(2026, month, 1), date(2026, month, 30)) for month in (6, 7))
    assert measure(june, manager, services).total.received == 0
    assert told(measure(july, manager, services).series[date(2026, 7, 1)])["received"] == 1


def test_a_corrected_date_of_receipt_moves_the_item_and_makes_it_late(
    settled: Item, clerk: Viewer, services: Services, november: Callable[[], Measured]
) -> None:
    correct_received(settled.id, services.now() - timedelta(days=7), clerk, services, reason="the stamp says so")
    found = november()
    assert (found.series[date(2026, 11, 9)].late, found.series[date(2026, 11, 16)].received) == (1, 0)
    assert found.total.late == 1


def test_late_items_are_listed_for_those_who_may_see_them_and_counted_for_the_manager(
    deliver: Callable[..., Receipt],
    go_on: GoOn,
    at_risk: Item,
    manager: Viewer,
    auditor: Viewer,
    services: Services,
    step: Step,
) -> None:
    came_late = go_on(deliver(b"Dear Sir", received_at=services.now() - timedelta(days=9)).item_id)
    stuck = deliver(b"Dear Madam", channel=Channel.FAX)
    step(timedelta(days=2))
    seen = measure(NOVEMBER, auditor, services)
    assert [(line["reference"], line["reason"]) for line in seen.late] == [
        (came_late.reference, "It reached the mailroom after its day of receipt."),
        (stuck.reference, "It has stood still in the mailroom."),
    ]
    counted = measure(NOVEMBER, manager, services)
    assert (counted.late, counted.late_seen, counted.late_not_shown, counted.total.late) == ([], 0, 2, 2)
    assert {(line.channel, line.reason, line.number) for line in counted.reasons} == {
        ("post", "It reached the mailroom after its day of receipt.", 1),
        ("fax", "It has stood still in the mailroom.", 1),
    }


def test_late_items_come_in_pages(
    deliver: Callable[..., Receipt], auditor: Viewer, services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("mailroom.desk.measuring.A_PAGE", 2)
    long_ago = services.now() - timedelta(days=9)
    references = [deliver(b"Dear Sir", received_at=long_ago).reference for _ in range(3)]
    pages = [[line["reference"] for line in measure(NOVEMBER, auditor, services, page).late] for page in (1, 2, 3)]
    assert pages == [references[:2], references[2:], []]


def test_figures_say_what_status_says(
    settled: Item, unclear: Item, auditor: Viewer, services: Services, november: Callable[[], Measured]
) -> None:
    promised = status(auditor, services, NOVEMBER)["one_working_day"]
    figures = november().total
    assert (promised["number"], promised["of"]) == (figures.in_time, figures.due)


def test_ahead_lies_what_is_open_and_which_clocks_run_out_on_which_day(
    settled: Item, unclear: Item, sam: Viewer, manager: Viewer, services: Services, step: Step
) -> None:
    days, teams = ahead(manager, services)
    assert days[0] == date(2026, 11, 16)
    by_team = {one.team: one for one in teams}
    assert (by_team["revenues"].open, by_team["post_room"].exceptions, by_team["revenues"].late) == (1, 1, 0)
    tomorrow = by_team["revenues"].runs_out[date(2026, 11, 17)]
    accept(settled.id, sam, services)
    (_, after) = ahead(manager, services)
    met = {one.team: one for one in after}["revenues"].runs_out[date(2026, 11, 17)]
    assert met == tomorrow - 1
    step(timedelta(days=15))
    (_, late) = ahead(manager, services)
    assert {one.team: (one.late, one.oldest_days) for one in late}["revenues"] == (1, 15)
    close_case(settled.id, "granted", services.now(), sam, services)
    (_, closed) = ahead(manager, services)
    assert "revenues" not in {one.team for one in closed}


@pytest.mark.parametrize(
    ("days", "sentence"),
    [
        (Days(), "first and the last day"),
        (Days(date(2026, 11, 2), date(2026, 11, 1)), "ends before it begins"),
        (Days(date(2025, 11, 1), date(2026, 11, 30)), "a year at the most"),
    ],
)
def test_a_period_that_is_none_is_refused(days: Days, sentence: str, manager: Viewer, services: Services) -> None:
    with pytest.raises(Refused, match=sentence):
        measure(days, manager, services)


@pytest.mark.parametrize(
    "ask",
    [ahead, *(partial(asked, NOVEMBER) for asked in (measure, figures_as_csv, late_as_csv, teams_as_csv))],
)
def test_figures_are_for_managers_and_auditors_alone(ask: Callable[..., Any], sam: Viewer, services: Services) -> None:
    with pytest.raises(Refused, match="manager"):
        ask(sam, services)


def test_the_export_has_a_line_a_day_and_channel(settled: Item, manager: Viewer, services: Services) -> None:
    heading, line = figures_as_csv(NOVEMBER, manager, services).splitlines()
    assert heading == "\ufeffdate_received,channel," + ",".join(NAMES)
    assert line.startswith("2026-11-16,post,1,1,1,0,1,")


def test_what_is_late_goes_into_the_file_by_name_for_those_who_may_see_it_and_counted_for_others(
    deliver: Callable[..., Receipt], go_on: GoOn, manager: Viewer, services: Services, step: Step
) -> None:
    stands = go_on(deliver(b"\x89PNG cut off", file_name="=1+1.png").item_id)
    deliver(b"Dear Sir")
    deliver(b"Dear Madam")
    step(timedelta(days=2))
    auditor = Viewer("ada", frozenset({Role.AUDITOR}), named_for_limited=True)
    heading, *lines = late_as_csv(NOVEMBER, auditor, services).lstrip("\ufeff").splitlines()
    assert heading == "reference,channel,date_received,reason,items"
    assert len(lines) == 2
    assert all(line.endswith(",post,2026-11-16,It has stood still in the mailroom.,1") for line in lines)
    assert not any(line.startswith(stands.reference) for line in lines)
    _, line = late_as_csv(NOVEMBER, manager, services).splitlines()
    assert line == ",post,,It has stood still in the mailroom.,2"


def test_the_teams_go_into_the_file_with_what_lies_before_them_and_what_they_sent_back(
    settled: Item, sam: Viewer, manager: Viewer, services: Services, step: Step
) -> None:
    heading, line = teams_as_csv(NOVEMBER, manager, services).lstrip("\ufeff").splitlines()
    days = [f"due_2026-11-{day}" for day in range(16, 21)]
    assert heading.split(",") == [
        "team", "name", "open", "oldest_days", "late", "need_a_person", *days, "returned"
    ]  # fmt: skip
    assert (line.split(",")[:6], line.split(",")[-1]) == (["revenues", "Revenues", "1", "0", "0", "0"], "0")
    step(timedelta(days=1))
    return_item(settled.id, "Pages are missing: page 2", sam, services)
    post_room, revenues = teams_as_csv(NOVEMBER, manager, services).splitlines()[1:]
    assert post_room.startswith("post_room,Post room,1,1,0,1,")
    assert revenues == "revenues,Revenues,0,,0,0,0,0,0,0,0,1"
    elsewhere = Days(date(2026, 10, 1), date(2026, 10, 31))
    assert not any(line.endswith(",1") for line in teams_as_csv(elsewhere, manager, services).splitlines())


@pytest.mark.parametrize("cell", ["=1+1", "+44", "-1", "@SUM(A1)", "\t=1", "\r=1"])
def test_a_cell_that_looks_like_a_formula_is_made_harmless(cell: str) -> None:
    assert harmless(cell) == f"'{cell}"
    assert as_csv([[cell, -1]]).lstrip("\ufeff").strip('"').startswith("'")


def test_other_cells_and_numbers_stay_as_they_are() -> None:
    assert as_csv([["post", -1, "a=b"]]) == "\ufeffpost,-1,a=b\r\n"
