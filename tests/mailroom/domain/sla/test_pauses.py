from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest

from mailroom.domain.sla import LONDON, Calendars, ClockRule, Pause, PauseRule, due_at, local_date

Clocks = Mapping[str, ClockRule]

RECEIVED = datetime(2026, 9, 14, 12, tzinfo=LONDON)


def paused(first: str, last: str) -> Pause:
    return Pause(datetime.fromisoformat(f"{first}T10:00+01:00"), datetime.fromisoformat(f"{last}T15:00+01:00"))


PAUSES = {
    "paid the same day": ([("2026-09-16", "2026-09-16")], date(2026, 10, 13)),
    "both days included": ([("2026-09-16", "2026-09-18")], date(2026, 10, 15)),
    "over a weekend": ([("2026-09-18", "2026-09-21")], date(2026, 10, 14)),
    "only a weekend": ([("2026-09-19", "2026-09-20")], date(2026, 10, 12)),
    "two that overlap count once": ([("2026-09-16", "2026-09-18"), ("2026-09-17", "2026-09-21")], date(2026, 10, 16)),
    "on the day of receipt, which never counted": ([("2026-09-14", "2026-09-14")], date(2026, 10, 12)),
    "on the last day": ([("2026-10-12", "2026-10-12")], date(2026, 10, 13)),
    "after it was due": ([("2026-10-13", "2026-10-30")], date(2026, 10, 12)),
    "in the time that another pause has given": (
        [("2026-09-16", "2026-09-18"), ("2026-10-14", "2026-10-14")],
        date(2026, 10, 16),
    ),
}


@pytest.mark.parametrize(("spans", "due"), PAUSES.values(), ids=PAUSES.keys())
def test_a_fees_notice_disregards_its_working_days(
    spans: list[tuple[str, str]], due: date, clocks: Clocks, calendars: Calendars
) -> None:
    pauses = [paused(first, last) for first, last in spans]
    assert local_date(due_at(clocks["foi_20wd"], RECEIVED, calendars, pauses=pauses)) == due


@pytest.mark.parametrize(
    ("first", "last", "due"),
    [
        ("2026-09-16", "2026-09-16", date(2026, 9, 28)),
        ("2026-09-16", "2026-09-18", date(2026, 9, 30)),
        ("2026-09-18", "2026-09-21", date(2026, 9, 29)),
    ],
)
def test_an_ordinary_pause_leaves_out_the_day_it_began(
    first: str, last: str, due: date, clocks: Clocks, calendars: Calendars
) -> None:
    rule = replace(clocks["full_reply_10wd"], pause=PauseRule.WORKING_DAYS)
    assert local_date(due_at(rule, RECEIVED, calendars, pauses=[paused(first, last)])) == due


WAITED = {
    "both days included, the weekend too": ([("2026-09-10", "2026-09-14")], date(2026, 10, 13)),
    "answered the same day": ([("2026-09-10", "2026-09-10")], date(2026, 10, 9)),
    "asked on the day of receipt, which never counted": ([("2026-09-08", "2026-09-08")], date(2026, 10, 8)),
    "asked after it was due": ([("2026-10-09", "2026-10-20")], date(2026, 10, 8)),
    "asked again in the time that the first question has given": (
        [("2026-10-12", "2026-10-12"), ("2026-09-10", "2026-09-14")],
        date(2026, 10, 14),
    ),
    "to a Saturday, then rolled": ([("2026-09-10", "2026-09-11")], date(2026, 10, 12)),
}


@pytest.mark.parametrize(("spans", "due"), WAITED.values(), ids=WAITED.keys())
def test_days_waited_for_information_do_not_count_towards_the_month(
    spans: list[tuple[str, str]], due: date, clocks: Clocks, calendars: Calendars
) -> None:
    pauses = [paused(first, last) for first, last in spans]
    assert local_date(due_at(clocks["sar_one_month"], RECEIVED - timedelta(days=6), calendars, pauses=pauses)) == due


def test_capture_and_acknowledgement_never_pause(clocks: Clocks, calendars: Calendars) -> None:
    due = datetime(2026, 9, 15, 17, tzinfo=LONDON)
    for name in ("capture_one_working_day", "acknowledge_one_working_day"):
        assert due_at(clocks[name], RECEIVED, calendars, pauses=[paused("2026-09-14", "2026-09-30")]) == due


def test_a_pause_cannot_end_before_it_began() -> None:
    with pytest.raises(ValueError, match="before it began"):
        paused("2026-09-15", "2026-09-14")
