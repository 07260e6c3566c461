"""A message in a case: a person adds it, its team sees it once, and it goes where its case goes."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from email.message import EmailMessage

import pytest
from sample_letters import DISCOUNT

from mailroom.desk.acting import Refused
from mailroom.desk.adding import add, possible_cases
from mailroom.desk.audit import NotThere
from mailroom.desk.back_office import accept, close_case
from mailroom.desk.case_page import open_case_page
from mailroom.desk.item_page import open_item
from mailroom.desk.minding import bring_forward
from mailroom.desk.post_room import mark_sensitive, reroute, retake, settle
from mailroom.desk.returning import return_item
from mailroom.desk.team_queue import whole_queue
from mailroom.desk.timeline import timeline
from mailroom.desk.undoing import undo_decision
from mailroom.domain.access import Viewer
from mailroom.domain.capture import Channel, Receipt
from mailroom.domain.decision import Sensitivity
from mailroom.domain.items import ItemState
from mailroom.records.cases import MOVED
from mailroom.records.tables import Case, Item
from mailroom.records.team_lines import Show
from mailroom.services import Services

Deliver = Callable[..., Receipt]
GoOn = Callable[[str], Item]
Fresh = Callable[[str], Item]
Write = Callable[..., Item]
JANE, EVE = "jane@client.example", "eve@elsewhere.example"


@pytest.fixture
def write(deliver: Deliver, go_on: GoOn) -> Write:
    """Carries a mail through its journey."""

    def send(text: str, sender: str = JANE, subject: str = "Council tax") -> Item:
        mail = EmailMessage()
        mail["From"], mail["Subject"] = sender, subject
        mail.set_content(text)
        return go_on(deliver(mail.as_bytes(), channel=Channel.EMAIL, proven_sender=sender).item_id)

    return send


@pytest.fixture
def opened(write: Write) -> Item:
    """Jane's case, with Revenues."""
    return write(DISCOUNT.decode())


@pytest.fixture
def message(write: Write, opened: Item) -> Item:
    """A message of Jane's in her case, not seen yet."""
    item = write("Thank you. The lodger left in October.", subject=f"Re: {opened.reference}")
    assert (item.case_id, item.desk) == (opened.case_id, "revenues")
    return item


@pytest.fixture
def doubted(write: Write, opened: Item) -> Item:
    """A message from an address that the case does not know."""
    item = write("I write from my sister's computer. The lodger left in October.", EVE, f"Re: {opened.reference}")
    assert item.state is ItemState.EXCEPTION
    return item


def in_queue(viewer: Viewer, services: Services, show: Show = Show.OPEN) -> list[tuple[str, str | None]]:
    return sorted((line["reference"], line["message_in"]) for line in whole_queue("revenues", viewer, services, show))


def test_a_person_adds_what_the_machine_was_not_sure_of(
    doubted: Item, opened: Item, clerk: Viewer, sam: Viewer, go_on: GoOn, services: Services
) -> None:
    (offered,) = open_item(doubted.id, clerk, services).cases
    assert (offered.item, offered.reference) == (opened.id, opened.reference)
    assert offered.why == f"Its subject quotes {opened.reference} but does not know this sender."
    done = add(doubted.reference, offered.item, clerk, services, expected_run=doubted.run)
    assert done.facts == {"case": opened.reference}
    item = go_on(doubted.id)
    assert (item.state, item.case_id, item.team) == (ItemState.CAPTURED, opened.case_id, "revenues")
    with services.records.look() as session:
        own = session.query(Case).filter_by(opened_for=item.id).one()
        assert (own.outcome, own.closed_at is not None) == (MOVED, True)
    assert in_queue(sam, services) == [(opened.reference, None), (item.reference, opened.reference)]
    assert add(doubted.id, opened.reference, clerk, services).sentence.endswith("already.")


def test_from_then_on_the_case_knows_that_address(
    doubted: Item, opened: Item, clerk: Viewer, go_on: GoOn, write: Write, services: Services
) -> None:
    add(doubted.id, opened.id, clerk, services)
    go_on(doubted.id)
    assert write("And the key is with the neighbour.", EVE, opened.reference).case_id == opened.case_id


def test_adding_can_be_undone_and_the_case_that_it_had_goes_on(
    doubted: Item, opened: Item, clerk: Viewer, go_on: GoOn, services: Services
) -> None:
    before = (doubted.case_id, doubted.due_at)
    add(doubted.id, opened.id, clerk, services)
    go_on(doubted.id)
    undo_decision(doubted.id, clerk, services)
    item = go_on(doubted.id)
    assert (item.state, item.case_id, item.due_at) == (ItemState.EXCEPTION, *before)
    assert item.case is not None
    assert item.case.closed_at is None
    assert open_item(item.id, clerk, services).cases[0].reference == opened.reference


