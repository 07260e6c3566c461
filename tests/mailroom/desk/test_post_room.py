from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from mailroom.desk.acting import Refused
from mailroom.desk.audit import NotThere, show_item
from mailroom.desk.back_office import accept, close_case
from mailroom.desk.item_view import cause_in_words
from mailroom.desk.naming import case_types, nearest
from mailroom.desk.post_room import mark_sensitive, reroute, retake, settle
from mailroom.desk.queues import waiting
from mailroom.desk.returning import return_item
from mailroom.desk.searching import find_items
from mailroom.desk.team_queue import whole_queue
from mailroom.domain.access import Role, Viewer
from mailroom.domain.capture import Receipt
from mailroom.domain.catalogue import UNSORTED
from mailroom.domain.errors import Cause, MailroomError
from mailroom.records.handoffs import last_handoff
from mailroom.records.tables import Item
from mailroom.services import Services

TWO_THINGS = b"""Dear Council

I should like a refund of my council tax, and a discount or exemption for the flat.

Yours faithfully

Peter Fenwick
"""

Fresh = Callable[[str], Item]
Kinds = Callable[[str], list[str]]
Changes = Callable[[str], list[dict[str, Any]]]


def clocks(item: Item) -> dict[str, Any]:
    assert item.case is not None
    return {clock.name: clock for clock in item.case.clocks if clock.replaced_at is None}


def test_settling_an_exception_opens_the_same_case_as_that_type_and_hands_it_over(
    unclear: Item, clerk: Viewer, services: Services, go_on: Fresh, events: Kinds
) -> None:
    done = settle(unclear.reference, "housing_benefit_evidence", clerk, services, reason="payslips enclosed")
    assert done.facts["team"] == "benefits"
    item = go_on(unclear.id)
    decision = item.documents[0].decisions[-1]
    assert (decision.decided_by, decision.actor, decision.confidence) == ("person", "kim", 1.0)
    assert (item.state, item.team, item.case_id) == ("captured", "benefits", unclear.case_id)
    assert item.cause is None
    assert item.case is not None
    assert item.case.owner == "team:benefits"
    assert [kind for kind in events(item.id) if kind == "case_opened"] == ["case_opened"] * 2


def test_settling_keeps_the_clocks_at_the_original_receipt(
    unclear: Item, clerk: Viewer, services: Services, go_on: Fresh, step: Callable[[timedelta], None]
) -> None:
    step(timedelta(days=3))
    settle(unclear.id, "foi", clerk, services)
    running = clocks(go_on(unclear.id))
    assert {clock.started_at for clock in running.values()} == {unclear.received_at}
    assert "foi_20wd" in running


def test_settling_twice_starts_one_run(unclear: Item, clerk: Viewer, services: Services, fresh: Fresh) -> None:
    settle(unclear.id, "foi", clerk, services)
    again = settle(unclear.id, "foi", clerk, services, expected_run=unclear.run)
    assert "already" in again.sentence
    assert fresh(unclear.id).run == unclear.run + 1


def test_two_clerks_who_disagree_do_not_write_over_each_other(
    unclear: Item, clerk: Viewer, named: Viewer, services: Services
) -> None:
    settle(unclear.id, "foi", clerk, services, expected_run=unclear.run)
    with pytest.raises(Refused, match="has changed since"):
        settle(unclear.id, "housing_repairs", named, services, expected_run=unclear.run)


@pytest.mark.parametrize("case_type", ["unsorted", "no_such_type", ""])
def test_an_item_is_settled_only_as_a_type_there_is(
    case_type: str, unclear: Item, clerk: Viewer, services: Services
) -> None:
    with pytest.raises(Refused, match="no case type"):
        settle(unclear.id, case_type, clerk, services)


def test_a_settled_item_is_rerouted_and_not_settled_again(settled: Item, clerk: Viewer, services: Services) -> None:
    with pytest.raises(Refused, match="Route it elsewhere"):
        settle(settled.id, "foi", clerk, services)


def test_not_ours_closes_the_case_with_a_signpost(
    unclear: Item, clerk: Viewer, services: Services, go_on: Fresh
) -> None:
    settle(unclear.id, "not_ours_buses", clerk, services)
    item = go_on(unclear.id)
    assert item.case is not None
    assert (item.state, item.case.outcome) == ("captured", "signposted")
    with services.records.look() as session:
        assert last_handoff(session, item.id) is None


def test_no_reply_needed_closes_the_case(unclear: Item, clerk: Viewer, services: Services, go_on: Fresh) -> None:
    settle(unclear.id, "circular", clerk, services)
    case = go_on(unclear.id).case
    assert case is not None
    assert case.outcome == "for information only"


