from collections.abc import Callable
from datetime import timedelta

import pytest

from mailroom.desk.acting import Refused
from mailroom.desk.today import ledger_today
from mailroom.domain.access import Role, Viewer
from mailroom.domain.capture import Channel, Receipt
from mailroom.domain.items import ItemState
from mailroom.records.custody import record
from mailroom.records.tables import Item
from mailroom.services import Services


def test_the_ledger_of_the_day_balances_by_channel_and_late_ones_of_before_are_counted(
    unclear: Item,
    settled: Item,
    clerk: Viewer,
    services: Services,
    deliver: Callable[..., Receipt],
    step: Callable[[timedelta], None],
) -> None:
    day, ledger = ledger_today(clerk, services)
    assert day == services.now().date()
    assert ledger == {
        "post": {"received": 2, "captured": 1, "waiting": 0, "exceptions": 1, "refused": 0, "late": 0},
    }
    step(timedelta(days=3))
    deliver(b"a fax", channel=Channel.FAX)
    _, ledger = ledger_today(clerk, services)
    assert ledger["post"] == {"received": 0, "captured": 0, "waiting": 0, "exceptions": 0, "refused": 0, "late": 1}
    assert (ledger["fax"]["received"], ledger["fax"]["waiting"]) == (1, 1)


def test_counting_is_not_everybody_s_work(services: Services) -> None:
    with pytest.raises(Refused):
        ledger_today(Viewer("sam", frozenset({Role.BACK_OFFICE}), frozenset({"revenues"})), services)


def test_what_is_limited_changes_no_figure_of_those_who_may_not_see_it(
    unclear: Item, at_risk: Item, clerk: Viewer, named: Viewer, services: Services, step: Callable[[timedelta], None]
) -> None:
    _, seen = ledger_today(clerk, services)
    _, whole = ledger_today(named, services)
    assert (seen["post"]["received"], whole["post"]["received"]) == (1, 2)
    for line in (seen["post"], whole["post"]):
        assert line["received"] == sum(line[name] for name in ("captured", "waiting", "exceptions", "refused"))
    with services.records.work() as session:
        session.get_one(Item, at_risk.id).state = ItemState.EXCEPTION
        record(session, at_risk.id, "left_to_a_person", actor="test", at=services.now())
        session.commit()
    step(timedelta(days=3))
    late = [ledger_today(viewer, services)[1]["post"]["late"] for viewer in (clerk, named)]
    with services.records.work() as session:
        session.get_one(Item, at_risk.id).state = at_risk.state
        record(session, at_risk.id, "captured", actor="test", at=services.now())
        session.commit()
    assert late == [1, 2]
