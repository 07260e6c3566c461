from collections.abc import Callable
from datetime import timedelta

import pytest

from mailroom.desk.acting import Refused
from mailroom.desk.audit import NotThere, show_item
from mailroom.desk.back_office import accept
from mailroom.desk.correcting import correct
from mailroom.desk.joining import join
from mailroom.desk.post_room import mark_sensitive, retake, settle
from mailroom.desk.searching import find_items
from mailroom.desk.taking import next_for
from mailroom.desk.team_queue import whole_queue
from mailroom.domain.access import Viewer
from mailroom.domain.capture import Channel, Receipt
from mailroom.duties.reconcile import reconcile
from mailroom.records.tables import Item
from mailroom.services import Services

Fresh = Callable[[str], Item]
Kinds = Callable[[str], list[str]]
Step = Callable[[timedelta], None]

PAGE_TWO = b"Page two\n\nThe payslips are enclosed with my council tax refund."


@pytest.fixture
def page_two(deliver: Callable[..., Receipt], go_on: Fresh, unclear: Item, settled: Item, step: Step) -> Item:
    """What belongs to one of the two letters and came a minute after them."""
    step(timedelta(minutes=1))
    return go_on(deliver(PAGE_TWO).item_id)


def test_documents_and_originals_move_and_the_count_goes_down_by_one(
    page_two: Item, unclear: Item, clerk: Viewer, services: Services, fresh: Fresh, events: Kinds
) -> None:
    before = reconcile(services)["channels"]["post"]["received"]
    digests = [unclear.originals[0].sha256, page_two.originals[0].sha256]
    join(page_two.reference, unclear.reference, clerk, services)
    into, gone = fresh(unclear.id), fresh(page_two.id)
    assert [original.sha256 for original in into.originals] == digests
    assert [(document.ordinal, document.original.sha256) for document in into.documents] == list(enumerate(digests, 1))
    assert (gone.state, gone.next_stage, gone.originals, gone.documents) == ("joined", None, [], [])
    assert reconcile(services)["channels"]["post"]["received"] == before - 1
    assert events(gone.id)[-2:] == ["joined_into", "release_withdrawn"]
    assert "joined" in events(into.id)


def test_what_the_machine_sorted_is_sorted_anew_with_all_the_words(
    page_two: Item, unclear: Item, clerk: Viewer, services: Services, fresh: Fresh, go_on: Fresh
) -> None:
    join(page_two.id, unclear.id, clerk, services)
    assert fresh(unclear.id).next_stage == "classify"
    item = go_on(unclear.id)
    assert item.next_stage is None
    assert [found["item"] for found in find_items("payslips", clerk, services)] == [item.id]


def test_what_a_team_was_offered_is_taken_back_until_it_is_sorted_anew(
    deliver: Callable[..., Receipt], settled: Item, clerk: Viewer, services: Services, go_on: Fresh, step: Step
) -> None:
    step(timedelta(minutes=1))
    more = go_on(deliver(b"Page two\n\nMy council tax account is in my name; I am the only adult.").item_id)
    released = services.settings.data / services.settings.release.path / "revenues" / settled.reference
    join(more.id, settled.id, clerk, services)
    assert whole_queue("revenues", clerk, services) == []
    assert not released.exists()
    go_on(settled.id)
    assert [line["reference"] for line in whole_queue("revenues", clerk, services)] == [settled.reference]
    assert len(list(released.glob("*.txt"))) == 2


def test_what_a_person_decided_or_corrected_stands(
    page_two: Item, unclear: Item, clerk: Viewer, services: Services, go_on: Fresh
) -> None:
    settle(unclear.id, "housing_tenancy", clerk, services)
    correct(unclear.id, "sender_name", "Rhys Treharne-Jones", clerk, services)
    go_on(unclear.id)
    join(page_two.id, unclear.id, clerk, services)
    item = go_on(unclear.id)
    assert (item.state, item.team) == ("captured", "housing")
    assert show_item(item.id, clerk, "check", services)["sender"]["name"] == "Rhys Treharne-Jones"
    assert find_items("payslips", clerk, services)[0]["item"] == item.id


def test_the_case_of_the_joined_item_is_closed_and_meets_no_clock_by_it(
    page_two: Item, unclear: Item, clerk: Viewer, services: Services, fresh: Fresh
) -> None:
    join(page_two.id, unclear.id, clerk, services)
    case = fresh(page_two.id).case
    assert case is not None
    assert case.outcome == "joined"
    assert [clock.met_at for clock in case.clocks if clock.name == "full_reply_10wd"] == [None]


