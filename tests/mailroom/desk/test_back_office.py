from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from mailroom.desk.accounts import Post, join, leave
from mailroom.desk.acting import Refused
from mailroom.desk.audit import NotThere
from mailroom.desk.back_office import accept, allocate, close_case, hold_reply
from mailroom.desk.case_page import open_case_page
from mailroom.desk.correcting import correct
from mailroom.desk.post_room import settle
from mailroom.desk.returning import return_item
from mailroom.desk.team_queue import whole_queue
from mailroom.domain.access import Role, Viewer
from mailroom.domain.capture import Receipt
from mailroom.records.tables import Clock, Item
from mailroom.services import Services

BOSS = Viewer("boss", frozenset({Role.ADMINISTRATOR}))
Fresh = Callable[[str], Item]
Kinds = Callable[[str], list[str]]


def running(item: Item) -> dict[str, Clock]:
    assert item.case is not None
    return {clock.name: clock for clock in item.case.clocks if clock.replaced_at is None}


def test_the_queue_shows_what_is_due_first_on_top(
    settled: Item, deliver: Callable[..., Receipt], go_on: Fresh, sam: Viewer, services: Services
) -> None:
    older = datetime(2026, 11, 12, 9, 0, tzinfo=UTC)
    earlier = go_on(deliver(b"Council tax refund\n\nPlease refund my council tax.", received_at=older).item_id)
    lines = whole_queue("revenues", sam, services)
    assert [line["reference"] for line in lines] == [earlier.reference, settled.reference]
    assert [line["late"] for line in lines] == [True, False]
    assert lines[0]["age_days"] == 4
    assert lines[1]["from"] == "Jane Pemberton"


def test_a_queue_is_for_those_who_work_there(
    settled: Item, sam: Viewer, pat: Viewer, clerk: Viewer, services: Services
) -> None:
    assert len(whole_queue("revenues", clerk, services)) == len(whole_queue("revenues", sam, services)) == 1
    with pytest.raises(Refused, match="Only those who work in"):
        whole_queue("revenues", pat, services)
    with pytest.raises(Refused, match="no team"):
        whole_queue("nowhere", clerk, services)
    with pytest.raises(Refused, match="Only those who work in"):
        whole_queue("revenues", Viewer("mo", frozenset({Role.MANAGER}), frozenset({"revenues"})), services)


def test_accepting_meets_the_hand_off_clock_and_names_the_owner(
    settled: Item, sam: Viewer, services: Services, fresh: Fresh, events: Kinds
) -> None:
    accept(settled.id, sam, services, officer="sam")
    item = fresh(settled.id)
    assert item.case is not None
    assert item.case.owner == "sam"
    assert running(item)["hand_off_one_working_day"].met_at == services.now()
    assert running(item)["full_reply_10wd"].met_at is None
    assert "accepted" in events(item.id)


def test_accepting_twice_changes_nothing(
    settled: Item, sam: Viewer, services: Services, step: Callable[[timedelta], None], fresh: Fresh, events: Kinds
) -> None:
    accept(settled.id, sam, services)
    first = services.now()
    step(timedelta(hours=1))
    assert "already" in accept(settled.id, sam, services, officer="jo").sentence
    item = fresh(settled.id)
    assert item.case is not None
    assert item.case.owner == "team:revenues"
    assert running(item)["hand_off_one_working_day"].met_at == first
    assert events(item.id).count("accepted") == 1


def test_another_team_cannot_accept(settled: Item, pat: Viewer, services: Services) -> None:
    with pytest.raises(NotThere):
        accept(settled.id, pat, services)


def test_an_auditor_who_also_works_elsewhere_cannot_accept_for_a_team(settled: Item, services: Services) -> None:
    both = Viewer("bo", frozenset({Role.AUDITOR, Role.BACK_OFFICE}), frozenset({"housing"}))
    with pytest.raises(Refused, match="Only those who work in"):
        accept(settled.id, both, services)


@pytest.fixture
def people(services: Services) -> None:
    """Two in Revenues, and one in Housing; somebody has left Revenues."""
    in_teams = {
        "jo": ("Jo Finch", "revenues"),
        "sam": ("Sam", "revenues"),
        "pat": ("Pat", "housing"),
        "ex": ("Ex", "revenues"),
    }
    for name, (known_as, team) in in_teams.items():
        join(name, known_as, Post(frozenset({Role.BACK_OFFICE}), frozenset({team})), BOSS, services)
    leave("ex", BOSS, services)


