from collections.abc import Callable
from datetime import timedelta

import pytest

from mailroom.desk.acting import Refused
from mailroom.desk.correcting import correct_received
from mailroom.desk.post_room import settle
from mailroom.desk.queues import count, groups, waiting
from mailroom.domain.access import Role, Viewer
from mailroom.domain.capture import Receipt
from mailroom.domain.decision import Urgency
from mailroom.records.custody import record
from mailroom.records.documents import note_decision
from mailroom.records.tables import Item
from mailroom.services import Services

Make = Callable[[int], list[Item]]


@pytest.fixture
def several(deliver: Callable[..., Receipt], go_on: Callable[[str], Item], services: Services) -> Make:
    """Makes so many exceptions, received one after another."""

    def make(number: int) -> list[Item]:
        letters = [
            f"Dear Sir or Madam\n\nI enclose the papers, envelope {n} of them.\n".encode() for n in range(number)
        ]
        came = services.now() - timedelta(hours=1)
        return [
            go_on(deliver(letter, received_at=came + timedelta(minutes=n)).item_id) for n, letter in enumerate(letters)
        ]

    return make


def references(lines: list[dict[str, object]]) -> list[object]:
    return [line["reference"] for line in lines]


def test_what_is_due_first_comes_first_and_what_is_urgent_before_all(
    several: Make, clerk: Viewer, services: Services
) -> None:
    first, second, third = several(3)
    earlier = services.now() - timedelta(days=3)
    correct_received(second.id, earlier, clerk, services, reason="date stamp")
    make_urgent(third, services)
    assert references(waiting(clerk, services)) == [third.reference, second.reference, first.reference]


def test_a_page_holds_so_many_lines_and_the_pages_together_are_the_whole_queue(
    several: Make, clerk: Viewer, services: Services
) -> None:
    several(5)
    pages = [references(waiting(clerk, services, page=number, size=2)) for number in (1, 2, 3, 4)]
    assert [len(page) for page in pages] == [2, 2, 1, 0]
    assert [line for page in pages for line in page] == references(waiting(clerk, services))


def test_it_is_counted_what_waits_what_is_due_today_and_what_is_late(
    several: Make, clerk: Viewer, services: Services, step: Callable[[timedelta], None]
) -> None:
    several(2)
    assert seen(clerk, services) == (2, 0, 0)
    step(timedelta(days=1, hours=1))
    assert seen(clerk, services) == (2, 2, 0)
    step(timedelta(days=2))
    assert seen(clerk, services) == (2, 0, 2)


def test_what_is_limited_is_neither_shown_nor_counted_to_whoever_is_not_named(
    at_risk: Item, unclear: Item, clerk: Viewer, named: Viewer, services: Services
) -> None:
    with services.records.work() as session:
        session.get_one(Item, at_risk.id).state = session.get_one(Item, unclear.id).state
        record(session, at_risk.id, "left_to_a_person", actor="test", at=services.now())
        session.commit()
    assert references(waiting(clerk, services)) == [unclear.reference]
    assert len(waiting(named, services)) == 2
    assert (count(clerk, services).waiting, count(named, services).waiting) == (1, 2)
    assert sum(group["count"] for group in groups(clerk, services)) == 1


def test_exceptions_are_grouped_and_filtered_by_cause_and_first_suggestion(
    several: Make, clerk: Viewer, services: Services
) -> None:
    made = several(2)
    suggest(made[0], ["council_tax_refund"], services)
    suggest(made[1], [], services)
    found = {(group["cause"], group["suggested"]): group["count"] for group in groups(clerk, services)}
    assert found == {("unsure", "council_tax_refund"): 1, ("unsure", None): 1}
    alike = waiting(clerk, services, cause="unsure", suggested="council_tax_refund")
    assert references(alike) == [made[0].reference]
    assert references(waiting(clerk, services, cause="unsure", suggested="")) == [made[1].reference]
    with pytest.raises(Refused, match="no cause 'bored'"):
        waiting(clerk, services, cause="bored")


def test_a_manager_sees_no_queue(several: Make, services: Services) -> None:
    manager = Viewer("max", frozenset({Role.MANAGER}))
    for ask in (waiting, count, groups):
        with pytest.raises(Refused, match="Only those who work in"):
            ask(manager, services)


def test_what_is_settled_leaves_the_queue_at_once(several: Make, clerk: Viewer, services: Services) -> None:
    one, other = several(2)
    settle(one.id, "foi", clerk, services)
    assert references(waiting(clerk, services)) == [other.reference]


def seen(viewer: Viewer, services: Services) -> tuple[int, int, int]:
    counts = count(viewer, services)
    return counts.waiting, counts.due_today, counts.late


def make_urgent(item: Item, services: Services) -> None:
    with services.records.work() as session:
        row = session.get_one(Item, item.id)
        row.documents[0].decisions[-1].urgency = Urgency.URGENT
        note_decision(row)
        session.commit()


def suggest(item: Item, case_types: list[str], services: Services) -> None:
    with services.records.work() as session:
        row = session.get_one(Item, item.id)
        told = [{"case_type": case_type, "confidence": 0.4, "reasons": []} for case_type in case_types]
        row.documents[0].decisions[-1].suggestions = told
        note_decision(row)
        session.commit()
