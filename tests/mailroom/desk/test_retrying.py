"""Trying an exception again, from where and by whom."""

from collections.abc import Callable

import pytest
from sample_letters import pdf_of

from mailroom.desk.acting import Refused
from mailroom.desk.audit import NotThere
from mailroom.desk.correcting import correct
from mailroom.desk.post_room import mark_sensitive, settle
from mailroom.desk.retrying import STAGES, retry
from mailroom.desk.returning import return_item
from mailroom.desk.searching import find_items
from mailroom.domain.access import Viewer
from mailroom.domain.capture import Hints, Receipt
from mailroom.domain.errors import Cause
from mailroom.journey.set_aside import set_aside
from mailroom.records.tables import Item
from mailroom.services import Services

Fresh = Callable[[str], Item]


@pytest.fixture
def given_up(deliver: Callable[..., Receipt], go_on: Fresh, travel: Callable[..., Item], services: Services) -> Fresh:
    """Delivers a clear letter that was set aside at a stage by chance."""

    def at(stage: str) -> Item:
        item = travel(deliver(pdf_of("Council tax refund\n\nPlease refund my council tax.")).item_id, until=stage)
        set_aside(item.id, stage, item.run, Cause.TOO_SLOW, "It took too long.", services)
        return go_on(item.id)

    return at


@pytest.mark.parametrize("stage", STAGES)
def test_what_failed_by_chance_goes_through_from_the_stage_that_gave_it_up(
    stage: str, given_up: Fresh, clerk: Viewer, services: Services, go_on: Fresh, events: Callable[[str], list[str]]
) -> None:
    before = given_up(stage)
    assert before.state == "exception"
    done = retry(before.reference, clerk, services)
    assert done.facts["stage"] == stage
    item = go_on(before.id)
    assert (item.state, item.team, item.case_id) == ("captured", "revenues", before.case_id)
    assert item.case is not None
    assert (item.case.case_type, item.cause, item.problem) == ("council_tax_refund", None, None)
    assert "retried" in events(item.id)


@pytest.mark.parametrize("stage", STAGES)
def test_a_person_may_choose_the_stage(
    stage: str, unclear: Item, clerk: Viewer, services: Services, fresh: Fresh, go_on: Fresh
) -> None:
    retry(unclear.id, clerk, services, stage)
    assert (fresh(unclear.id).next_stage, fresh(unclear.id).state) == (stage, "waiting")
    assert go_on(unclear.id).state == "exception"


def test_what_is_not_mended_is_the_same_exception_again(
    deliver: Callable[..., Receipt], clerk: Viewer, services: Services, go_on: Fresh
) -> None:
    before = go_on(deliver(b"").item_id)
    retry(before.id, clerk, services)
    item = go_on(before.id)
    assert (item.state, item.cause, item.problem) == ("exception", before.cause, before.problem)


@pytest.mark.parametrize("stage", ["open_case", "hand_over", "nowhere", ""])
def test_nothing_starts_again_from_anywhere_else(
    stage: str, unclear: Item, clerk: Viewer, services: Services, fresh: Fresh
) -> None:
    with pytest.raises(Refused, match="Nothing starts again"):
        retry(unclear.id, clerk, services, stage)
    assert fresh(unclear.id).run == unclear.run


def test_what_is_no_exception_or_under_way_is_left_alone(
    settled: Item, unclear: Item, clerk: Viewer, named: Viewer, services: Services
) -> None:
    with pytest.raises(Refused, match="is no exception"):
        retry(settled.id, clerk, services)
    retry(unclear.id, clerk, services)
    with pytest.raises(Refused, match="still being read"):
        retry(unclear.id, named, services)


def test_asking_twice_tries_it_again_once(unclear: Item, named: Viewer, services: Services, fresh: Fresh) -> None:
    retry(unclear.id, named, services, expected_run=unclear.run)
    again = retry(unclear.id, named, services, expected_run=unclear.run)
    assert "already" in again.sentence
    assert fresh(unclear.id).run == unclear.run + 1


def test_the_work_of_a_person_is_not_thrown_away(
    unclear: Item, clerk: Viewer, services: Services, go_on: Fresh
) -> None:
    correct(unclear.id, "sender_name", "Rhys Evans", clerk, services)
    go_on(unclear.id)
    with pytest.raises(Refused, match="worked on by a person"):
        retry(unclear.id, clerk, services)
    settle(unclear.id, "housing_tenancy", clerk, services)
    with pytest.raises(Refused):
        retry(unclear.id, clerk, services)


def test_what_a_person_marked_or_a_team_returned_stays_what_it_is(
    unclear: Item, settled: Item, named: Viewer, sam: Viewer, services: Services
) -> None:
    mark_sensitive(unclear.id, named, services, reason="names a refuge")
    return_item(settled.id, "about rent", sam, services)
    for item in (unclear, settled):
        with pytest.raises(Refused, match="worked on by a person"):
            retry(item.id, named, services)


def test_until_it_is_sorted_anew_only_those_named_see_it(
    unclear: Item, clerk: Viewer, named: Viewer, services: Services, go_on: Fresh
) -> None:
    retry(unclear.id, clerk, services, "read")
    assert find_items(unclear.reference, clerk, services) == []
    assert find_items(unclear.reference, named, services)
    go_on(unclear.id)
    assert find_items(unclear.reference, clerk, services)


def test_only_the_post_room_tries_again_and_only_what_it_may_see(
    deliver: Callable[..., Receipt], unclear: Item, sam: Viewer, clerk: Viewer, services: Services, go_on: Fresh
) -> None:
    with pytest.raises(Refused, match="Only the post room"):
        retry(unclear.id, sam, services)
    hidden = go_on(deliver(b"\x00\x01 no format", hints=Hints(case_type="safeguarding_child")).item_id)
    with pytest.raises(NotThere):
        retry(hidden.id, clerk, services)