def test_a_new_scan_joins_the_item_that_asked_for_it(
    deliver: Callable[..., Receipt], go_on: Fresh, settled: Item, clerk: Viewer, services: Services, step: Step
) -> None:
    retake(settled.id, clerk, services)
    step(timedelta(hours=1))
    scan = go_on(deliver(PAGE_TWO).item_id)
    join(scan.id, settled.id, clerk, services)
    assert len(go_on(settled.id).originals) == 2


def test_an_item_that_waited_for_its_new_scan_is_offered_again_also_where_a_person_must_choose(
    page_two: Item, unclear: Item, clerk: Viewer, named: Viewer, services: Services, fresh: Fresh
) -> None:
    for item in (unclear, page_two):
        mark_sensitive(item.id, named, services, reason="r")
    retake(unclear.id, named, services)
    assert next_for(named, services).item is None
    join(page_two.id, unclear.id, named, services)
    assert (fresh(unclear.id).cause, next_for(named, services).item) == ("unsure", unclear.id)


def test_joining_twice_changes_nothing(page_two: Item, unclear: Item, clerk: Viewer, services: Services) -> None:
    join(page_two.id, unclear.id, clerk, services)
    assert "already" in join(page_two.id, unclear.id, clerk, services).sentence


def test_what_was_joined_can_be_acted_on_no_more(
    page_two: Item, unclear: Item, settled: Item, clerk: Viewer, services: Services, go_on: Fresh
) -> None:
    join(page_two.id, unclear.id, clerk, services)
    go_on(unclear.id)
    with pytest.raises(Refused, match="was joined to another item"):
        retake(page_two.id, clerk, services)
    with pytest.raises(Refused, match="was joined to another item"):
        join(page_two.id, settled.id, clerk, services)
    with pytest.raises(Refused, match="was joined to another item"):
        join(settled.id, page_two.id, clerk, services)


def test_an_item_is_not_joined_to_itself(unclear: Item, clerk: Viewer, services: Services) -> None:
    with pytest.raises(Refused, match="itself"):
        join(unclear.id, unclear.id, clerk, services)


def test_the_earlier_receipt_is_kept(page_two: Item, unclear: Item, clerk: Viewer, services: Services) -> None:
    with pytest.raises(Refused, match="the other way round"):
        join(unclear.id, page_two.id, clerk, services)


def test_items_of_two_channels_are_not_joined(
    deliver: Callable[..., Receipt], go_on: Fresh, unclear: Item, clerk: Viewer, services: Services, step: Step
) -> None:
    step(timedelta(minutes=1))
    fax = go_on(deliver(PAGE_TWO, channel=Channel.FAX).item_id)
    with pytest.raises(Refused, match="different channels"):
        join(fax.id, unclear.id, clerk, services)


def test_a_limited_item_is_not_joined_to_one_that_others_see(
    page_two: Item, unclear: Item, named: Viewer, clerk: Viewer, services: Services, go_on: Fresh
) -> None:
    mark_sensitive(page_two.id, named, services, reason="r")
    go_on(page_two.id)
    with pytest.raises(Refused, match="One of the two is limited-access"):
        join(page_two.id, unclear.id, named, services)
    with pytest.raises(NotThere):
        join(page_two.id, unclear.id, clerk, services)


def test_two_limited_items_stay_limited_when_they_are_joined(
    page_two: Item, unclear: Item, named: Viewer, services: Services, go_on: Fresh
) -> None:
    for item in (page_two, unclear):
        mark_sensitive(item.id, named, services, reason="r")
        go_on(item.id)
    join(page_two.id, unclear.id, named, services)
    joined = go_on(unclear.id)
    assert (joined.sensitivity, len(joined.documents)) == ("limited", 2)


def test_what_a_team_works_on_is_not_changed_under_its_hands(
    page_two: Item, settled: Item, clerk: Viewer, sam: Viewer, services: Services
) -> None:
    accept(settled.id, sam, services)
    with pytest.raises(Refused, match="Ask them to return it first"):
        join(page_two.id, settled.id, clerk, services)


def test_a_part_that_is_joined_stays_a_part_of_its_batch(
    page_two: Item, unclear: Item, settled: Item, clerk: Viewer, services: Services, fresh: Fresh
) -> None:
    with services.records.work() as session:
        session.get_one(Item, page_two.id).parent_id = settled.id
        session.commit()
    join(page_two.id, unclear.id, clerk, services)
    gone = fresh(page_two.id)
    assert (gone.parent_id, gone.joined_into) == (settled.id, unclear.id)
    assert "already" in join(page_two.id, unclear.id, clerk, services).sentence
