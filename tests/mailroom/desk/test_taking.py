from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from threading import Barrier

import pytest

from mailroom.desk.accounts import Post, join, leave, move
from mailroom.desk.acting import Refused
from mailroom.desk.audit import NotThere
from mailroom.desk.item_page import open_item
from mailroom.desk.post_room import retake, settle
from mailroom.desk.queues import waiting
from mailroom.desk.referring import refer
from mailroom.desk.taking import following, give_back, keep_taken, next_for, take_over
from mailroom.domain.access import Role, Viewer
from mailroom.domain.capture import Receipt
from mailroom.records.tables import Item
from mailroom.services import Services

Step = Callable[[timedelta], None]
LEE = Viewer("lee", frozenset({Role.POST_ROOM}))


@pytest.fixture
def three(deliver: Callable[..., Receipt], go_on: Callable[[str], Item], services: Services) -> list[Item]:
    """Three exceptions, in the order of the queue."""
    letters = [f"Dear Sir or Madam\n\nI enclose the papers, envelope {n} of them.\n".encode() for n in range(3)]
    came = services.now() - timedelta(hours=1)
    return [go_on(deliver(letter, received_at=came + timedelta(minutes=n)).item_id) for n, letter in enumerate(letters)]


def test_whoever_opens_an_exception_has_it_and_others_are_offered_the_next(
    three: list[Item], clerk: Viewer, services: Services
) -> None:
    first = next_for(clerk, services)
    assert (first.reference, first.following) == (three[0].reference, three[1].id)
    assert next_for(LEE, services).reference == three[1].reference
    assert next_for(clerk, services).reference == three[0].reference
    takers = [line["taken_by"] for line in waiting(clerk, services)]
    assert takers == ["kim", "lee", None]


def test_opening_an_item_by_its_reference_takes_it_too_and_leaves_another_s_alone(
    three: list[Item], clerk: Viewer, services: Services
) -> None:
    assert open_item(three[0].reference, clerk, services).taken_by == "kim"
    assert open_item(three[0].reference, LEE, services).taken_by == "kim"
    assert next_for(LEE, services).reference == three[1].reference


def test_whoever_leaves_has_nothing_before_them_any_more(three: list[Item], services: Services) -> None:
    boss = Viewer("boss", frozenset({Role.ADMINISTRATOR}))
    join("lee", "Lee", Post(frozenset({Role.POST_ROOM})), boss, services)
    next_for(LEE, services)
    leave("lee", boss, services)
    assert waiting(LEE, services)[0]["taken_by"] is None


def test_whoever_moves_out_of_the_post_room_has_nothing_before_them_there(
    three: list[Item], services: Services
) -> None:
    boss = Viewer("boss", frozenset({Role.ADMINISTRATOR}))
    join("lee", "Lee", Post(frozenset({Role.POST_ROOM})), boss, services)
    next_for(LEE, services)
    move("lee", Post(frozenset({Role.POST_ROOM, Role.MANAGER})), boss, services)
    assert waiting(LEE, services)[0]["taken_by"] == "lee"
    move("lee", Post(frozenset({Role.MANAGER})), boss, services)
    assert waiting(LEE, services)[0]["taken_by"] is None


def test_what_waits_for_a_new_scan_is_offered_to_nobody_and_stands_in_the_queue(
    three: list[Item], clerk: Viewer, services: Services
) -> None:
    retake(three[0].id, clerk, services)
    for viewer, item in ((clerk, three[1]), (LEE, three[2])):
        assert next_for(viewer, services).reference == item.reference
    assert waiting(clerk, services)[0]["cause_in_words"] == "waits for a new scan"


def test_two_people_at_the_same_moment_never_get_the_same_item(three: list[Item], services: Services) -> None:
    people = [Viewer(f"person-{number}", frozenset({Role.POST_ROOM})) for number in range(8)]
    together = Barrier(len(people))

    def ask(viewer: Viewer) -> str | None:
        together.wait()
        return next_for(viewer, services).item

    with ThreadPoolExecutor(len(people)) as threads:
        given = [item for item in threads.map(ask, people) if item is not None]
    assert sorted(given) == sorted(item.id for item in three)


def test_an_item_is_free_again_after_ten_idle_minutes_and_not_sooner(
    three: list[Item], clerk: Viewer, services: Services, step: Step
) -> None:
    next_for(clerk, services)
    step(timedelta(minutes=9))
    assert next_for(LEE, services).reference == three[1].reference
    step(timedelta(minutes=1))
    assert next_for(Viewer("ola", LEE.roles), services).reference == three[0].reference


def test_a_sign_of_life_keeps_it(three: list[Item], clerk: Viewer, services: Services, step: Step) -> None:
    next_for(clerk, services)
    step(timedelta(minutes=9))
    open_item(three[0].id, clerk, services)
    step(timedelta(minutes=9))
    assert next_for(LEE, services).reference == three[1].reference


def test_what_is_given_back_is_free_at_once_and_nobody_gives_back_for_another(
    three: list[Item], clerk: Viewer, services: Services
) -> None:
    next_for(clerk, services)
    give_back(three[0].id, LEE, services)
    assert next_for(LEE, services).reference == three[1].reference
    give_back(three[0].id, clerk, services)
    assert waiting(clerk, services)[0]["taken_by"] is None


