"""People at the desks, and letters that the machine settles, doubts or keeps from most of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from read_once import ReadOnce
from sample_letters import AT_RISK, DISCOUNT, UNCLEAR
from sqlalchemy import event, select
from sqlalchemy.orm import Session

from mailroom.desk.performance import spans_of
from mailroom.domain.access import Role, Viewer
from mailroom.domain.capture import Receipt
from mailroom.duties.reconcile import reconcile
from mailroom.duties.verify import verify
from mailroom.records.custody import number_new_events
from mailroom.records.figures import figures
from mailroom.records.handoffs import UNDER_WAY, last_handoff
from mailroom.records.ledger import EVER
from mailroom.records.tables import NEVER, Correction, CustodyEvent, Item
from mailroom.replies.email_reply import EmailReply
from mailroom.replies.letter_reply import LetterReply
from mailroom.replies.relay import Relay
from mailroom.services import Services

Server = Any


@pytest.fixture
def clerk() -> Viewer:
    """In the post room, not named for limited access."""
    return Viewer("kim", frozenset({Role.POST_ROOM}))


@pytest.fixture
def named() -> Viewer:
    """In the post room, named for limited access."""
    return Viewer("noor", frozenset({Role.POST_ROOM}), named_for_limited=True)


@pytest.fixture
def sam() -> Viewer:
    """An officer of Revenues."""
    return Viewer("sam", frozenset({Role.BACK_OFFICE}), frozenset({"revenues"}))


@pytest.fixture
def pat() -> Viewer:
    """An officer of Housing."""
    return Viewer("pat", frozenset({Role.BACK_OFFICE}), frozenset({"housing"}))


@pytest.fixture
def auditor() -> Viewer:
    """Sees everything and changes nothing."""
    return Viewer("ada", frozenset({Role.AUDITOR}), named_for_limited=True)


@pytest.fixture(autouse=True)
def in_balance(services: Services) -> Iterator[None]:
    """Whatever a test of the desk does: the ledger is at zero after it, the chains of custody are whole, and what
    queues are ordered by is what the handoffs, clocks and decisions say.
    """
    yield
    found = reconcile(services)
    assert (found["difference"], found["missing"]) == (0, [])
    assert verify(services)["faults"] == []
    with services.records.look() as session:
        for item in session.scalars(select(Item)):
            assert (item.urgent, item.suggested, item.due_at) == _as_written(item), item.reference
            assert item.desk == desk_of(session, item), item.reference


@pytest.fixture(autouse=True)
def counted_all_along(services: Services) -> Iterator[None]:
    """Whatever a test of the desk does: figures that are kept from one commit to the next are those of the records."""
    at_work = False

    def count(committed: Session) -> None:
        nonlocal at_work
        if not at_work and not committed.in_nested_transaction():
            at_work = True
            with services.records.work() as session:
                number_new_events(session)
                session.commit()
            with services.records.look() as session:
                cut = spans_of(session, EVER, services)
                counted = services.counted_days.figures(session, cut, services.now())
                assert counted == figures(session, cut, services.now())
            at_work = False

    event.listen(Session, "after_commit", count)
    yield
    event.remove(Session, "after_commit", count)


def _as_written(item: Item) -> tuple[bool, str | None, datetime]:
    """Work out anew, from all rows, what the item's row repeats."""
    decisions = item.documents[0].decisions if item.documents else []
    last = decisions[-1] if decisions else None
    running = (
        [clock.due_at for clock in item.case.clocks if not (clock.met_at or clock.replaced_at)] if item.case else []
    )
    suggested = last.suggestions[0]["case_type"] if last and last.suggestions else None
    return last is not None and last.urgency == "urgent", suggested, min(running, default=NEVER)


def desk_of(session: Session, item: Item) -> str | None:
    """The team that has an item before it, by the handoffs themselves."""
    last = last_handoff(session, item.id)
    if last is None or item.case is None:
        return None
    has_it = last.state == "offered" if item.is_contact else last.state in UNDER_WAY and item.case.closed_at is None
    return last.team if has_it else None


@pytest.fixture
def services(services: Services, read_before: Path) -> Services:
    """With letters, whichever ways of answering the configuration has, and what comes in read once."""
    council = services.settings.council
    letters = LetterReply(council.name, council.address, council.telephone, services.now)
    sandbox = ReadOnce(services.sandbox, services.settings.limits, read_before)
    return replace(services, replies={**services.replies, "letter": letters}, sandbox=sandbox)


@pytest.fixture
def mailing(services: Services, mail_server: Server) -> Services:
    """The bundle with a mail server."""
    told = services.settings.acknowledge.model_copy(update={"smtp_host": "127.0.0.1", "smtp_port": mail_server.port})
    settings = services.settings.model_copy(update={"acknowledge": told})
    reply = EmailReply(Relay("127.0.0.1", mail_server.port), told.sender)
    return replace(services, settings=settings, replies={**services.replies, "email": reply})


@pytest.fixture
def settled(deliver: Callable[..., Receipt], go_on: Callable[[str], Item]) -> Item:
    """A letter about the single person discount that lies in the queue of Revenues."""
    item = go_on(deliver(DISCOUNT).item_id)
    assert (item.state, item.team, item.settled) == ("captured", "revenues", True)
    return item


@pytest.fixture
def unclear(deliver: Callable[..., Receipt], go_on: Callable[[str], Item]) -> Item:
    """A letter that says nothing of what it is about: an exception with an open case."""
    item = go_on(deliver(UNCLEAR).item_id)
    assert (item.state, item.settled) == ("exception", False)
    return item


@pytest.fixture
def at_risk(deliver: Callable[..., Receipt], go_on: Callable[[str], Item]) -> Item:
    """A letter about a child at risk: limited-access from the moment that it was sorted."""
    item = go_on(deliver(AT_RISK).item_id)
    assert item.sensitivity == "limited"
    return item


@pytest.fixture
def fresh(services: Services) -> Iterator[Callable[[str], Item]]:
    """Returns an item's row as it stands now, with everything that hangs on it loadable."""
    with ExitStack() as stack:

        def row(item_id: str) -> Item:
            return stack.enter_context(services.records.look()).get_one(Item, item_id)

        yield row


@pytest.fixture
def go_on(travel: Callable[..., Item], fresh: Callable[[str], Item]) -> Callable[[str], Item]:
    """Carries an item to the end of its run and returns its row."""

    def carry(item_id: str) -> Item:
        return fresh(travel(item_id).id)

    return carry


@pytest.fixture
def events(services: Services) -> Callable[[str], list[str]]:
    """Returns the kinds of an item's custody events, in order."""

    def kinds(item_id: str) -> list[str]:
        with services.records.look() as session:
            query = select(CustodyEvent.kind).where(CustodyEvent.item_id == item_id).order_by(CustodyEvent.position)
            return list(session.scalars(query))

    return kinds


@pytest.fixture
def corrections(services: Services) -> Callable[[str], list[dict[str, Any]]]:
    """Returns what was corrected in an item, in order."""

    def rows(item_id: str) -> list[dict[str, Any]]:
        with services.records.look() as session:
            query = select(Correction).where(Correction.item_id == item_id).order_by(Correction.id)
            return [{"what": c.what, "old": c.old, "new": c.new, "by": c.actor} for c in session.scalars(query)]

    return rows
