from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime, time

import pytest

from mailroom.domain.sla import (
    LONDON,
    Calendars,
    ClockRule,
    DayZero,
    Event,
    Unit,
    clock_rule_from,
    due_at,
    is_met,
    local_date,
    start_of,
)

Clocks = Mapping[str, ClockRule]


def at(local: str, *, fold: int = 0) -> datetime:
    """A London time; fold 1 is the second 01:30 of the night the clocks go back."""
    return datetime.fromisoformat(local).replace(tzinfo=LONDON, fold=fold)


def last_day(rule: ClockRule, received: datetime, calendars: Calendars, *, extended: bool = False) -> date:
    return local_date(due_at(rule, received, calendars, extended=extended))


def test_due_times_are_utc_across_the_change_of_clocks(clocks: Clocks, calendars: Calendars) -> None:
    capture = clocks["capture_one_working_day"]
    forward = due_at(capture, at("2026-03-27T17:30"), calendars)
    back = due_at(capture, at("2026-10-23T16:30"), calendars)
    assert forward.isoformat() == "2026-03-31T16:00:00+00:00"
    assert back.isoformat() == "2026-10-26T17:00:00+00:00"


@pytest.mark.parametrize(
    ("received", "strict", "rolled"),
    [
        ("2026-09-18T23:59:59", date(2026, 10, 16), date(2026, 10, 16)),
        ("2026-09-19T00:00:00", date(2026, 10, 16), date(2026, 10, 19)),
        ("2026-09-20T12:00:00", date(2026, 10, 16), date(2026, 10, 19)),
        ("2026-09-21T12:00:00", date(2026, 10, 19), date(2026, 10, 19)),
    ],
)
def test_a_request_received_on_a_day_off_has_two_readings(
    received: str, strict: date, rolled: date, clocks: Clocks, calendars: Calendars
) -> None:
    foi = clocks["foi_20wd"]
    assert last_day(foi, at(received), calendars) == strict
    assert last_day(replace(foi, day_zero=DayZero.ROLL_RECEIPT), at(received), calendars) == rolled


@pytest.mark.parametrize(
    ("received", "due"),
    [
        ("2026-01-31T09:00", date(2026, 3, 2)),
        ("2028-01-31T09:00", date(2028, 2, 29)),
        ("2026-09-03T09:00", date(2026, 10, 5)),
        ("2026-11-25T09:00", date(2026, 12, 29)),
        ("2026-05-31T23:30", date(2026, 6, 30)),
        ("2026-08-08T09:00", date(2026, 9, 8)),
    ],
    ids=["clamped, then rolled", "leap year", "rolled", "over Christmas", "clamped", "received on a Saturday"],
)
def test_a_subject_access_request_is_due_on_the_corresponding_date(
    received: str, due: date, clocks: Clocks, calendars: Calendars
) -> None:
    assert last_day(clocks["sar_one_month"], at(received), calendars) == due


@pytest.mark.parametrize(
    ("clock", "received", "due"),
    [
        ("eir_20wd", "2026-09-14T12:00", date(2026, 11, 9)),
        ("sar_one_month", "2026-11-30T12:00", date(2027, 3, 1)),
        ("childrens_complaint_stage_1_10wd", "2026-09-14T12:00", date(2026, 10, 12)),
    ],
)
def test_an_extension_is_counted_from_the_same_start(
    clock: str, received: str, due: date, clocks: Clocks, calendars: Calendars
) -> None:
    assert last_day(clocks[clock], at(received), calendars, extended=True) == due


def test_a_clock_without_an_extension_cannot_be_extended(clocks: Clocks, calendars: Calendars) -> None:
    with pytest.raises(ValueError, match="foi_20wd cannot be extended"):
        due_at(clocks["foi_20wd"], at("2026-09-14T12:00"), calendars, extended=True)


@pytest.mark.parametrize(
    ("clock", "started", "due"),
    [
        # A public worked example of the 56-day rule: representations of 15 June 2016 had to be answered by 9 August.
        ("pcn_representation_56_days", "2016-06-15T12:00", date(2016, 8, 9)),
        ("council_tax_appeal_2_months", "2026-03-01T12:00", date(2026, 4, 30)),
        ("council_tax_appeal_2_months", "2026-09-15T12:00", date(2026, 11, 14)),
        ("council_tax_appeal_2_months", "2026-12-31T12:00", date(2027, 2, 28)),
        ("data_protection_complaint_30_days", "2026-07-04T12:00", date(2026, 8, 3)),
        ("data_protection_complaint_30_days", "2026-07-02T12:00", date(2026, 8, 3)),
        ("planning_representation_21_days", "2026-09-01T12:00", date(2026, 9, 22)),
        ("acknowledgement_of_service_14_days", "2026-12-11T12:00", date(2026, 12, 25)),
        ("housing_benefit_decision_14_days", "2026-09-01T18:00", date(2026, 9, 15)),
        ("complaint_acknowledge_5wd", "2026-09-14T18:00", date(2026, 9, 21)),
        ("disrepair_letter_of_claim_20wd", "2026-09-14T12:00", date(2026, 10, 12)),
        ("childrens_complaint_stage_2_25wd", "2026-09-14T12:00", date(2026, 10, 19)),
    ],
)
def test_statutory_clocks_end_at_the_end_of_their_last_day(
    clock: str, started: str, due: date, clocks: Clocks, calendars: Calendars
) -> None:
    assert due_at(clocks[clock], at(started), calendars) == datetime.combine(due, time(23, 59, 59), LONDON)


