from collections.abc import Callable
from datetime import timedelta

import pytest

from mailroom.desk.acting import Refused
from mailroom.desk.bulk import MOST_AT_ONCE, Chosen, new_act, settle_together, undo_together
from mailroom.desk.post_room import reroute, settle
from mailroom.desk.proof import prove, state_purpose
from mailroom.desk.settled_today import settled_today
from mailroom.domain.access import Viewer
from mailroom.domain.capture import Receipt
from mailroom.records.tables import Item
from mailroom.services import Services

Fresh = Callable[[str], Item]


@pytest.fixture
def alike(deliver: Callable[..., Receipt], go_on: Fresh) -> list[Item]:
    """Three exceptions with the same cause and first suggestion."""
    letters = [f"Dear Sir or Madam\n\nI enclose the papers, envelope {n} of them.\n".encode() for n in range(3)]
    made = [go_on(deliver(letter).item_id) for letter in letters]
    assert len({(item.cause, item.suggested) for item in made}) == 1
    return made


def test_what_is_alike_is_settled_together_and_each_has_a_sentence(
    alike: list[Item], clerk: Viewer, services: Services, go_on: Fresh
) -> None:
    chosen = [Chosen(item.id, item.run) for item in alike]
    outcomes = settle_together(chosen, "circular", clerk, services)
    assert [(one.reference, one.done) for one in outcomes] == [(item.reference, True) for item in alike]
    for item in alike:
        case = go_on(item.id).case
        assert case is not None
        assert case.outcome == "for information only"


def test_one_that_changed_meanwhile_keeps_none_of_the_others(
    alike: list[Item], clerk: Viewer, named: Viewer, services: Services, fresh: Fresh
) -> None:
    settle(alike[1].id, "foi", named, services)
    chosen = [Chosen(item.id, item.run) for item in alike]
    outcomes = settle_together(chosen, "circular", clerk, services)
    assert [one.done for one in outcomes] == [True, False, True]
    assert "is not like the others" in outcomes[1].sentence
    assert fresh(alike[1].id).documents[0].decisions[-1].case_type == "foi"


def test_one_whose_run_is_older_is_told_what_changed(alike: list[Item], clerk: Viewer, services: Services) -> None:
    [outcome] = settle_together([Chosen(alike[0].id, alike[0].run - 1)], "circular", clerk, services)
    assert not outcome.done
    assert "has changed since" in outcome.sentence


def test_what_is_not_like_the_first_is_left_for_a_person(
    alike: list[Item], settled: Item, at_risk: Item, clerk: Viewer, services: Services, fresh: Fresh
) -> None:
    chosen = [Chosen(alike[0].id), Chosen(settled.id), Chosen(at_risk.id), Chosen("nowhere")]
    outcomes = settle_together(chosen, "circular", clerk, services)
    assert [one.done for one in outcomes] == [True, False, False, False]
    assert [one.reference for one in outcomes[2:]] == [at_risk.id, "nowhere"]
    assert fresh(settled.id).run == settled.run


def test_the_same_one_twice_is_settled_once(alike: list[Item], clerk: Viewer, services: Services, fresh: Fresh) -> None:
    twice = [Chosen(alike[0].id, alike[0].run)] * 2
    assert len(settle_together(twice, "circular", clerk, services)) == 1
    again = settle_together(twice, "circular", clerk, services)
    assert [(one.done, "already" in one.sentence) for one in again] == [(True, True)]
    assert fresh(alike[0].id).run == alike[0].run + 1


def test_nothing_too_much_and_what_is_no_type_are_refused_as_a_whole(
    alike: list[Item], clerk: Viewer, auditor: Viewer, services: Services, fresh: Fresh
) -> None:
    one = Chosen(alike[0].id)
    many = [Chosen(str(number)) for number in range(MOST_AT_ONCE + 1)]
    for chosen, case_type, who in (
        ([], "circular", clerk),
        (many, "circular", clerk),
        ([one], "no_such_type", clerk),
        ([one], "circular", auditor),
    ):
        with pytest.raises(Refused):
            settle_together(chosen, case_type, who, services)
    assert fresh(alike[0].id).run == alike[0].run


def settled_as_one(items: list[Item], viewer: Viewer, services: Services, travel: Callable[..., Item]) -> str:
    act = new_act()
    settle_together([Chosen(item.id, item.run) for item in items], "circular", viewer, services, together=act)
    for item in items:
        travel(item.id)
    return act


def test_what_was_settled_together_is_undone_together(
    alike: list[Item], clerk: Viewer, services: Services, travel: Callable[..., Item], fresh: Fresh
) -> None:
    act = settled_as_one(alike, clerk, services, travel)
    (shown,) = settled_today(clerk, services).together
    assert (shown.act, shown.count, shown.what) == (act, 3, "Circular or newsletter")
    outcomes = undo_together(act, clerk, services)
    assert {one.reference for one in outcomes} == {item.reference for item in alike}
    assert all(one.done for one in outcomes)
    assert {fresh(item.id).state for item in alike} == {"exception"}
    assert settled_today(clerk, services).together == []


def test_one_that_somebody_else_has_changed_stays_and_says_why_and_the_others_are_undone(
    alike: list[Item], clerk: Viewer, named: Viewer, services: Services, travel: Callable[..., Item], fresh: Fresh
) -> None:
    act = settled_as_one(alike, clerk, services, travel)
    reroute(alike[1].id, named, services, reason="it is a claim", case_type="foi")
    travel(alike[1].id)
    outcomes = {one.reference: one for one in undo_together(act, clerk, services)}
    assert [outcomes[item.reference].done for item in alike] == [True, False, True]
    assert f"{named.name} sent it to" in outcomes[alike[1].reference].sentence
    assert fresh(alike[1].id).documents[0].decisions[-1].case_type == "foi"


def test_after_ten_minutes_nothing_of_an_act_is_undone_and_each_says_so(
    alike: list[Item], clerk: Viewer, services: Services, travel: Callable[..., Item], step: Callable[[timedelta], None]
) -> None:
    act = settled_as_one(alike, clerk, services, travel)
    step(timedelta(minutes=11))
    assert settled_today(clerk, services).together == []
    outcomes = undo_together(act, clerk, services)
    assert [one.done for one in outcomes] == [False] * 3
    assert all("too late" in one.sentence for one in outcomes)


def test_an_act_is_that_person_s_alone_and_holds_what_was_settled_in_it(
    alike: list[Item], clerk: Viewer, named: Viewer, services: Services, travel: Callable[..., Item], fresh: Fresh
) -> None:
    act = settled_as_one(alike[:2], clerk, services, travel)
    settle(alike[2].id, "foi", clerk, services)
    travel(alike[2].id)
    for viewer, name in ((named, act), (clerk, "another"), (clerk, "")):
        with pytest.raises(Refused, match="nothing that you settled so"):
            undo_together(name, viewer, services)
    assert len(undo_together(act, clerk, services)) == 2
    assert fresh(alike[2].id).settled


def test_the_history_says_that_it_was_settled_with_others(
    alike: list[Item], clerk: Viewer, auditor: Viewer, services: Services, travel: Callable[..., Item]
) -> None:
    settled_as_one(alike, clerk, services, travel)
    state_purpose(alike[0].id, "audit", auditor, services)
    told = [str(line.sentence) for line in prove(alike[0].id, auditor, services).history]
    assert any("settled it as Circular" in one and one.endswith("together with others.") for one in told), told
