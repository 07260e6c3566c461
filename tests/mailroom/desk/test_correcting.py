from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from mailroom.desk.acting import Refused
from mailroom.desk.correcting import confirm_received, correct, correct_received, dates_to_confirm
from mailroom.desk.deadlines import if_received
from mailroom.desk.searching import find_items
from mailroom.domain.access import Viewer
from mailroom.domain.capture import Receipt
from mailroom.domain.sla import due_at
from mailroom.records.tables import Acknowledgement, Item
from mailroom.services import Services

Fresh = Callable[[str], Item]
Changes = Callable[[str], list[dict[str, Any]]]

FRIDAY = datetime(2026, 11, 13, 12, 0, tzinfo=UTC)


def due(item: Item) -> dict[str, datetime]:
    assert item.case is not None
    return {clock.name: clock.due_at for clock in item.case.clocks if clock.replaced_at is None}


def test_a_correction_is_kept_with_what_it_replaced_and_reaches_the_release(
    settled: Item, clerk: Viewer, services: Services, go_on: Fresh, corrections: Changes
) -> None:
    correct(settled.id, "council_tax_account", "7120 4456", clerk, services, reason="misread")
    item = go_on(settled.id)
    field = next(field for field in item.documents[0].fields if field.name == "council_tax_account")
    assert (field.value, field.source, field.confidence) == ("71204456", "person", 1.0)
    change = {"what": "council_tax_account", "old": "71204455", "new": "71204456", "by": "kim"}
    assert corrections(item.id) == [change]
    released = services.settings.data / services.settings.release.path / "revenues" / item.reference / "index.csv"
    assert "71204456" in released.read_text(encoding="utf-8-sig")
    assert find_items("71204456", clerk, services)


def test_correcting_twice_starts_one_run(settled: Item, clerk: Viewer, services: Services, fresh: Fresh) -> None:
    correct(settled.id, "sender_name", "Jane Hall", clerk, services)
    assert "already" in correct(settled.id, "sender_name", "Jane  Hall", clerk, services).sentence
    assert fresh(settled.id).run == settled.run + 1


def test_an_empty_value_takes_the_field_out(
    settled: Item, clerk: Viewer, services: Services, go_on: Fresh, corrections: Changes
) -> None:
    correct(settled.id, "sender_name", "", clerk, services)
    names = [field.name for field in go_on(settled.id).documents[0].fields]
    assert "sender_name" not in names
    assert corrections(settled.id)[0]["new"] == ""


def test_an_exception_stays_one_when_its_index_data_is_corrected(
    unclear: Item, clerk: Viewer, services: Services, go_on: Fresh
) -> None:
    correct(unclear.id, "sender_postcode", "hd7 4qt", clerk, services)
    item = go_on(unclear.id)
    assert (item.state, item.cause, item.problem) == ("exception", unclear.cause, unclear.problem)


def test_a_correction_of_what_has_changed_meanwhile_is_refused(
    settled: Item, clerk: Viewer, services: Services
) -> None:
    correct(settled.id, "sender_name", "Jane Hall", clerk, services, expected_run=settled.run)
    with pytest.raises(Refused, match="has changed since"):
        correct(settled.id, "sender_postcode", "HD7 4QU", clerk, services, expected_run=settled.run)


def test_an_earlier_date_of_receipt_takes_effect_at_once_and_all_clocks_follow(
    settled: Item, clerk: Viewer, services: Services, go_on: Fresh, corrections: Changes
) -> None:
    before = due(settled)
    done = correct_received(settled.id, FRIDAY, clerk, services, reason="stamped on the envelope")
    assert done.facts["takes_effect"] is True
    item = go_on(settled.id)
    assert (item.received_at, item.receipt_assumed, item.state) == (FRIDAY, False, "captured")
    rule = services.catalogue.clocks["full_reply_10wd"]
    assert due(item)["full_reply_10wd"] == due_at(rule, FRIDAY, services.calendars) < before["full_reply_10wd"]
    assert corrections(item.id)[0]["old"] == settled.received_at.isoformat()
    assert item.case is not None
    assert {clock.due_at for clock in item.case.clocks if clock.replaced_at} == set(before.values())