@pytest.mark.parametrize(
    ("started", "due"),
    [("2026-12-24T16:40", "2026-12-25T16:40"), ("2026-10-24T12:00", "2026-10-25T11:00")],
    ids=["runs over Christmas", "24 hours by the clock are 23 on the dial when the clocks go back"],
)
def test_hours_run_by_day_and_night(started: str, due: str, clocks: Clocks, calendars: Calendars) -> None:
    assert due_at(clocks["awaabs_law_emergency_24_hours"], at(started), calendars) == at(due)


def test_weeks_are_seven_days_each(calendars: Calendars) -> None:
    rule = clock_rule_from("four_weeks", {"title": "t", "unit": "weeks", "amount": 4, "source": "s", "statutory": True})
    assert last_day(rule, at("2026-09-14T12:00"), calendars) == date(2026, 10, 12)


@pytest.mark.parametrize(
    ("started", "due"),
    [
        ("2026-09-14T09:00", "2026-09-14T17:00"),
        ("2026-09-14T16:59", "2026-09-15T16:59"),
        ("2026-09-14T17:00", "2026-09-15T17:00"),
        ("2026-09-14T18:30", "2026-09-15T17:00"),
        ("2026-09-14T03:00", "2026-09-14T17:00"),
        ("2026-09-18T13:00", "2026-09-21T13:00"),
        ("2026-09-19T12:00", "2026-09-21T17:00"),
        ("2026-10-23T16:30", "2026-10-26T16:30"),
    ],
    ids=[
        "at opening",
        "a minute left",
        "at closing",
        "in the evening",
        "at night",
        "over a weekend",
        "Saturday",
        "clocks go back",
    ],
)
def test_working_hours_run_only_while_the_council_is_open(started: str, due: str, calendars: Calendars) -> None:
    rule = ClockRule("eight_hours", "t", Unit.WORKING_HOURS, 8, "s", closures=True)
    assert due_at(rule, at(started), calendars) == at(due)


def test_without_the_cut_off_rule_an_evening_letter_has_until_tomorrow(clocks: Clocks, calendars: Calendars) -> None:
    capture, received = clocks["capture_one_working_day"], at("2026-09-14T17:01")
    assert due_at(capture, received, calendars) == at("2026-09-16T17:00")
    assert due_at(replace(capture, cut_off=False), received, calendars) == at("2026-09-15T17:00")


RECEIVED, LATER = at("2026-09-14T12:00"), at("2026-09-28T09:00")


@pytest.mark.parametrize(
    ("clock", "events", "start"),
    [
        ("foi_20wd", {Event.RECEIPT: RECEIVED}, RECEIVED),
        ("foi_20wd", {Event.RECEIPT: RECEIVED, Event.CLARIFICATION: LATER}, LATER),
        ("foi_20wd", {Event.RECEIPT: RECEIVED, Event.IDENTITY_PROVED: LATER}, RECEIVED),
        ("sar_one_month", {Event.RECEIPT: RECEIVED, Event.IDENTITY_PROVED: LATER}, LATER),
        ("sar_one_month", {Event.RECEIPT: LATER, Event.IDENTITY_PROVED: RECEIVED}, LATER),
        ("complaint_stage_1_10wd", {Event.RECEIPT: RECEIVED}, None),
        ("complaint_stage_1_10wd", {Event.RECEIPT: RECEIVED, Event.ACKNOWLEDGEMENT: LATER}, LATER),
        ("capture_one_working_day", {Event.RECEIPT: RECEIVED, Event.CLARIFICATION: LATER}, RECEIVED),
    ],
)
def test_a_clock_runs_from_its_own_event_or_what_starts_it_anew(
    clock: str, events: Mapping[Event, datetime], start: datetime | None, clocks: Clocks
) -> None:
    assert start_of(clocks[clock], events) == start


def test_a_complaint_is_answered_ten_working_days_after_its_acknowledgement(
    clocks: Clocks, calendars: Calendars
) -> None:
    assert last_day(clocks["complaint_stage_1_10wd"], at("2026-09-18T12:00"), calendars) == date(2026, 10, 2)


@pytest.mark.parametrize(
    ("event", "met"),
    [
        ("2026-10-12T23:59:59", True),
        ("2026-10-12T23:59:59.999999", True),
        ("2026-10-13T00:00:00", False),
        ("2026-09-14T12:00:00", True),
    ],
)
def test_a_day_in_law_runs_to_midnight(event: str, met: bool, clocks: Clocks, calendars: Calendars) -> None:
    assert is_met(at(event), due_at(clocks["foi_20wd"], RECEIVED, calendars)) is met


def test_a_promise_is_met_at_the_cut_off_and_broken_a_second_later(clocks: Clocks, calendars: Calendars) -> None:
    due = due_at(clocks["capture_one_working_day"], RECEIVED, calendars)
    assert is_met(at("2026-09-15T17:00:00"), due)
    assert not is_met(at("2026-09-15T17:00:01"), due)


def test_the_second_half_past_one_is_after_a_due_time_between_the_two(calendars: Calendars) -> None:
    rule = ClockRule("an_hour", "t", Unit.HOURS, 1, "s")
    due = due_at(rule, at("2026-10-25T00:45"), calendars)
    assert is_met(at("2026-10-25T01:30"), due)
    assert not is_met(at("2026-10-25T01:30", fold=1), due)