def test_what_was_closed_by_mistake_runs_on_when_it_is_routed(
    unclear: Item, clerk: Viewer, services: Services, go_on: Fresh
) -> None:
    settle(unclear.id, "circular", clerk, services)
    go_on(unclear.id)
    reroute(unclear.id, clerk, services, reason="asks for a refund", case_type="council_tax_refund")
    item = go_on(unclear.id)
    assert item.case is not None
    assert item.case.closed_at is None
    assert clocks(item)["full_reply_10wd"].met_at is None


def test_settling_as_a_limited_type_takes_it_out_of_sight_and_says_who_had_it(
    unclear: Item, clerk: Viewer, named: Viewer, services: Services, go_on: Fresh
) -> None:
    show_item(unclear.id, clerk, "a look", services)
    done = settle(unclear.id, "domestic_abuse", clerk, services)
    assert [person["who"] for person in done.facts["seen_by"]] == ["kim"]
    with pytest.raises(NotThere):
        show_item(unclear.id, clerk, "another look", services)
    assert find_items("Treharne", clerk, services) == []
    assert go_on(unclear.id).sensitivity == "limited"
    assert find_items("Treharne", named, services)[0]["item"] == unclear.id


def test_only_a_named_person_settles_a_limited_item_and_may_make_it_a_normal_one(
    unclear: Item, clerk: Viewer, named: Viewer, services: Services, go_on: Fresh
) -> None:
    mark_sensitive(unclear.id, clerk, services, reason="mentions a refuge")
    with pytest.raises(NotThere):
        settle(unclear.id, "housing_benefit_evidence", clerk, services)
    settle(unclear.id, "housing_benefit_evidence", named, services)
    assert go_on(unclear.id).sensitivity == "normal"


def test_a_person_who_marked_too_much_can_be_put_right(
    settled: Item, clerk: Viewer, named: Viewer, services: Services, go_on: Fresh
) -> None:
    mark_sensitive(settled.id, clerk, services, reason="a slip")
    go_on(settled.id)
    settle(settled.id, "council_tax_single_person_discount", named, services)
    assert go_on(settled.id).sensitivity == "normal"


def test_rerouting_takes_it_from_the_team_with_its_files_and_offers_it_to_the_other(
    settled: Item, clerk: Viewer, sam: Viewer, pat: Viewer, services: Services, go_on: Fresh, corrections: Changes
) -> None:
    released = services.settings.data / services.settings.release.path / "revenues" / settled.reference
    assert released.is_dir()
    accept(settled.id, sam, services, officer="sam")
    reroute(settled.id, clerk, services, reason="about her tenancy", team="housing")
    assert not released.exists()
    item = go_on(settled.id)
    assert item.case is not None
    assert (item.team, item.case.team, item.case.owner) == ("housing", "housing", "team:housing")
    assert clocks(item)["hand_off_one_working_day"].met_at is None
    assert [line["reference"] for line in whole_queue("housing", pat, services)] == [item.reference]
    assert whole_queue("revenues", sam, services) == []
    assert corrections(item.id) == [{"what": "team", "old": "revenues", "new": "housing", "by": "kim"}]


def test_rerouting_there_and_back_offers_it_to_the_first_team_again(
    settled: Item, clerk: Viewer, sam: Viewer, services: Services, go_on: Fresh
) -> None:
    reroute(settled.id, clerk, services, reason="a slip", team="housing")
    reroute(settled.id, clerk, services, reason="back", team="revenues")
    go_on(settled.id)
    assert [line["state"] for line in whole_queue("revenues", sam, services)] == ["offered"]


def test_another_type_of_the_same_team_keeps_the_officer(
    settled: Item, clerk: Viewer, sam: Viewer, services: Services, go_on: Fresh
) -> None:
    accept(settled.id, sam, services, officer="sam")
    reroute(settled.id, clerk, services, reason="asks for money back", case_type="council_tax_refund")
    item = go_on(settled.id)
    assert item.case is not None
    assert (item.case.case_type, item.case.owner) == ("council_tax_refund", "sam")


def test_a_limited_item_stays_limited_wherever_it_is_routed_and_leaves_no_files_there(
    at_risk: Item, named: Viewer, pat: Viewer, services: Services, go_on: Fresh
) -> None:
    reroute(at_risk.id, named, services, reason="they house the family", team="housing")
    item = go_on(at_risk.id)
    assert (item.sensitivity, item.team) == ("limited", "housing")
    assert whole_queue("housing", pat, services) == []
    root = services.settings.data / services.settings.release.path
    assert list(root.rglob(f"*{item.reference}*")) == []


def test_rerouting_needs_a_settled_item_and_somewhere_to_go(
    unclear: Item, settled: Item, clerk: Viewer, services: Services
) -> None:
    with pytest.raises(Refused, match="settle it instead"):
        reroute(unclear.id, clerk, services, reason="r", team="housing")
    with pytest.raises(Refused, match="no team 'nowhere'"):
        reroute(settled.id, clerk, services, reason="r", team="nowhere")
    with pytest.raises(Refused, match="a team or a case type"):
        reroute(settled.id, clerk, services, reason="r")


