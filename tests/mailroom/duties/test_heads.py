"""Heads of the log: signed once a day, put beside the originals, mailed; a log written anew is found out by them."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from forging import unguarded
from sqlalchemy import delete, select, text, update
from sqlalchemy.exc import IntegrityError, ProgrammingError
from sqlalchemy.orm import Session
from trees_by_definition import consistency, root_of

from mailroom.bootstrap.signing import Ed25519Signer
from mailroom.domain.capture import Receipt
from mailroom.domain.errors import Unreachable
from mailroom.domain.tree_head import read_signed
from mailroom.duties.heads import heads_signed, is_signed, seal_log
from mailroom.duties.sequence import sequence
from mailroom.duties.verify import verify
from mailroom.evidence.verify_evidence import is_consistent
from mailroom.ports import Message
from mailroom.records.custody import GENESIS, hash_of, link
from mailroom.records.tables import CustodyEvent, CustodyNumber, TreeHeadRow
from mailroom.records.tree_heads import all_heads, leaves
from mailroom.services import Services

Deliver = Callable[..., Receipt]
SUBJECT = "signed heads of the log of custody"
TO = ("audit@harrowdale.example", "clerk@harrowdale.example")


@dataclass
class Post:
    fault: Exception | None = None
    sent: list[Message] = field(default_factory=list)

    def send(self, message: Message) -> bytes | None:
        if self.fault is not None:
            raise self.fault
        self.sent.append(message)
        return None


@pytest.fixture
def seal(services: Services, deliver: Deliver) -> Callable[..., Services]:
    """Delivers letters and seals the log `days` from now: returns the bundle as it is then."""

    def act(letters: int = 2, days: int = 0, using: Services = services) -> Services:
        for number in range(letters):
            deliver(b"Letter %d of day %d." % (number, days))
        sequence(services)
        then = replace(using, now=lambda: services.now() + timedelta(days=days))
        seal_log(then)
        return then

    return act


def signed(services: Services) -> list[dict[str, Any]]:
    heads: list[dict[str, Any]] = heads_signed(services)["heads"]
    return heads


def test_a_day_has_one_head_and_the_next_grows_on_from_it(seal: Callable[..., Services], services: Services) -> None:
    seal()
    seal()
    first = signed(services)
    assert len(first) == 1
    seal(days=1)
    small, large = (read_signed(one["text"]).head for one in signed(services))
    with services.records.look() as session:
        log = list(leaves(session))
    assert (large.size, small.size) == (len(log), first[0]["size"])
    assert is_consistent(small.size, small.root, large.size, large.root, consistency(log, small.size))
    assert verify(services)["faults"] == []


def test_a_day_without_an_event_has_no_head(seal: Callable[..., Services], services: Services) -> None:
    seal()
    seal(letters=0, days=1)
    assert len(signed(services)) == 1


def test_a_head_lies_beside_the_originals(seal: Callable[..., Services], services: Services) -> None:
    seal()
    ((key, published),) = services.vault.heads()
    (head,) = signed(services)
    assert (key, published.decode()) == (f"heads/{head['size']:012}", head["text"])
    assert head["published"]


@pytest.fixture
def post() -> Post:
    """A mail server."""
    return Post()


@pytest.fixture
def mailing(services: Services, post: Post) -> Services:
    """The bundle, with somebody who is to have the heads."""
    custody = services.settings.custody.model_copy(update={"heads_to": TO})
    return replace(
        services, settings=services.settings.model_copy(update={"custody": custody}), replies={"email": post}
    )


def test_a_head_is_mailed_to_each_who_is_to_have_it_when_the_server_is_there_again(
    seal: Callable[..., Services], services: Services, mailing: Services, post: Post
) -> None:
    post.fault = Unreachable("away")
    seal(using=mailing)
    assert not signed(services)[0]["mailed"]
    post.fault = None
    seal_log(mailing)
    seal_log(mailing)
    assert [message.address for message in post.sent] == list(TO)
    assert all(signed(services)[0]["text"] in message.text for message in post.sent)


@pytest.mark.parametrize("change", ["DELETE FROM tree_head", "UPDATE tree_head SET text = 'forged'"])
def test_the_database_itself_refuses_to_change_a_head(
    seal: Callable[..., Services], services: Services, change: str
) -> None:
    seal()
    why = "tree_head is append-only" if services.records.embedded else "permission denied for table tree_head"
    with services.records.work() as session, pytest.raises((IntegrityError, ProgrammingError), match=why):
        session.execute(text(change))


def without_guards(services: Services, act: Callable[[Any], None]) -> None:
    """Act as somebody who owns the database: the guards that refuse changes are taken away first."""
    with unguarded(services.records) as connection, Session(connection) as session:
        act(session)
        session.commit()


def make_whole(session: Any) -> None:  # noqa: ANN401  # a session
    """Compute every hash of every chain anew, as somebody would who hides an edit."""
    heads: dict[str, str] = {}
    for event in session.scalars(select(CustodyEvent).order_by(CustodyEvent.item_id, CustodyEvent.position)):
        event.previous = heads.get(event.item_id, GENESIS)
        event.hash = heads[event.item_id] = hash_of(event)
    session.flush()
    head = GENESIS
    for row in session.scalars(select(CustodyNumber).order_by(CustodyNumber.number)):
        row.hash = head = link(head, row.number, session.get_one(CustodyEvent, row.event_id).hash)


def edit(session: Any) -> None:  # noqa: ANN401
    session.scalars(select(CustodyEvent).order_by(CustodyEvent.at)).first().actor = "somebody else"
    make_whole(session)


def cut_short(session: Any) -> None:  # noqa: ANN401
    last = session.scalars(select(CustodyNumber).order_by(CustodyNumber.number.desc())).first()
    event = session.get_one(CustodyEvent, last.event_id)
    session.delete(last)
    session.flush()
    session.execute(text("DELETE FROM custody_detail WHERE event_id = :id"), {"id": event.id})
    session.delete(event)


@pytest.mark.parametrize("attack", [edit, cut_short])
@pytest.mark.parametrize("heads_too", [False, True], ids=["heads kept", "heads of the records gone"])
def test_a_log_that_was_written_anew_with_its_chains_whole_is_found_out(
    seal: Callable[..., Services], services: Services, attack: Callable[[Any], None], heads_too: bool
) -> None:
    seal()

    def act(session: Any) -> None:  # noqa: ANN401
        attack(session)
        if heads_too:
            session.execute(delete(TreeHeadRow))

    without_guards(services, act)
    faults = [fault for fault in verify(services)["faults"] if fault.startswith("signed head")]
    said = ["are not those that were signed" if attack is edit else "it was cut short"] * 2
    if heads_too:
        said[0] = "lies in the store and is gone from the records"
    assert len(faults) == 2
    assert all(words in fault for words, fault in zip(said, faults, strict=True))


def test_a_head_that_another_key_signed_is_found_out(seal: Callable[..., Services], services: Services) -> None:
    forger = replace(services, signer=Ed25519Signer(Ed25519PrivateKey.generate()))
    seal(using=forger)
    faults = verify(services)["faults"]
    assert len(faults) == 2
    assert all("was not signed by our key" in fault for fault in faults)


def test_a_head_that_another_key_signed_ends_no_signing_and_is_alarmed(
    seal: Callable[..., Services], services: Services, alarms: Callable[[], dict[str, str]]
) -> None:
    seal(using=replace(services, signer=Ed25519Signer(Ed25519PrivateKey.generate())), days=9)
    seal(days=1)
    with services.records.look() as session:
        newest = read_signed(all_heads(session)[-1].text)
    assert is_signed(newest, services)
    assert SUBJECT not in alarms()
    seal(using=replace(services, signer=Ed25519Signer(Ed25519PrivateKey.generate())), days=9)
    seal(days=1, letters=0)
    assert "it was not signed by our key" in alarms()[SUBJECT]


def test_a_head_in_the_store_that_is_none_is_named(services: Services) -> None:
    with tempfile.NamedTemporaryFile() as file:
        Path(file.name).write_bytes(b"\xff no head")
        services.vault.keep_head(7, Path(file.name))
    (fault,) = verify(services)["faults"]
    assert fault.startswith("signed head heads/000000000007: it has not the lines")


def test_a_head_whose_tree_is_whole_in_one_piece_is_not_grown_on_from(
    seal: Callable[..., Services], services: Services
) -> None:
    seal(letters=3)
    with services.records.look() as session:
        root = read_signed(all_heads(session)[0].text).head.root
    without_guards(services, lambda session: session.execute(update(TreeHeadRow).values(full=[root.hex()])))
    seal(days=1)
    with services.records.look() as session:
        assert read_signed(all_heads(session)[-1].text).head.root == root_of(list(leaves(session)))


@pytest.mark.parametrize(
    "change",
    [{"signed_at": datetime(2099, 1, 1, tzinfo=UTC)}, {"size": 1_000_000}, {"full": ["0" * 64]}],
    ids=["signed in years to come", "of more events than there are", "over another tree"],
)
def test_nobody_ends_the_signing_by_what_the_records_say_of_a_head(
    seal: Callable[..., Services], services: Services, change: dict[str, Any], alarms: Callable[[], dict[str, str]]
) -> None:
    seal()
    without_guards(services, lambda session: session.execute(update(TreeHeadRow).values(change)))
    seal(days=1)
    with services.records.look() as session:
        log, texts = list(leaves(session)), [row.text for row in all_heads(session)]
    heads = {head.size: head.root for head in (read_signed(text).head for text in texts)}
    assert heads[len(log)] == root_of(log)
    told = "its row says what was not signed"
    assert [fault for fault in verify(services)["faults"] if told in fault]
    assert told in alarms()[SUBJECT]


def test_a_head_that_the_store_does_not_take_keeps_no_other_out_and_is_alarmed(
    seal: Callable[..., Services], services: Services, alarms: Callable[[], dict[str, str]]
) -> None:
    seal()
    (first,) = signed(services)
    with tempfile.NamedTemporaryFile() as file:
        Path(file.name).write_bytes(b"the head of a log that was lost")
        services.vault.keep_head(first["size"] + 2, Path(file.name))
    seal(days=1)
    assert SUBJECT not in alarms()
    seal(days=2)
    assert [one["published"] for one in signed(services)] == [True, False, True]
    assert "does not lie in the store" in alarms()[SUBJECT]


def test_a_head_that_cannot_be_mailed_for_a_day_is_alarmed_until_it_is(
    seal: Callable[..., Services], mailing: Services, post: Post, alarms: Callable[[], dict[str, str]]
) -> None:
    post.fault = Unreachable("away")
    seal(using=mailing)
    assert SUBJECT not in alarms()
    seal(letters=0, days=1, using=mailing)
    assert alarms()[SUBJECT].endswith("was not mailed: away.")
    post.fault = None
    seal(letters=0, days=1, using=mailing)
    assert SUBJECT not in alarms()