@pytest.mark.usefixtures("people")
@pytest.mark.parametrize("written", ["jo", "JO", " jo finch "])
def test_an_officer_is_named_by_account_or_as_colleagues_know_them(
    written: str, settled: Item, sam: Viewer, services: Services
) -> None:
    assert allocate(settled.id, written, sam, services).facts["owner"] == "jo"


@pytest.mark.usefixtures("people")
@pytest.mark.parametrize("written", ["joe", "pat", "ex", "team:housing"])
def test_whoever_does_not_work_in_the_team_gets_no_case_and_those_who_do_are_named(
    written: str, settled: Item, sam: Viewer, services: Services, fresh: Fresh
) -> None:
    with pytest.raises(Refused, match=r"no '.*' in Revenues.*: jo \(Jo Finch\), sam\."):
        allocate(settled.id, written, sam, services)
    item = fresh(settled.id)
    assert item.case is not None
    assert item.case.owner == "team:revenues"
    assert [name for name, _ in open_case_page(settled.id, sam, services).officers] == ["jo", "sam"]


@pytest.mark.usefixtures("people")
def test_allocating_gives_the_case_to_an_officer(settled: Item, sam: Viewer, services: Services, fresh: Fresh) -> None:
    allocate(settled.id, "jo", sam, services)
    item = fresh(settled.id)
    assert item.case is not None
    assert item.case.owner == "jo"
    assert running(item)["hand_off_one_working_day"].met_at is not None
    assert "already" in allocate(settled.id, "jo", sam, services).sentence
    with pytest.raises(Refused, match="Name the officer"):
        allocate(settled.id, " ", sam, services)


def test_the_officer_keeps_the_case_when_index_data_is_corrected(
    settled: Item, sam: Viewer, services: Services, go_on: Fresh
) -> None:
    accept(settled.id, sam, services, officer="sam")
    correct(settled.id, "sender_name", "Jane Pemberton-Hall", sam, services)
    item = go_on(settled.id)
    assert item.case is not None
    assert (item.state, item.case.owner) == ("captured", "sam")
    assert whole_queue("revenues", sam, services)[0]["state"] == "accepted"


def test_returning_gives_it_to_the_post_room_with_its_clocks_running(
    settled: Item, sam: Viewer, clerk: Viewer, services: Services, fresh: Fresh, go_on: Fresh
) -> None:
    accept(settled.id, sam, services, officer="sam")
    return_item(settled.id, "not ours, it is about rent", sam, services)
    item = fresh(settled.id)
    assert (item.state, item.cause, item.team) == ("exception", "returned", None)
    assert item.problem == "Revenues returned it: not ours, it is about rent"
    assert item.case is not None
    assert item.case.owner == "team:post_room"
    assert running(item)["hand_off_one_working_day"].met_at is None
    assert whole_queue("revenues", sam, services) == []
    with pytest.raises(NotThere):
        return_item(settled.id, "again", sam, services)
    settle(item.id, "housing_tenancy", clerk, services)
    assert go_on(item.id).team == "housing"


def test_a_return_to_the_same_team_is_a_new_offer(
    settled: Item, sam: Viewer, clerk: Viewer, services: Services, go_on: Fresh
) -> None:
    return_item(settled.id, "unclear", sam, services)
    settle(settled.id, "council_tax_single_person_discount", clerk, services)
    go_on(settled.id)
    assert whole_queue("revenues", sam, services)[0]["state"] == "offered"


def test_a_return_needs_a_reason(settled: Item, sam: Viewer, services: Services) -> None:
    with pytest.raises(Refused, match="Say why"):
        return_item(settled.id, "  ", sam, services)


def test_closing_meets_the_clocks_at_the_moment_of_the_reply(
    settled: Item, sam: Viewer, services: Services, step: Callable[[timedelta], None], fresh: Fresh
) -> None:
    replied_at = services.now() + timedelta(hours=2)
    step(timedelta(days=3))
    close_case(settled.id, "discount granted", replied_at, sam, services)
    assert "already" in close_case(settled.id, "discount granted", replied_at, sam, services).sentence
    item = fresh(settled.id)
    assert item.case is not None
    assert (item.case.outcome, item.case.closed_at) == ("discount granted", replied_at)
    assert running(item)["full_reply_10wd"].met_at == replied_at
    assert running(item)["capture_one_working_day"].met_at == item.case.opened_at
    assert whole_queue("revenues", sam, services) == []