def test_marking_an_item_sensitive_withdraws_it_and_names_who_had_it(
    settled: Item, clerk: Viewer, sam: Viewer, named: Viewer, services: Services, go_on: Fresh
) -> None:
    show_item(settled.id, sam, "my work", services)
    show_item(settled.id, sam, "my work", services)
    assert find_items("lodger", clerk, services)
    done = mark_sensitive(settled.id, sam, services, reason="names a refuge")
    assert [(person["who"], person["times"]) for person in done.facts["seen_by"]] == [("sam", 2)]
    assert done.facts["released"] == "withdrawn"
    for viewer in (clerk, sam):
        assert find_items("lodger", viewer, services) == []
        with pytest.raises(NotThere):
            show_item(settled.id, viewer, "a look", services)
    assert whole_queue("revenues", sam, services) == []
    assert find_items("lodger", named, services)
    item = go_on(settled.id)
    assert (item.sensitivity, item.settled) == ("limited", True)
    root = services.settings.data / services.settings.release.path
    assert list(root.rglob(f"*{item.reference}*")) == []


def test_marking_an_exception_leaves_it_an_exception(
    unclear: Item, clerk: Viewer, services: Services, go_on: Fresh
) -> None:
    mark_sensitive(unclear.id, clerk, services, reason="r")
    item = go_on(unclear.id)
    assert (item.state, item.cause, item.sensitivity) == ("exception", unclear.cause, "limited")


def test_asking_for_a_new_scan_makes_an_exception_whose_clocks_run_on(
    settled: Item, clerk: Viewer, services: Services, fresh: Fresh, events: Kinds
) -> None:
    retake(settled.id, clerk, services, reason="The second page is cut off.")
    again = retake(settled.id, clerk, services)
    assert "already" in again.sentence
    item = fresh(settled.id)
    assert (item.state, item.cause, item.settled) == ("exception", "new_scan", False)
    assert item.problem == "Scan the paper again and join the new item to this one. The second page is cut off."
    assert "full_reply_10wd" in clocks(item)
    assert events(item.id).count("rescan_asked") == 1


def test_no_new_scan_is_asked_for_what_a_team_works_on(
    settled: Item, clerk: Viewer, sam: Viewer, services: Services
) -> None:
    accept(settled.id, sam, services)
    with pytest.raises(Refused, match="Ask them to return it first"):
        retake(settled.id, clerk, services)


def test_an_item_on_its_way_is_left_to_the_machine(
    deliver: Callable[..., Any], travel: Callable[..., Item], named: Viewer, services: Services
) -> None:
    item = travel(deliver(b"Please repair my roof.").item_id, until="classify")
    acts: list[Callable[[], Any]] = [
        lambda: settle(item.id, "foi", named, services),
        lambda: mark_sensitive(item.id, named, services, reason="r"),
        lambda: retake(item.id, named, services),
    ]
    for act in acts:
        with pytest.raises(Refused, match="still being read"):
            act()
    travel(item.id)


def test_auditors_and_officers_do_not_settle(
    unclear: Item, settled: Item, auditor: Viewer, sam: Viewer, services: Services
) -> None:
    with pytest.raises(Refused, match="Only the post room"):
        settle(unclear.id, "foi", auditor, services)
    with pytest.raises(Refused, match="Only the post room"):
        reroute(settled.id, sam, services, reason="r", team="housing")


def test_what_is_not_there_and_what_is_not_theirs_get_the_same_answer(
    at_risk: Item, clerk: Viewer, services: Services
) -> None:
    answers = []
    for name in (at_risk.reference, "HD-26-999999-X"):
        with pytest.raises(NotThere) as answer:
            settle(name, "foi", clerk, services)
        answers.append(str(answer.value).replace(name, "..."))
    assert answers[0] == answers[1]


def test_a_case_that_an_officer_closed_is_reopened_by_a_new_route(
    settled: Item, clerk: Viewer, sam: Viewer, services: Services, go_on: Fresh
) -> None:
    close_case(settled.id, "discount granted", services.now(), sam, services)
    told = reroute(settled.id, clerk, services, reason="was about housing", team="housing").sentence
    assert "as 'discount granted', is open again: its clocks have run since receipt." in told
    assert "open again" not in reroute(settled.id, clerk, services, reason="a slip", team="benefits").sentence
    case = go_on(settled.id).case
    assert case is not None
    assert (case.closed_at, case.outcome) == (None, None)


