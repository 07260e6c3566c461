"""What is done to accounts stands in the chain of custody: whatever is changed in it afterwards is found."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from forging import unguarded
from sqlalchemy import select, text

from mailroom.desk.accounts import Post, account, join, leave, move, reset
from mailroom.desk.acting import Refused
from mailroom.desk.emergency import ACCESS, ALARM, break_glass, clear_emergency, emergencies
from mailroom.desk.signing_in import Person, choose_password, person_of, sign_in, sign_out
from mailroom.domain.access import Role, Viewer
from mailroom.domain.capture import Receipt
from mailroom.duties.verify import verify
from mailroom.records import custody
from mailroom.records.tables import CustodyEvent
from mailroom.services import Services

BOSS = Viewer("boss", frozenset({Role.ADMINISTRATOR}))
CLERK, PLAIN = Post(frozenset({Role.POST_ROOM})), Post(frozenset({Role.MANAGER}))
OWN, REASON = "three brown foxes", "A child is at risk and nobody named is here"


def work_here(name: str, services: Services) -> tuple[str, Person]:
    """Let somebody join and choose a password; returns the token of their sitting and who they are."""
    new = join(name, name.title(), CLERK, BOSS, services)
    token = choose_password(sign_in(name, new.password, "", services), new.password, OWN, services)
    person = person_of(token, services)
    assert person is not None
    return token, person


def chains(services: Services) -> list[CustodyEvent]:
    with services.records.look() as session:
        of_accounts = CustodyEvent.item_id.startswith(custody.OF_ACCOUNTS)
        return list(session.scalars(select(CustodyEvent).where(of_accounts).order_by(CustodyEvent.position)))


def test_everything_done_to_an_account_is_in_its_chain_in_order(services: Services) -> None:
    token, person = work_here("kim", services)
    raised, _ = break_glass(token, REASON, person, services)
    sign_out(raised, services)
    move("kim", PLAIN, BOSS, services)
    reset("kim", BOSS, services)
    leave("kim", BOSS, services)
    assert [event.kind for event in chains(services)] == [
        *("joined", "signed_in", "password_chosen", "emergency_access", "signed_out", "moved", "password_reset", "left")
    ]
    with services.records.work() as session:
        custody.number_new_events(session)
        session.commit()
    found = verify(services)
    assert (found["faults"], found["events"], found["not_yet_numbered"]) == ([], 8, 0)


EDITS = {
    "who did it": "UPDATE custody_event SET actor = 'eve' WHERE kind = 'moved'",
    "what was done": "UPDATE custody_event SET kind = 'signed_in' WHERE kind = 'emergency_access'",
    "when": "UPDATE custody_event SET at = '2026-11-17 10:00:00.000000' WHERE kind = 'joined'",
    "the roles that were given": "UPDATE custody_detail SET details = '{}'"
    " WHERE CAST(details AS TEXT) LIKE '%manager%'",
    "the reason of an emergency": 'UPDATE custody_detail SET details = \'{"reason"\\: "A cat"}\''
    " WHERE CAST(details AS TEXT) LIKE '%child%'",
    "that it was done": "DELETE FROM custody_event WHERE kind = 'emergency_access'",
}


@pytest.mark.parametrize("statement", EDITS.values(), ids=EDITS.keys())
def test_an_edit_of_what_was_done_to_an_account_is_found(services: Services, statement: str) -> None:
    token, person = work_here("kim", services)
    break_glass(token, REASON, person, services)
    move("kim", PLAIN, BOSS, services)
    assert verify(services)["faults"] == []
    with unguarded(services.records) as connection:
        assert connection.execute(text(statement)).rowcount == 1
    faults = verify(services)["faults"]
    assert [fault for fault in faults if re.match("account [0-9a-f]{32}: ", fault)], faults


def test_an_auditor_reads_who_had_emergency_access_why_and_who_asked(services: Services) -> None:
    token, person = work_here("kim", services)
    break_glass(token, REASON, person, services)
    ada = Viewer("ada", frozenset({Role.AUDITOR}))
    (one,) = emergencies(ada, services)
    assert (one.who, one.reason, one.looked_into) == ("kim", REASON, None)
    (event,) = [event for event in chains(services) if event.kind == ACCESS]
    clear_emergency(f"{ALARM}{event.id}", BOSS, services)
    (one,) = emergencies(ada, services)
    assert one.looked_into == "boss"
    with pytest.raises(Refused, match="Only the auditor"):
        emergencies(BOSS, services)


@pytest.mark.parametrize("subject", ["release", f"{ALARM}nothing", ALARM])
def test_only_an_alarm_about_an_emergency_is_cleared_by_hand(services: Services, subject: str) -> None:
    with pytest.raises(Refused):
        clear_emergency(subject, BOSS, services)


def test_an_event_of_an_item_is_none_of_an_account(services: Services, deliver: Callable[..., Receipt]) -> None:
    deliver(b"a letter")
    work_here("kim", services)
    assert [line["kind"] for line in account("kim", BOSS, services)["history"]] == [
        *("password_chosen", "signed_in", "joined")
    ]
