from __future__ import annotations

from collections.abc import Mapping

import pytest

from mailroom.domain.sla import Calendars, ClockRule, DayZero, Event, PauseRule, Roll, Unit, clock_rule_from

LEAST: dict[str, object] = {"title": "Answered", "unit": "working_days", "amount": 10, "source": "a promise"}


def test_what_a_table_leaves_out_is_the_plainest_clock() -> None:
    assert clock_rule_from("reply", LEAST) == ClockRule(
        name="reply",
        title="Answered",
        unit=Unit.WORKING_DAYS,
        amount=10,
        source="a promise",
        statutory=False,
        extension=0,
        calendar="tenant",
        closures=False,
        cut_off=False,
        starts=Event.RECEIPT,
        day_zero=DayZero.SAME_DAY,
        roll=Roll.NONE,
        pause=PauseRule.NEVER,
        restart=None,
    )


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ({"colour": "red"}, "^colour is not a key"),
        ({"name": "other"}, "^name is not a key"),
        ({"title": 7}, "^title: 7"),
        ({"unit": "fortnights"}, "^unit: 'fortnights'.*working_days"),
        ({"unit": 3}, "^unit: 3"),
        ({"amount": "ten"}, "^amount: 'ten'"),
        ({"amount": True}, "^amount: True"),
        ({"amount": 2.5}, "^amount: 2.5"),
        ({"amount": 0}, "^amount: 0"),
        ({"extension": -1}, "^extension: -1"),
        ({"statutory": "yes"}, "^statutory: 'yes'"),
        ({"statutory": 1}, "^statutory: 1"),
        ({"starts": "moon"}, "^starts: 'moon'"),
        ({"restart": "never"}, "^restart: 'never'"),
        ({"statutory": True, "closures": True}, "^closures: "),
        ({"statutory": True, "cut_off": True, "day_zero": "roll_receipt"}, "^cut_off: "),
        ({"cut_off": True}, "^cut_off: needs"),
        ({"unit": "hours", "day_zero": "day_before"}, "^unit: hours"),
        ({"unit": "working_hours", "roll": "forward"}, "^unit: working_hours"),
        ({"unit": "hours", "pause": "working_days"}, "^pause: working_days"),
        ({"pause": "information_asked"}, "^pause: information_asked"),
        ({"unit": "months", "pause": "fees_notice"}, "^pause: fees_notice"),
    ],
)
def test_a_wrong_key_is_named(change: Mapping[str, object], fault: str) -> None:
    with pytest.raises(ValueError, match=fault):
        clock_rule_from("reply", {**LEAST, **change})


@pytest.mark.parametrize("key", ["title", "unit", "amount", "source"])
def test_a_missing_key_is_named(key: str) -> None:
    with pytest.raises(ValueError, match=f"^{key} is missing"):
        clock_rule_from("reply", {name: value for name, value in LEAST.items() if name != key})


def test_every_clock_as_delivered_counts_on_a_calendar_that_is_there(
    clocks: Mapping[str, ClockRule], calendars: Calendars
) -> None:
    assert {rule.calendar for rule in clocks.values()} <= set(calendars.by_name)


def test_the_councils_promises_as_delivered_keep_the_cut_off_and_the_closures(clocks: Mapping[str, ClockRule]) -> None:
    promises = [rule for rule in clocks.values() if not rule.statutory]
    assert {rule.name for rule in promises} == {
        "capture_one_working_day",
        "first_contact_reply_one_working_day",
        "acknowledge_one_working_day",
        "hand_off_one_working_day",
        "full_reply_10wd",
        "holding_reply_10wd",
    }
    assert all(rule.cut_off and rule.closures and rule.pause is PauseRule.NEVER for rule in promises)