def test_a_copy_that_cannot_be_deleted_is_named_and_the_item_is_shielded_all_the_same(
    settled: Item, clerk: Viewer, services: Services, fresh: Fresh, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stuck(folder: Path) -> None:
        raise PermissionError(13, "Permission denied", str(folder))

    monkeypatch.setattr("mailroom.journey.withdraw_release.shutil.rmtree", stuck)
    with pytest.raises(MailroomError, match="It is done, but a released copy is still there"):
        mark_sensitive(settled.id, clerk, services, reason="r")
    assert fresh(settled.id).sensitivity == "limited"


def test_the_post_room_is_shown_every_exception_with_what_is_wrong_and_what_it_may_be(
    unclear: Item, settled: Item, clerk: Viewer, sam: Viewer, services: Services
) -> None:
    return_item(settled.id, "about rent", sam, services)
    lines = {line["reference"]: line for line in waiting(clerk, services)}
    assert lines.keys() == {unclear.reference, settled.reference}
    back = lines[settled.reference]
    assert (back["cause"], back["cause_in_words"], back["from"]) == ("returned", "returned by a team", "Jane Pemberton")
    assert back["problem"] == "Revenues returned it: about rent"
    assert back["due_at"] is not None
    assert back["state"] == "exception"
    assert lines[unclear.reference]["without_words"] == 0


def test_the_best_suggestion_is_named_with_its_title(
    deliver: Callable[..., Receipt], go_on: Fresh, clerk: Viewer, services: Services
) -> None:
    item = go_on(deliver(TWO_THINGS).item_id)
    assert item.state == "exception"
    (line,) = waiting(clerk, services)
    assert line["suggestion"]["case_type"] == item.documents[0].decisions[-1].suggestions[0]["case_type"]
    assert line["suggestion"]["title"] == services.catalogue.services[line["suggestion"]["case_type"]].title


def test_what_is_urgent_stands_first_and_then_what_is_due_first(
    deliver: Callable[..., Receipt], go_on: Fresh, clerk: Viewer, services: Services
) -> None:
    old, urgent, new = (
        go_on(deliver(words, received_at=services.now() - timedelta(days=days)).item_id)
        for words, days in ((b"Thank you.", 5), (b"Urgent: the papers.", 0), (b"Thank you again.", 0))
    )
    lines = waiting(clerk, services)
    assert [line["reference"] for line in lines] == [urgent.reference, old.reference, new.reference]
    assert [line["late"] for line in lines] == [False, True, False]


def test_what_was_routed_to_the_post_room_itself_waits_there_too_until_it_is_closed(
    unclear: Item, clerk: Viewer, services: Services, go_on: Fresh
) -> None:
    settle(unclear.id, "valuables", clerk, services)
    assert waiting(clerk, services) == []
    go_on(unclear.id)
    reroute(unclear.id, clerk, services, reason="a cheque made out to nobody", team="post_room")
    go_on(unclear.id)
    (line,) = waiting(clerk, services)
    assert (line["reference"], line["state"], line["cause"]) == (unclear.reference, "offered", None)
    close_case(unclear.id, "done", services.now(), clerk, services)
    assert waiting(clerk, services) == []


def test_an_exception_that_may_concern_somebody_at_risk_waits_for_those_named_alone(
    at_risk: Item, clerk: Viewer, named: Viewer, sam: Viewer, services: Services
) -> None:
    retake(at_risk.id, named, services)
    assert [line["reference"] for line in waiting(named, services)] == [at_risk.reference]
    assert waiting(clerk, services) == []
    with pytest.raises(Refused):
        waiting(sam, services)
    with pytest.raises(Refused):
        waiting(Viewer("mo", frozenset({Role.MANAGER}), named_for_limited=True), services)


@pytest.mark.parametrize("cause", Cause)
def test_every_cause_has_words(cause: Cause) -> None:
    assert cause_in_words(cause)


def test_case_types_are_found_by_key_title_and_team(services: Services) -> None:
    assert [line["key"] for line in case_types(["missed", "BIN"], services)] == ["missed_bin"]
    assert "missed_bin" in {line["key"] for line in case_types(["rubbish"], services)}
    assert {line["team"] for line in case_types(["Legal Services"], services)} == {"legal"}
    assert UNSORTED not in {line["key"] for line in case_types([], services)}


@pytest.mark.parametrize(
    ("written", "offered"),
    [
        ("fio", "foi"),
        ("FOI", "foi"),
        ("council_tax_refnd", "council_tax_refund"),
        ("freedom of information", "foi"),
        ("pothole", "not_ours_highways"),
    ],
)
def test_what_was_meant_is_offered_first(written: str, offered: str, services: Services) -> None:
    titles = {key: service.title for key, service in services.catalogue.services.items()}
    assert nearest(written, titles).startswith(f" Nearest: {offered} (")


def test_where_nothing_is_near_nothing_is_offered() -> None:
    assert nearest("zz", {"foi": "Freedom of information request"}) == ""
    assert nearest("foi", {}) == ""