def test_every_clock_and_queue_has_moved_in_the_commit_that_sets_an_earlier_date(
    settled: Item, clerk: Viewer, services: Services, fresh: Fresh, go_on: Fresh
) -> None:
    shown = if_received(settled.id, FRIDAY, clerk, services)
    correct_received(settled.id, FRIDAY, clerk, services, reason="stamped", expected_run=shown.run)
    item = fresh(settled.id)
    rules = services.catalogue.clocks
    assert due(item) == {name: due_at(rules[name], FRIDAY, services.calendars) for name in due(item)}
    assert {rules[name].title: at for name, at in due(item).items()} == {one.title: one.then for one in shown.deadlines}
    assert [one.now for one in shown.deadlines] == sorted(due(settled).values())
    assert item.case is not None
    assert item.due_at == min(clock.due_at for clock in item.case.clocks if not clock.replaced_at and not clock.met_at)
    assert item.due_at < settled.due_at
    assert due(go_on(settled.id)) == due(item)


def test_a_clock_that_was_met_stays_met_when_the_date_moves(
    settled: Item, clerk: Viewer, services: Services, fresh: Fresh
) -> None:
    correct_received(settled.id, FRIDAY, clerk, services, reason="stamped")
    item = fresh(settled.id)
    assert item.case is not None
    met = {clock.name for clock in item.case.clocks if clock.met_at and not clock.replaced_at}
    assert "capture_one_working_day" in met


def test_to_look_at_what_a_date_would_change_changes_nothing(
    settled: Item, clerk: Viewer, services: Services, fresh: Fresh
) -> None:
    shown = if_received(settled.id, FRIDAY, clerk, services)
    assert (shown.old, shown.new, shown.later) == (settled.received_at, FRIDAY, False)
    assert (fresh(settled.id).received_at, due(fresh(settled.id))) == (settled.received_at, due(settled))
    with pytest.raises(Refused, match="was in the mailroom at"):
        if_received(settled.id, services.now() + timedelta(days=1), clerk, services)


def test_the_message_that_waits_names_the_corrected_date(
    settled: Item, clerk: Viewer, services: Services, go_on: Fresh
) -> None:
    correct_received(settled.id, FRIDAY, clerk, services, reason="stamped")
    go_on(settled.id)
    with services.records.look() as session:
        row = session.scalars(select(Acknowledgement).where(Acknowledgement.item_id == settled.id)).one()
        assert "Friday 13 November 2026" in row.text


@pytest.fixture
def backdated(deliver: Callable[..., Receipt], go_on: Fresh) -> Item:
    """A letter put down as received on the Friday before it was taken in."""
    return go_on(deliver(b"Council tax refund\n\nPlease refund my council tax.", received_at=FRIDAY).item_id)


def test_a_later_date_waits_for_a_second_person(
    backdated: Item, clerk: Viewer, named: Viewer, services: Services, go_on: Fresh, fresh: Fresh
) -> None:
    later = FRIDAY + timedelta(days=2)
    done = correct_received(backdated.id, later, clerk, services, reason="the tray of Sunday")
    number = done.facts["correction"]
    assert fresh(backdated.id).received_at == FRIDAY
    with pytest.raises(Refused, match="Somebody other"):
        confirm_received(number, clerk, services)
    (waiting,) = dates_to_confirm(named, services)
    assert waiting["correction"] == number
    assert due(fresh(backdated.id)) == due(backdated)
    confirm_received(number, named, services)
    moved = {at.isoformat() for name, at in due(fresh(backdated.id)).items() if at != due(backdated)[name]}
    assert moved
    assert {one["then"] for one in waiting["deadlines"]} == moved
    assert "already" in confirm_received(number, named, services).sentence
    item = go_on(backdated.id)
    assert item.received_at == later
    assert due(item)["full_reply_10wd"] > due(backdated)["full_reply_10wd"]
    assert dates_to_confirm(named, services) == []


