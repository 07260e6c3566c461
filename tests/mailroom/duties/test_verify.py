"""`verify` compares which originals an item has with what its chain of custody says it came with."""

from collections.abc import Callable, Iterator

import pytest
from sqlalchemy import update
from sqlalchemy.orm import Session

from mailroom.desk.joining import join
from mailroom.domain.access import Role, Viewer
from mailroom.domain.capture import Receipt
from mailroom.duties import verify as verifying
from mailroom.duties.heads import sign_now
from mailroom.duties.verify import verify
from mailroom.records.custody_faults import faults_in_chains
from mailroom.records.tables import Item, Original
from mailroom.services import Services
from storage.errors import StorageError, StoreUnavailable

Deliver = Callable[..., Receipt]
CLERK = Viewer("noor", frozenset({Role.POST_ROOM}), named_for_limited=True)


@pytest.fixture
def change(services: Services) -> Callable[..., None]:
    """Changes the rows of an item's originals behind the back of everything that keeps count."""

    def set_columns(whose: str, /, **columns: object) -> None:
        with services.records.work() as session:
            session.execute(update(Original).where(Original.item_id == whose).values(**columns))
            session.commit()

    return set_columns


def test_what_was_received_is_whole(deliver: Deliver, services: Services) -> None:
    deliver(b"A letter.")
    deliver(b"A letter.")
    assert verify(services)["faults"] == []


def test_an_original_swapped_for_that_of_another_item_is_found(
    deliver: Deliver, services: Services, change: Callable[..., None]
) -> None:
    first, second = deliver(b"I owe you nothing.").item_id, deliver(b"I owe you all.").item_id
    with services.records.look() as session:
        other = session.get_one(Item, second).originals[0]
    change(first, sha256=other.sha256, key=other.key)
    faults = verify(services)["faults"]
    assert [fault.partition(":")[0] for fault in faults] == [f"item {first}"] * 2
    assert f"has the original {other.sha256}, with which it never came" in faults[1]


def test_an_original_given_to_another_item_is_found(
    deliver: Deliver, services: Services, change: Callable[..., None]
) -> None:
    first, second = deliver(b"One.").item_id, deliver(b"Another.").item_id
    change(first, item_id=second)
    faults = " ".join(verify(services)["faults"])
    assert (f"item {first}: it came with" in faults, f"item {second}: it has" in faults) == (True, True)


def test_a_joined_item_has_its_original_with_the_other(
    deliver: Deliver, travel: Callable[..., Item], services: Services, change: Callable[..., None]
) -> None:
    first, second, third = (travel(deliver(b"I enclose the papers, part %d." % n).item_id) for n in range(3))
    join(third.id, second.id, CLERK, services)
    travel(second.id)
    join(second.id, first.id, CLERK, services)
    assert verify(services)["faults"] == []
    change(first.id, item_id=third.id)
    assert len(verify(services)["faults"]) == 6


@pytest.mark.parametrize("begun", [False, True], ids=["before the view begins", "after the view began"])
def test_a_head_that_is_signed_while_it_verifies_is_no_fault(
    deliver: Deliver, services: Services, monkeypatch: pytest.MonkeyPatch, begun: bool
) -> None:
    deliver(b"A letter.")
    sign_now(services)

    def meanwhile(session: Session) -> Iterator[str]:
        if begun:
            yield from faults_in_chains(session)
        deliver(b"Another letter.")
        sign_now(services)
        if not begun:
            yield from faults_in_chains(session)

    monkeypatch.setattr(verifying, "faults_in_chains", meanwhile)
    assert verify(services)["faults"] == []
    monkeypatch.undo()
    assert (verify(services)["faults"], verify(services)["heads"]) == ([], 2)


def test_a_store_that_goes_away_while_it_verifies_has_lost_no_head(
    deliver: Deliver, services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    deliver(b"A letter.")
    sign_now(services)
    heads = services.vault.heads
    answers = iter([[], StoreUnavailable("away")])

    def goes_away() -> Iterator[tuple[str, bytes]]:
        answer = next(answers, None)
        if isinstance(answer, StorageError):
            raise answer
        yield from heads() if answer is None else answer

    monkeypatch.setattr(services.vault, "heads", goes_away)
    assert verify(services)["faults"] == ["the signed heads in the store: away"]