def test_taking_over_is_deliberate_and_stands_in_the_history(
    three: list[Item], clerk: Viewer, services: Services, events: Callable[[str], list[str]]
) -> None:
    next_for(clerk, services)
    done = take_over(three[0].id, LEE, services)
    assert done.facts["taken_from"] == "kim"
    assert open_item(three[0].id, clerk, services).taken_by == "lee"
    take_over(three[0].id, LEE, services)
    assert events(three[0].id).count("taken_over") == 1


def test_what_is_settled_is_nobody_s_any_more(three: list[Item], clerk: Viewer, services: Services) -> None:
    next_for(clerk, services)
    settle(three[0].id, "foi", clerk, services)
    assert next_for(clerk, services).reference == three[1].reference
    assert "nobody any more" in take_over(three[0].id, LEE, services).sentence


def test_the_one_that_follows_is_named_and_not_taken(three: list[Item], clerk: Viewer, services: Services) -> None:
    next_for(clerk, services)
    assert following([three[0].id], clerk, services) == three[1].id
    assert following([three[0].id, three[1].id], clerk, services) == three[2].id
    assert [line["taken_by"] for line in waiting(clerk, services)] == ["kim", None, None]


def test_what_a_person_does_not_want_now_is_passed_over(three: list[Item], clerk: Viewer, services: Services) -> None:
    assert next_for(clerk, services, besides=[three[0].id]).reference == three[1].reference


def test_where_nothing_is_free_nothing_is_given(three: list[Item], clerk: Viewer, services: Services) -> None:
    for item in three:
        open_item(item.id, clerk, services)
    assert next_for(LEE, services).item is None


def test_limited_items_are_given_only_to_those_named_for_them(
    unclear: Item, clerk: Viewer, named: Viewer, services: Services
) -> None:
    with services.records.work() as session:
        session.get_one(Item, unclear.id).sensitivity = None
        session.commit()
    assert next_for(clerk, services).item is None
    assert next_for(named, services).item == unclear.id


def test_only_the_post_room_takes_items(unclear: Item, sam: Viewer, auditor: Viewer, services: Services) -> None:
    for viewer in (sam, auditor):
        with pytest.raises(Refused, match="Only the post room"):
            next_for(viewer, services)
    assert open_item(unclear.id, auditor, services, "audit").taken_by is None


def test_an_item_given_to_a_colleague_is_theirs_first_and_not_offered_to_the_giver_again(
    three: list[Item], clerk: Viewer, services: Services
) -> None:
    refer(three[2].id, "Is this ours? It names a school.", clerk, services, colleague="lee")
    assert next_for(LEE, services).reference == three[2].reference
    refer(three[0].id, "I cannot read the hand.", clerk, services)
    assert next_for(clerk, services).reference == three[1].reference
    [note] = open_item(three[2].id, LEE, services).notes
    assert (note.account, note.note) == ("kim", "Is this ours? It names a school.")


def test_a_colleague_who_does_not_come_keeps_nothing_from_the_others(
    three: list[Item], clerk: Viewer, services: Services, step: Step
) -> None:
    refer(three[0].id, "Is this ours?", clerk, services, colleague="lee")
    ola = replace(LEE, name="ola")
    assert next_for(ola, services).reference == three[1].reference
    step(timedelta(minutes=11))
    assert next_for(ola, services).reference == three[0].reference


def test_not_knowing_needs_a_note_an_exception_and_somebody_else(
    unclear: Item, settled: Item, clerk: Viewer, services: Services
) -> None:
    for item, note, colleague, why in (
        (unclear, "  ", None, "Write what"),
        (unclear, "x" * 2001, None, "Write less"),
        (unclear, "what is it", "kim", "Name a colleague"),
        (settled, "what is it", None, "is no exception"),
    ):
        with pytest.raises(Refused, match=why):
            refer(item.id, note, clerk, services, colleague=colleague)


def test_saying_it_twice_leaves_one_note_and_settling_ends_it(
    unclear: Item, clerk: Viewer, services: Services, events: Callable[[str], list[str]]
) -> None:
    for _ in range(2):
        refer(unclear.id, "Is this ours?", clerk, services)
    assert events(unclear.id).count("referred") == 1
    assert open_item(unclear.id, LEE, services).state == "exception"
    settle(unclear.id, "foi", LEE, services)
    assert open_item(unclear.id, clerk, services).notes == ()


def test_a_note_on_an_item_that_became_limited_is_not_read_by_others(
    unclear: Item, clerk: Viewer, services: Services
) -> None:
    with services.records.work() as session:
        session.get_one(Item, unclear.id).sensitivity = None
        session.commit()
    with pytest.raises(NotThere):
        refer(unclear.id, "Is this ours?", clerk, services)


def test_a_sign_of_life_from_the_page_keeps_the_item_and_says_who_has_it(
    three: list[Item], clerk: Viewer, services: Services, step: Step
) -> None:
    next_for(clerk, services)
    step(timedelta(minutes=9))
    assert keep_taken(three[0].id, clerk, services) == "kim"
    step(timedelta(minutes=9))
    assert keep_taken(three[0].id, LEE, services) == "kim"
    settle(three[0].id, "foi", clerk, services)
    assert keep_taken(three[0].id, clerk, services) is None
