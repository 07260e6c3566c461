from collections.abc import Callable

import pytest

from mailroom.desk.acting import Refused
from mailroom.desk.bulk import MOST_AT_ONCE, Chosen, settle_together
from mailroom.desk.post_room import settle
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