def test_the_same_later_date_waits_once(backdated: Item, clerk: Viewer, services: Services) -> None:
    later = FRIDAY + timedelta(days=2)
    first = correct_received(backdated.id, later, clerk, services, reason="r")
    second = correct_received(backdated.id, later, clerk, services, reason="r")
    assert first.facts["correction"] == second.facts["correction"]


def test_a_later_date_that_has_been_overtaken_is_not_confirmed(
    backdated: Item, clerk: Viewer, named: Viewer, services: Services
) -> None:
    number = correct_received(backdated.id, FRIDAY + timedelta(days=2), clerk, services, reason="r").facts["correction"]
    correct_received(backdated.id, FRIDAY - timedelta(days=1), clerk, services, reason="r")
    with pytest.raises(Refused, match="changed since"):
        confirm_received(number, named, services)


def test_nothing_is_received_on_a_day_after_it_was_taken_in(settled: Item, clerk: Viewer, services: Services) -> None:
    with pytest.raises(Refused, match="was in the mailroom at"):
        correct_received(settled.id, services.now() + timedelta(days=1), clerk, services, reason="r")


def test_noon_of_the_day_on_which_it_was_taken_in_is_at_the_latest_that_moment(
    backdated: Item, clerk: Viewer, named: Viewer, services: Services, go_on: Fresh
) -> None:
    noon = services.now().replace(hour=12)
    assert noon > backdated.taken_at
    done = correct_received(backdated.id, noon, clerk, services, reason="it came today")
    confirm_received(done.facts["correction"], named, services)
    assert go_on(backdated.id).received_at == backdated.taken_at


@pytest.mark.parametrize("year", [1, 26, 1926, 2002])
def test_a_year_that_is_a_slip_is_refused(
    year: int, settled: Item, clerk: Viewer, services: Services, fresh: Fresh
) -> None:
    with pytest.raises(Refused, match="Correct the year"):
        correct_received(settled.id, FRIDAY.replace(year=year), clerk, services, reason="r")
    assert fresh(settled.id).received_at == settled.received_at


def test_the_last_year_that_there_is_is_refused_as_well(settled: Item, clerk: Viewer, services: Services) -> None:
    with pytest.raises(Refused, match="was in the mailroom at"):
        correct_received(settled.id, FRIDAY.replace(year=9999), clerk, services, reason="r")


def test_a_date_needs_a_reason(settled: Item, clerk: Viewer, services: Services) -> None:
    with pytest.raises(Refused, match="Say why"):
        correct_received(settled.id, FRIDAY, clerk, services, reason=" ")


def test_a_number_under_which_nothing_waits_is_refused(settled: Item, clerk: Viewer, services: Services) -> None:
    correct(settled.id, "sender_name", "Jane Hall", clerk, services)
    for number in (1, 99):
        with pytest.raises(Refused, match="No date of receipt waits"):
            confirm_received(number, clerk, services)


def test_dates_of_limited_items_wait_out_of_sight(
    deliver: Callable[..., Receipt], go_on: Fresh, clerk: Viewer, sam: Viewer, named: Viewer, services: Services
) -> None:
    text = b"Safeguarding concern\n\nThe child next door has bruises, is hit by his stepfather and is at risk of harm."
    item = go_on(deliver(text, received_at=FRIDAY).item_id)
    correct_received(item.id, FRIDAY + timedelta(days=1), named, services, reason="r")
    assert dates_to_confirm(clerk, services) == []
    (waiting,) = dates_to_confirm(named, services)
    answers = []
    for viewer in (clerk, sam):
        for number in (waiting["correction"], 99):
            with pytest.raises(Refused) as refused:
                confirm_received(number, viewer, services)
            answers.append(str(refused.value).replace(str(number), "N"))
    assert len(set(answers)) == 1