def test_what_cannot_be_added_says_why(
    doubted: Item, opened: Item, unclear: Item, clerk: Viewer, sam: Viewer, services: Services
) -> None:
    with pytest.raises(Refused, match="itself"):
        add(doubted.id, doubted.id, clerk, services)
    with pytest.raises(Refused, match="not settled yet"):
        add(doubted.id, unclear.id, clerk, services)
    with pytest.raises(NotThere):
        add(doubted.id, "HD-26-999999-X", clerk, services)
    with pytest.raises(Refused, match="Only the post room"):
        add(opened.id, opened.id, sam, services)
    accept(opened.id, sam, services)
    close_case(opened.id, "granted", services.now(), sam, services)
    with pytest.raises(Refused, match="is closed"):
        add(doubted.id, opened.id, clerk, services)


def test_a_case_that_somebody_may_not_see_is_not_offered(
    doubted: Item, opened: Item, clerk: Viewer, named: Viewer, services: Services
) -> None:
    mark_sensitive(opened.id, named, services, reason="may concern somebody at risk")
    with services.records.look() as session:
        item = session.get_one(Item, doubted.id)
        assert possible_cases(session, item, clerk, services) == []
        assert [case.item for case in possible_cases(session, item, named, services)] == [opened.id]
    with pytest.raises(NotThere):
        add(doubted.id, opened.id, clerk, services)


def test_a_message_is_seen_once_and_whoever_has_the_case_keeps_it(
    message: Item, opened: Item, sam: Viewer, fresh: Fresh, services: Services
) -> None:
    accept(opened.id, sam, services, officer="sam")
    assert in_queue(sam, services, Show.MINE) != []
    other = Viewer("alex", sam.roles, sam.teams)
    assert open_case_page(message.id, other, services).message_in == opened.id
    done = accept(message.id, other, services, officer="alex")
    assert done.facts["owner"] == "sam"
    assert in_queue(sam, services) == [(opened.reference, None)]
    assert fresh(message.id).desk is None
    story = [entry.sentence for entry in timeline(opened.id, sam, services)]
    assert f"Message added to {opened.reference}." in story
    assert f"Message {message.reference}: received." in story
    assert "The message was seen." in story


def test_a_message_that_nobody_has_seen_outlives_its_case(
    message: Item, opened: Item, sam: Viewer, services: Services
) -> None:
    accept(opened.id, sam, services)
    close_case(opened.id, "granted", services.now(), sam, services)
    assert in_queue(sam, services) == [(message.reference, opened.reference)]
    accept(message.id, sam, services)
    assert in_queue(sam, services) == []


def test_closing_from_the_message_closes_the_case(
    message: Item, opened: Item, sam: Viewer, fresh: Fresh, services: Services
) -> None:
    close_case(message.id, "granted", services.now(), sam, services)
    case = fresh(opened.id).case
    assert case is not None
    assert case.outcome == "granted"
    assert in_queue(sam, services) == []


def test_a_message_that_does_not_belong_is_returned_alone(
    message: Item, opened: Item, sam: Viewer, clerk: Viewer, go_on: GoOn, fresh: Fresh, services: Services
) -> None:
    return_item(message.id, "This is about another matter", sam, services)
    item = go_on(message.id)
    assert item.state is ItemState.EXCEPTION
    assert item.case_id not in (None, opened.case_id)
    assert item.has_deadline
    case = fresh(opened.id).case
    assert case is not None
    assert (case.team, case.owner, case.closed_at) == ("revenues", "team:revenues", None)
    settle(item.id, "council_tax_refund", clerk, services)
    assert go_on(item.id).case_id == item.case_id


def test_messages_follow_their_case_to_another_team(
    message: Item, opened: Item, clerk: Viewer, sam: Viewer, pat: Viewer, go_on: GoOn, services: Services
) -> None:
    reroute(opened.id, clerk, services, reason="It is about a council flat", team="housing")
    go_on(opened.id)
    go_on(message.id)
    assert in_queue(sam, services) == []
    lines = whole_queue("housing", pat, services)
    assert {line["reference"] for line in lines} == {opened.reference, message.reference}


def test_messages_wait_while_their_case_is_the_post_rooms(
    message: Item, opened: Item, clerk: Viewer, sam: Viewer, go_on: GoOn, services: Services
) -> None:
    return_item(opened.id, "Not ours", sam, services)
    go_on(opened.id)
    assert in_queue(sam, services) == []
    with pytest.raises(NotThere):
        open_case_page(message.id, sam, services)
    settle(opened.id, "council_tax_single_person_discount", clerk, services)
    go_on(opened.id)
    go_on(message.id)
    assert in_queue(sam, services) == [(opened.reference, None), (message.reference, opened.reference)]


