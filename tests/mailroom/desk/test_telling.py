import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

import mailroom
from mailroom.desk.acting import Changed
from mailroom.desk.correcting import correct, correct_received
from mailroom.desk.item_page import open_item
from mailroom.desk.post_room import retake, settle
from mailroom.desk.telling import KINDS, sentence_of
from mailroom.domain.access import Role, Viewer
from mailroom.records.tables import Item
from mailroom.services import Services

LEE = Viewer("lee", frozenset({Role.POST_ROOM}))
_WRITTEN = re.compile(r'(?:\.log|\bnote|\brecord)\(\s*(?:[\w.]+,\s*){0,2}"([a-z_]+)"')


def test_a_stale_save_is_refused_and_says_who_did_what_and_when(
    unclear: Item, clerk: Viewer, services: Services, step: Callable[[timedelta], None]
) -> None:
    shown = open_item(unclear.id, clerk, services)
    step(timedelta(minutes=5))
    settle(unclear.id, "housing_repairs", LEE, services)
    with pytest.raises(Changed) as refused:
        settle(unclear.id, "foi", clerk, services, expected_run=shown.run)
    [change] = refused.value.changes
    kind = services.catalogue.services["housing_repairs"]
    sentence = f"lee settled it as {kind.title} for {services.catalogue.teams[kind.team].name}."
    assert (change.who, change.sentence) == ("lee", sentence)
    assert change.at == services.now()
    assert f"16 November 2026 10:05: {sentence}" in str(refused.value)


def test_what_the_machine_did_meanwhile_is_told_too(
    unclear: Item, clerk: Viewer, services: Services, go_on: Callable[[str], Item]
) -> None:
    shown = open_item(unclear.id, clerk, services)
    correct(unclear.id, "sender_name", "Rhys Evans", LEE, services)
    go_on(unclear.id)
    with pytest.raises(Changed) as refused:
        retake(unclear.id, clerk, services, expected_run=shown.run)
    told = [(change.who, change.sentence) for change in refused.value.changes]
    assert told[0] == ("lee", "lee corrected the sender name.")
    assert [who for who, _ in told[1:]] == [None]


def test_a_page_that_was_left_in_another_window_is_told_what_the_person_did_themselves(
    unclear: Item, clerk: Viewer, services: Services
) -> None:
    shown = open_item(unclear.id, clerk, services)
    correct(unclear.id, "sender_name", "Rhys Evans", clerk, services, expected_run=shown.run)
    earlier = services.now() - timedelta(days=1)
    with pytest.raises(Changed, match="kim corrected the sender name"):
        correct_received(unclear.id, earlier, clerk, services, reason="stamp", expected_run=shown.run)


def test_every_kind_of_event_that_is_written_anywhere_has_words() -> None:
    sources = [file.read_text() for file in Path(mailroom.__file__).parent.rglob("*.py")]
    kinds = {kind for source in sources for kind in _WRITTEN.findall(source)}
    assert {"settled", "read", "received", "referred", "made_by_split"} <= kinds
    assert kinds - set(KINDS) == set()


def test_dates_are_told_as_people_write_them(services: Services) -> None:
    later = {"new": datetime(2026, 11, 20, 12, tzinfo=UTC).isoformat()}
    for kind in ("later_date_put_in", "received_corrected"):
        assert "20 November 2026" in sentence_of(kind, later, "Kim", "kim", services)
