"""Days are counted again when something touched them, and only then."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta

import pytest

from mailroom.desk.performance import spans_of
from mailroom.domain.capture import Channel, Receipt
from mailroom.domain.figures import Figures, total
from mailroom.domain.promise import Span
from mailroom.records import counted_days
from mailroom.records.counted_days import MOVED, CountedDays
from mailroom.records.custody import number_new_events, record
from mailroom.records.figures import Key, figures
from mailroom.records.ledger import Days
from mailroom.records.tables import Item
from mailroom.services import Services

FRIDAY, MONDAY = date(2026, 11, 13), date(2026, 11, 16)
Deliver = Callable[..., Receipt]
Count = Callable[[], dict[Key, Figures]]


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[set[date]]:
    """The days that were counted, question by question."""
    days: list[set[date]] = []

    def told(session: object, spans: object, now: object) -> dict[Key, Figures]:
        cut: list[Span] = list(spans)  # type: ignore[call-overload]
        days.append({span.day for span in cut})
        return figures(session, cut, now)  # type: ignore[arg-type]

    monkeypatch.setattr(counted_days, "figures", told)
    return days


@pytest.fixture
def number(services: Services) -> Callable[[], None]:
    """Gives everything that has happened its place in the global log."""

    def act() -> None:
        with services.records.work() as session:
            number_new_events(session)
            session.commit()

    return act


@pytest.fixture
def count(services: Services) -> Count:
    """Asks for the figures of November, which one process keeps."""
    kept = CountedDays()

    def act() -> dict[Key, Figures]:
        with services.records.look() as session:
            cut = spans_of(session, Days(date(2026, 11, 1), date(2026, 11, 30)), services)
            return kept.figures(session, cut, services.now())

    return act


def friday(deliver: Deliver, services: Services) -> str:
    """An item of the Friday before."""
    return deliver(b"Dear Sir", received_at=services.now() - timedelta(days=3)).item_id


def touch(item_id: str, services: Services, kind: str = "viewed") -> None:
    """Record that something happened to the item."""
    with services.records.work() as session:
        record(session, item_id, kind, actor="kim", at=services.now())
        session.commit()


def test_a_day_that_nothing_touched_is_not_counted_again(
    deliver: Deliver, services: Services, number: Callable[[], None], count: Count, asked: list[set[date]]
) -> None:
    friday(deliver, services)
    monday = deliver(b"Dear Madam").item_id
    number()
    first = count()
    touch(monday, services)
    assert count() == first
    assert {FRIDAY, MONDAY} <= asked[0]
    assert MONDAY in asked[1]
    assert FRIDAY not in asked[1]


def test_what_still_waits_for_its_place_in_the_log_touches_its_day_each_time(
    deliver: Deliver, services: Services, number: Callable[[], None], count: Count, asked: list[set[date]]
) -> None:
    friday(deliver, services)
    for _ in range(2):
        count()
        assert FRIDAY in asked[-1]
    number()
    count()
    assert FRIDAY in asked[-1]
    asked.clear()
    count()
    assert asked == []


def test_what_comes_in_later_is_counted(
    deliver: Deliver, services: Services, number: Callable[[], None], count: Count
) -> None:
    friday(deliver, services)
    number()
    count()
    deliver(b"A fax", channel=Channel.FAX)
    assert count()[MONDAY, Channel.FAX].received == 1


def test_an_item_whose_day_is_corrected_leaves_the_day_on_which_it_counted(
    deliver: Deliver, services: Services, number: Callable[[], None], count: Count
) -> None:
    item_id = friday(deliver, services)
    number()
    assert (FRIDAY, Channel.POST) in count()
    with services.records.work() as session:
        session.get_one(Item, item_id).received_at -= timedelta(days=1)
        record(session, item_id, MOVED, actor="kim", at=services.now())
        session.commit()
    found = count()
    assert (FRIDAY, Channel.POST) not in found
    assert found[date(2026, 11, 12), Channel.POST].received == 1


def test_what_has_no_case_becomes_late_when_its_time_is_over_though_nothing_happens(
    deliver: Deliver,
    services: Services,
    number: Callable[[], None],
    count: Count,
    step: Callable[[timedelta], None],
) -> None:
    deliver(b"Dear Sir")
    number()
    assert total(count().values()).late == 0
    step(timedelta(days=2))
    assert total(count().values()).late == 1


def test_a_day_with_other_due_moments_is_counted_again(
    deliver: Deliver, services: Services, number: Callable[[], None]
) -> None:
    deliver(b"Dear Sir", received_at=services.now() - timedelta(days=3))
    number()
    kept = CountedDays()
    with services.records.look() as session:
        cut = spans_of(session, Days(FRIDAY, FRIDAY), services)
        assert total(kept.figures(session, cut, services.now()).values()).late == 0
        earlier = {name: due and due - timedelta(days=3) for name, due in cut[0].due.items()}
        moved = [replace(span, due=earlier) for span in cut]
        assert total(kept.figures(session, moved, services.now()).values()).late == 1


def test_after_more_events_than_it_pays_to_look_at_everything_is_counted_again(
    deliver: Deliver,
    services: Services,
    number: Callable[[], None],
    count: Count,
    asked: list[set[date]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    friday(deliver, services)
    monday = deliver(b"Dear Madam").item_id
    number()
    count()
    monkeypatch.setattr(counted_days, "_MANY", 1)
    touch(monday, services)
    touch(monday, services)
    number()
    count()
    assert FRIDAY in asked[-1]


def test_a_look_older_than_what_is_kept_is_answered_from_the_records_and_leaves_nothing_behind(
    deliver: Deliver, services: Services, number: Callable[[], None]
) -> None:
    deliver(b"Dear Sir")
    number()
    kept = CountedDays()
    with services.records.look() as older:
        cut = spans_of(older, Days(MONDAY, MONDAY), services)
        assert total(figures(older, cut, services.now()).values()).received == 1
        deliver(b"Dear Madam")
        number()
        with services.records.look() as newer:
            assert total(kept.figures(newer, cut, services.now()).values()).received == 2
        assert total(kept.figures(older, cut, services.now()).values()).received == 1
    with services.records.look() as newest:
        assert total(kept.figures(newest, cut, services.now()).values()).received == 2
