from collections.abc import Callable
from datetime import datetime, timedelta

import pytest

from mailroom.desk.acting import Refused
from mailroom.desk.back_office import accept
from mailroom.desk.correcting import correct
from mailroom.desk.endings import no_reply_reasons
from mailroom.desk.post_room import settle
from mailroom.desk.queues import count, waiting
from mailroom.desk.team_queue import whole_queue
from mailroom.desk.undoing import undo_decision
from mailroom.domain.access import Viewer
from mailroom.domain.capture import Channel, Receipt
from mailroom.records.acknowledgements import acknowledgement_of
from mailroom.records.cases import running_clocks
from mailroom.records.tables import Item
from mailroom.services import Services

Fresh = Callable[[str], Item]


def test_a_decision_is_taken_back_with_its_message_and_its_handover(
    unclear: Item, clerk: Viewer, pat: Viewer, services: Services, go_on: Fresh, fresh: Fresh
) -> None:
    settle(unclear.id, "housing_repairs", clerk, services, team="housing")
    go_on(unclear.id)
    assert len(whole_queue("housing", pat, services)) == 1
    undo_decision(unclear.id, clerk, services)
    item = fresh(unclear.id)
    assert (item.state, item.settled, item.case_id) == ("exception", False, unclear.case_id)
    assert whole_queue("housing", pat, services) == []
    assert [line["reference"] for line in waiting(clerk, services)] == [unclear.reference]
    with services.records.look() as session:
        message = acknowledgement_of(session, unclear.id)
    assert message is None or message.state in ("replaced", "withheld")


LETTER = b"""17 Mill Lane
Harrowdale
HD4 2QJ

Dear Council

I should like a refund of my council tax, and a discount or exemption for the flat.

Yours faithfully
"""


@pytest.mark.parametrize("ending", ["no_reply_needed", "foi"])
def test_everything_is_as_it_was_before_with_its_clocks_and_suggestions(
    deliver: Callable[..., Receipt], clerk: Viewer, services: Services, go_on: Fresh, ending: str
) -> None:
    came = services.now() - timedelta(days=30)
    item = go_on(deliver(LETTER, received_at=came).item_id)
    before = waiting(clerk, services)[0]
    clocks_before = running(item, services)
    late = count(clerk, services)
    assert before["suggestion"] is not None
    assert (before["late"], late.late) == (True, 1)
    case_type = no_reply_reasons(services)[0].case_type if ending == "no_reply_needed" else ending
    settle(item.id, case_type, clerk, services)
    go_on(item.id)
    assert running(item, services) != clocks_before
    undo_decision(item.id, clerk, services)
    after = waiting(clerk, services)[0]
    ours = {"cause", "cause_in_words", "problem", "run"}
    assert {name: after[name] for name in after if name not in ours} == {
        name: before[name] for name in before if name not in ours
    }
    assert running(item, services) == clocks_before
    assert count(clerk, services) == late


def running(item: Item, services: Services) -> list[tuple[str, datetime, datetime | None]]:
    with services.records.look() as session:
        case = session.get_one(Item, item.id).case
        assert case is not None
        return [(clock.name, clock.due_at, clock.met_at) for clock in running_clocks(case)]


def test_undoing_twice_is_done_once(
    unclear: Item, clerk: Viewer, services: Services, go_on: Fresh, fresh: Fresh
) -> None:
    settle(unclear.id, "foi", clerk, services)
    go_on(unclear.id)
    undo_decision(unclear.id, clerk, services)
    run = fresh(unclear.id).run
    assert "needs a person again" in undo_decision(unclear.id, clerk, services).sentence
    assert fresh(unclear.id).run == run


def test_after_ten_minutes_it_is_too_late(
    unclear: Item, clerk: Viewer, services: Services, go_on: Fresh, step: Callable[[timedelta], None]
) -> None:
    settle(unclear.id, "foi", clerk, services)
    go_on(unclear.id)
    step(timedelta(minutes=11))
    with pytest.raises(Refused, match="too late"):
        undo_decision(unclear.id, clerk, services)


def test_what_the_machine_decided_or_a_team_works_on_is_not_undone(
    settled: Item, unclear: Item, clerk: Viewer, pat: Viewer, services: Services, go_on: Fresh
) -> None:
    with pytest.raises(Refused, match="No person has decided"):
        undo_decision(settled.id, clerk, services)
    settle(unclear.id, "housing_repairs", clerk, services, team="housing")
    go_on(unclear.id)
    accept(unclear.id, pat, services)
    with pytest.raises(Refused, match="Ask them to return it"):
        undo_decision(unclear.id, clerk, services)


def test_what_somebody_else_has_gone_on_from_is_not_undone(
    unclear: Item, clerk: Viewer, named: Viewer, services: Services, go_on: Fresh, fresh: Fresh
) -> None:
    settle(unclear.id, "foi", clerk, services)
    go_on(unclear.id)
    correct(unclear.id, "phone", "01865 555123", named, services)
    with pytest.raises(Refused, match=f"has changed since you decided on it.*{named.name} corrected the phone"):
        undo_decision(unclear.id, clerk, services)
    assert fresh(unclear.id).settled
    assert "needs a person again" in undo_decision(unclear.id, named, services).sentence  # who decided nothing may


def test_a_message_that_has_gone_out_is_the_reason_that_is_told(
    deliver: Callable[..., Receipt], clerk: Viewer, services: Services, go_on: Fresh
) -> None:
    letter = go_on(deliver(LETTER, channel=Channel.EFORM, proven_sender="ann@example.org").item_id)
    settle(letter.id, "council_tax_refund", clerk, services)
    go_on(letter.id)
    with services.records.work() as session:
        message = acknowledgement_of(session, letter.id)
        assert message is not None
        message.state = "sent"
        session.commit()
    with pytest.raises(Refused, match="the message to its sender has gone out"):
        undo_decision(letter.id, clerk, services)