@pytest.mark.parametrize(("hours", "sentence"), [(1, "in the future"), (-1, "before the item came in")])
def test_a_reply_lies_between_receipt_and_now(
    hours: int, sentence: str, settled: Item, sam: Viewer, services: Services
) -> None:
    with pytest.raises(Refused, match=sentence):
        close_case(settled.id, "granted", services.now() + timedelta(hours=hours), sam, services)


def test_a_closed_case_is_not_closed_again_otherwise(settled: Item, sam: Viewer, services: Services) -> None:
    close_case(settled.id, "granted", services.now(), sam, services)
    with pytest.raises(Refused, match="closed already, as 'granted'"):
        close_case(settled.id, "refused", services.now(), sam, services)


def test_an_exception_is_not_closed(unclear: Item, clerk: Viewer, services: Services) -> None:
    with pytest.raises(Refused, match="must settle it first"):
        close_case(unclear.id, "done", services.now(), clerk, services)


def test_a_holding_reply_meets_its_clock_and_starts_the_promised_one(
    settled: Item, sam: Viewer, services: Services, fresh: Fresh
) -> None:
    hold_reply(settled.id, date(2026, 12, 11), sam, services)
    clocks = running(fresh(settled.id))
    assert clocks["holding_reply_10wd"].met_at == services.now()
    assert clocks["full_reply_10wd"].met_at is None
    assert clocks["promised_reply"].due_at == datetime(2026, 12, 11, 17, 0, tzinfo=UTC)
    assert "already" in hold_reply(settled.id, date(2026, 12, 11), sam, services).sentence


def test_a_promised_date_lives_through_a_correction_and_is_met_by_the_reply(
    settled: Item, sam: Viewer, services: Services, go_on: Fresh, fresh: Fresh
) -> None:
    hold_reply(settled.id, date(2026, 12, 11), sam, services)
    correct(settled.id, "sender_name", "Jane Hall", sam, services)
    item = go_on(settled.id)
    assert item.state == "captured"
    assert running(item)["promised_reply"].met_at is None
    close_case(settled.id, "granted", services.now(), sam, services)
    assert running(fresh(settled.id))["promised_reply"].met_at == services.now()


def test_a_new_promise_replaces_the_old_one_which_stays_in_history(
    settled: Item, sam: Viewer, services: Services, fresh: Fresh
) -> None:
    hold_reply(settled.id, date(2026, 12, 11), sam, services)
    hold_reply(settled.id, date(2026, 12, 18), sam, services)
    item = fresh(settled.id)
    assert item.case is not None
    promised = [clock for clock in item.case.clocks if clock.name == "promised_reply"]
    assert [clock.replaced_at is None for clock in promised] == [False, True]


def test_no_date_is_promised_that_has_passed(settled: Item, sam: Viewer, services: Services) -> None:
    with pytest.raises(Refused, match="has passed"):
        hold_reply(settled.id, date(2026, 11, 15), sam, services)


@pytest.mark.parametrize("role", [Role.AUDITOR, Role.MANAGER, Role.ADMINISTRATOR])
def test_only_the_desks_act(role: Role, settled: Item, services: Services) -> None:
    onlooker = Viewer("o", frozenset({role}), frozenset({"revenues"}), named_for_limited=True)
    acts: list[Callable[[], Any]] = [
        lambda: accept(settled.id, onlooker, services),
        lambda: allocate(settled.id, "jo", onlooker, services),
        lambda: return_item(settled.id, "r", onlooker, services),
        lambda: close_case(settled.id, "r", services.now(), onlooker, services),
        lambda: hold_reply(settled.id, date(2026, 12, 11), onlooker, services),
    ]
    for act in acts:
        with pytest.raises(Refused, match="Only the back office or the post room"):
            act()


def test_the_queue_says_of_how_many_originals_no_word_could_be_read(
    settled: Item, deliver: Callable[..., Receipt], go_on: Fresh, clerk: Viewer, services: Services
) -> None:
    locked = go_on(deliver(b"%PDF-1.7\nnot a document\n%%EOF\n").item_id)
    settle(locked.id, "council_tax_refund", clerk, services)
    go_on(locked.id)
    lines = {line["reference"]: line["without_words"] for line in whole_queue("revenues", clerk, services)}
    assert lines == {settled.reference: 0, locked.reference: 1}