def test_what_is_limited_hides_its_messages_in_the_same_commit(
    message: Item, opened: Item, clerk: Viewer, sam: Viewer, fresh: Fresh, services: Services
) -> None:
    mark_sensitive(opened.id, clerk, services, reason="may concern somebody at risk")
    assert fresh(message.id).sensitivity is Sensitivity.LIMITED
    assert in_queue(sam, services) == []


def test_a_message_wakes_a_case_that_was_put_off(
    opened: Item, write: Write, sam: Viewer, fresh: Fresh, services: Services
) -> None:
    accept(opened.id, sam, services)
    bring_forward(opened.id, services.now().date() + timedelta(days=9), "waits for the lease", sam, services)
    assert in_queue(sam, services) == []
    write("Here is what the lease says.", subject=opened.reference)
    assert {reference for reference, _ in in_queue(sam, services)} >= {opened.reference}
    case = fresh(opened.id).case
    assert case is not None
    assert isinstance(case.brought_forward_to, date)
    assert case.brought_forward_to <= services.now().date()


def clocks(item: Item) -> list[tuple[str, bool]]:
    assert item.case is not None
    return sorted((clock.name, clock.met_at is not None) for clock in item.case.clocks if clock.replaced_at is None)


def test_seeing_a_message_takes_no_case_on(
    message: Item, opened: Item, sam: Viewer, fresh: Fresh, services: Services
) -> None:
    before = clocks(opened)
    accept(message.id, sam, services, officer="sam")
    host = fresh(opened.id)
    assert host.case is not None
    assert (host.case.owner, clocks(host)) == ("team:revenues", before)


@pytest.mark.parametrize("act", ["return", "rescan", "reroute", "move"])
def test_what_is_done_with_a_message_leaves_its_case_as_it_was(
    message: Item, opened: Item, clerk: Viewer, sam: Viewer, write: Write, fresh: Fresh, services: Services, act: str
) -> None:
    accept(opened.id, sam, services, officer="sam")
    bring_forward(opened.id, services.now().date() + timedelta(days=9), "waits for the lease", sam, services)
    before = clocks(fresh(opened.id))
    if act == "return":
        return_item(message.id, "Another matter", sam, services)
    elif act == "rescan":
        retake(message.id, clerk, services)
    elif act == "reroute":
        reroute(message.id, clerk, services, reason="Another matter", team="housing")
    else:
        add(message.id, write(DISCOUNT.decode()).id, clerk, services)
    host = fresh(opened.id)
    assert host.case is not None
    assert (clocks(host), host.case.owner, host.case.closed_at) == (before, "sam", None)
    assert host.case.brought_forward_to == services.now().date() + timedelta(days=9)


def test_a_seen_message_that_becomes_work_of_its_own_is_offered_anew(
    message: Item, clerk: Viewer, sam: Viewer, go_on: GoOn, services: Services
) -> None:
    accept(message.id, sam, services)
    reroute(message.id, clerk, services, reason="It asks for a refund", case_type="council_tax_refund")
    item = go_on(message.id)
    assert item.desk == "revenues"
    assert accept(item.id, sam, services, officer="sam").facts["owner"] == "sam"


def test_a_message_in_a_case_that_ended_in_the_post_room_needs_a_person(
    message: Item, opened: Item, clerk: Viewer, go_on: GoOn, services: Services
) -> None:
    reroute(opened.id, clerk, services, reason="A road of the county", case_type="not_ours_highways")
    go_on(opened.id)
    item = go_on(message.id)
    assert (item.state, item.cause) == (ItemState.EXCEPTION, "which_case")
    assert opened.reference in (item.problem or "")
    settle(item.id, "council_tax_refund", clerk, services)
    item = go_on(item.id)
    assert (item.state, item.desk) == (ItemState.CAPTURED, "revenues")
    assert item.case_id != opened.case_id


def test_a_message_that_nobody_has_seen_is_not_put_off_with_its_case(
    message: Item, opened: Item, sam: Viewer, services: Services
) -> None:
    accept(opened.id, sam, services)
    bring_forward(opened.id, services.now().date() + timedelta(days=9), "waits for the lease", sam, services)
    assert in_queue(sam, services) == [(message.reference, opened.reference)]


def test_a_case_that_was_limited_by_a_slip_gives_its_messages_back(
    message: Item, opened: Item, named: Viewer, go_on: GoOn, fresh: Fresh, services: Services
) -> None:
    mark_sensitive(opened.id, named, services, reason="a slip")
    go_on(opened.id)
    settle(opened.id, "council_tax_single_person_discount", named, services)
    go_on(opened.id)
    assert fresh(message.id).sensitivity is Sensitivity.NORMAL


def test_who_saw_the_messages_of_a_limited_case_is_told(
    message: Item, opened: Item, named: Viewer, sam: Viewer, services: Services
) -> None:
    open_case_page(message.id, sam, services)
    done = mark_sensitive(opened.id, named, services, reason="may concern somebody at risk")
    assert [one["who"] for one in done.facts["seen_by"]] == ["sam"]
