"""The one-day figure, and that no item can keep it from being told."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from mailroom.desk.performance import status
from mailroom.domain.access import Role, Viewer
from mailroom.domain.capture import Channel, Receipt
from mailroom.records.alarms import raise_alarm
from mailroom.records.incomplete import IncompleteRows
from mailroom.records.ledger import Days
from mailroom.records.tables import Item
from mailroom.services import Services

ALL_OF_IT = Days()


def test_an_item_is_in_time_late_or_neither_yet(
    deliver: Callable[..., Receipt],
    go_on: Callable[[str], Item],
    named: Viewer,
    services: Services,
    step: Callable[[timedelta], None],
) -> None:
    go_on(deliver(b"I enclose the papers.").item_id)
    late = deliver(b"I enclose more papers.")
    deliver(b"I enclose the last papers.", received_at=services.now() - timedelta(days=10))
    step(timedelta(days=3))
    deliver(b"I enclose other papers.")
    promise = status(named, services, ALL_OF_IT)["one_working_day"]
    assert (promise["number"], promise["of"]) == (1, 3)
    assert [line["reason"] for line in promise["late"]] == [
        "It reached the mailroom after its day of receipt.",
        "It has stood still in the mailroom.",
    ]
    assert promise["late"][1]["reference"] == late.reference


def test_an_item_whose_day_no_calendar_knows_is_late_with_that_sentence(
    settled: Item, named: Viewer, services: Services
) -> None:
    came = settled.received_at
    put_on_record(settled, datetime(1926, 11, 16, tzinfo=UTC), services)
    promise = status(named, services, ALL_OF_IT)["one_working_day"]
    put_on_record(settled, came, services)  # the chain of custody says so, and is held against it
    assert (promise["number"], promise["number_without_cut_off"]) == (0, 0)
    (late,) = promise["late"]
    assert (late["reference"], "1926" in late["reason"]) == (settled.reference, True)


def put_on_record(item: Item, received_at: datetime, services: Services) -> None:
    with services.records.work() as session:
        session.get_one(Item, item.id).received_at = received_at
        session.commit()


def test_what_is_not_the_viewer_s_is_a_bare_number(
    at_risk: Item, settled: Item, clerk: Viewer, named: Viewer, services: Services
) -> None:
    IncompleteRows(services.records).show(
        "in/post/Pemberton.pdf", Channel.POST, 1, services.now(), services.now(), "It is not whole."
    )
    with services.records.work() as session:
        for item in (at_risk, settled):
            raise_alarm(session, f"custody:{item.id}", f"Item {item.id}: its original is gone.", services.now())
        raise_alarm(session, "misconfigured:read", "There is no engine.", services.now())
        session.commit()
    seen = status(clerk, services, ALL_OF_IT)
    assert {alarm["subject"] for alarm in seen["alarms"]} == {f"custody:{settled.id}", "misconfigured:read"}
    assert (seen["incomplete"], seen["not_shown"]) == ([], {"late": 0, "incomplete": 1, "alarms": 1})
    manager = status(Viewer("mo", frozenset({Role.MANAGER})), services, ALL_OF_IT)
    assert manager["channels"] == seen["channels"]
    assert manager["not_shown"]["alarms"] == 2
    everything = status(named, services, ALL_OF_IT)
    assert (len(everything["alarms"]), everything["incomplete"][0]["path"]) == (3, "in/post/Pemberton.pdf")
    assert set(everything["not_shown"].values()) == {0}
