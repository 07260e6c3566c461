"""Spans of time with one due moment each: they say of every moment what its own clock would say."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailroom.catalogue import load_catalogue
from mailroom.domain.errors import Misconfigured
from mailroom.domain.promise import CAPTURE, HAND_OFF, PROMISES, Promises, spans
from mailroom.domain.sla import LONDON, Calendars, ClockRule, Unit, due_at, local_date
from mailroom.records.calendars import calendars_from

CATALOGUE = load_catalogue(Path(__file__).parents[3] / "config")
RULES: Mapping[str, ClockRule] = CATALOGUE.clocks
CALENDARS: Calendars = calendars_from(CATALOGUE.calendar)
MOMENTS = st.integers(0, 2 * 365 * 24 * 3600).map(
    lambda second: datetime(2026, 1, 1, tzinfo=UTC) + timedelta(0, second)
)


@given(received_at=MOMENTS)
def test_the_span_of_a_moment_is_due_when_the_moment_s_own_clock_is(received_at: datetime) -> None:
    (span,) = [
        one for one in spans([local_date(received_at)], RULES, CALENDARS) if one.begins <= received_at < one.ends
    ]
    assert span.due == {name: due_at(RULES[name], received_at, CALENDARS) for name in PROMISES}


def test_the_spans_of_a_day_fill_it_without_a_gap_also_when_the_clocks_change() -> None:
    days = [date(2026, 3, 28) + timedelta(days=n) for n in range(3)]
    cut = list(spans(days, RULES, CALENDARS))
    assert [span.day for span in cut] == [day for day in days for _ in range(2)]
    assert all(before.ends == after.begins for before, after in pairwise(cut))
    assert (cut[0].begins, cut[-1].ends) == tuple(datetime(2026, 3, day, tzinfo=LONDON) for day in (28, 31))


def test_what_comes_after_the_cut_off_has_a_day_more_and_without_that_rule_it_has_not() -> None:
    before, after = spans([date(2026, 11, 16)], RULES, CALENDARS)
    assert after.due[CAPTURE] == before.due[CAPTURE] + timedelta(days=1)  # type: ignore[operator]  # both are known
    assert after.due_without_cut_off == before.due_without_cut_off == before.due[CAPTURE]


def test_a_day_that_no_calendar_knows_says_so_and_has_no_moment() -> None:
    (first, _) = spans([date(1926, 11, 16)], RULES, CALENDARS)
    assert "1926" in (first.unknown or "")
    assert (first.due, first.due_without_cut_off) == (dict.fromkeys(PROMISES), None)


@pytest.mark.parametrize("name", [CAPTURE, HAND_OFF])
def test_a_promise_in_hours_is_refused_with_the_clock_s_name(name: str) -> None:
    plain = ClockRule(name, "t", Unit.HOURS, 24, "s")
    with pytest.raises(Misconfigured, match=name):
        list(spans([date(2026, 11, 16)], {**RULES, name: plain}, CALENDARS))


def test_a_council_without_a_cut_off_in_its_rule_has_the_same_moment_all_day() -> None:
    rules = {**RULES, CAPTURE: replace(RULES[CAPTURE], cut_off=False)}
    before, after = spans([date(2026, 11, 16)], rules, CALENDARS)
    assert before.due[CAPTURE] == after.due[CAPTURE]


def test_a_day_is_cut_once_and_as_it_always_is() -> None:
    promises, days = Promises(RULES, CALENDARS), [date(2026, 11, 16), date(1926, 11, 16)]
    first = promises.spans_of(days)
    assert first == list(spans(days, RULES, CALENDARS))
    assert all(again is before for again, before in zip(promises.spans_of(days), first, strict=True))
