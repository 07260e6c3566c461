"""Two people at the same moment: only one takes, joins, leaves or allocates, and what is read still holds as it is
written, also where the database lets many write at once.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import timedelta

import pytest
from database_server import ON_BOTH
from sample_letters import UNCLEAR
from sqlalchemy import event
from sqlalchemy.dialects import postgresql
from sqlalchemy.orm import ORMExecuteState, Session

from mailroom.desk import taking
from mailroom.desk.accounts import Post, accounts, join, leave
from mailroom.desk.acting import Refused
from mailroom.desk.audit import open_original
from mailroom.desk.back_office import accept, allocate, close_case
from mailroom.desk.item_page import open_item
from mailroom.desk.proof import state_purpose
from mailroom.desk.provided import Vouched, account_for
from mailroom.desk.taking import next_for
from mailroom.domain.access import Role, Viewer
from mailroom.domain.capture import Receipt
from mailroom.records.tables import Item, Taken
from mailroom.services import Services
from mailroom.settings import Provider

pytestmark = ON_BOTH
BOSS = Viewer("boss", frozenset({Role.ADMINISTRATOR}))
ADMINISTRATOR = Post(frozenset({Role.ADMINISTRATOR}))
IN_REVENUES = Post(frozenset({Role.BACK_OFFICE}), frozenset({"revenues"}))
Act = Callable[[Item, Services], object]


def at_once(acts: Sequence[Callable[[], object]]) -> list[object]:
    """Do all of them at the same moment, each in a thread; returns what came of each, a refusal as its sentence."""
    results: list[object] = [None] * len(acts)
    gate = threading.Barrier(len(acts))

    def do(number: int) -> None:
        gate.wait()
        try:
            results[number] = acts[number]()
        except Refused as fault:
            results[number] = str(fault)

    threads = [threading.Thread(target=do, args=(number,)) for number in range(len(acts))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results


def clerks(number: int) -> list[Viewer]:
    return [Viewer(f"clerk{one}", frozenset({Role.POST_ROOM})) for one in range(number)]


@pytest.fixture
def exceptions(deliver: Callable[..., Receipt], travel: Callable[..., Item]) -> list[str]:
    return [travel(deliver(UNCLEAR + f"{number}".encode()).item_id).id for number in range(6)]


def test_many_who_ask_at_once_get_an_item_each(exceptions: list[str], services: Services) -> None:
    got = at_once([lambda viewer=viewer: next_for(viewer, services).item for viewer in clerks(6)])  # type: ignore[misc]
    assert sorted(str(one) for one in got) == sorted(exceptions)


def test_what_was_left_lying_too_long_goes_to_one_of_two(
    exceptions: list[str], services: Services, step: Callable[[timedelta], None]
) -> None:
    at = services.now()
    with services.records.work() as session:
        session.add_all(Taken(item_id=one, account="gone", taken_at=at, last_active_at=at) for one in exceptions)
        session.commit()
    step(timedelta(hours=1))
    got = at_once([lambda viewer=viewer: next_for(viewer, services).item for viewer in clerks(2)])  # type: ignore[misc]
    assert len(set(got)) == 2


def test_what_somebody_took_after_it_was_read_as_free_is_passed_over(
    exceptions: list[str], clerk: Viewer, services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    real, first = taking.next_free, list[str]()

    def late(session: Session, viewer: Viewer, **asked: object) -> Item | None:
        found = real(session, viewer, **asked)  # type: ignore[arg-type]
        if found is not None and not first:
            first.append(found.id)
            now = services.now()
            session.add(Taken(item_id=found.id, account="lee", taken_at=now, last_active_at=now))
            session.flush()
        return found

    monkeypatch.setattr(taking, "next_free", late)
    assert next_for(clerk, services).item in set(exceptions) - set(first)


def test_two_administrators_who_close_each_other_s_accounts_leave_one(services: Services) -> None:
    for name in ("ada", "bo"):
        join(name, name, ADMINISTRATOR, BOSS, services)
    told = at_once([lambda: leave("ada", BOSS, services), lambda: leave("bo", BOSS, services)])
    assert sum("the last administrator" in str(one) for one in told) == 1
    assert [line["name"] for line in accounts(BOSS, services) if line["left_at"] is None] in (["ada"], ["bo"])


def test_two_who_let_the_same_name_join_make_one_account(services: Services) -> None:
    told = at_once([lambda: join("kim", "Kim", ADMINISTRATOR, BOSS, services)] * 2)
    assert sum("is somebody called 'kim' already" in str(one) for one in told) == 1


def test_two_windows_of_somebody_new_make_one_account(services: Services) -> None:
    web = services.settings.web.model_copy(update={"provider": Provider(roles={"G": Role.AUDITOR})})
    services = replace(services, settings=services.settings.model_copy(update={"web": web}))
    noor = Vouched("issuer|7", "noor", "Noor", frozenset({"G"}))
    first, second = at_once([lambda: account_for(noor, services)] * 2)
    assert first == second


def test_two_who_allocate_at_once_leave_one_owner_and_every_event(
    settled: Item, sam: Viewer, services: Services, fresh: Callable[[str], Item], events: Callable[[str], list[str]]
) -> None:
    for name in ("sam", "jo"):
        join(name, name, IN_REVENUES, BOSS, services)
    at_once([lambda: allocate(settled.id, "sam", sam, services), lambda: allocate(settled.id, "jo", sam, services)])
    case = fresh(settled.id).case
    assert case is not None
    assert case.owner in ("sam", "jo")
    assert events(settled.id)[-2:] == ["accepted", "allocated"]


def test_one_closes_a_case_and_the_other_is_told(settled: Item, sam: Viewer, services: Services) -> None:
    accept(settled.id, sam, services)
    now = services.now()
    told = at_once(
        [
            lambda: close_case(settled.id, "granted", now, sam, services),
            lambda: close_case(settled.id, "refused", now, sam, services),
        ]
    )
    assert sum("is closed already" in str(one) for one in told) == 1


LOCKING: dict[str, Act] = {
    "opening": lambda item, services: open_item(item.id, clerks(1)[0], services),
    "stating a purpose": lambda item, services: state_purpose(
        item.id, "audit", Viewer("ada", frozenset({Role.AUDITOR})), services
    ),
    "fetching": lambda item, services: open_original(item.id, clerks(1)[0], services).stream.close(),
    "acting": lambda item, services: accept(item.id, clerks(1)[0], services),
}


@pytest.mark.parametrize("act", LOCKING.values(), ids=LOCKING.keys())
def test_whoever_writes_about_an_item_has_its_row_locked_first(settled: Item, services: Services, act: Act) -> None:
    asked: list[str] = []

    def note(state: ORMExecuteState) -> None:
        if state.is_select:
            asked.append(str(state.statement.compile(dialect=postgresql.dialect())))

    event.listen(Session, "do_orm_execute", note)
    try:
        act(settled, services)
    finally:
        event.remove(Session, "do_orm_execute", note)
    assert [query for query in asked if "FROM item" in query and "FOR UPDATE" in query]
