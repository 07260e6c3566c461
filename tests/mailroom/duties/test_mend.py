"""Damage is put back from the other copy and told in the chain of custody, or alarmed with what to do."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from mailroom.desk.audit import fetch_original
from mailroom.desk.history import history
from mailroom.desk.item_view import view
from mailroom.domain.access import Role, Viewer
from mailroom.domain.capture import Receipt
from mailroom.domain.errors import CustodyBreach
from mailroom.duties.mend import mend
from mailroom.duties.scrub import walk_on
from mailroom.duties.second_copy import copy_what_has_none
from mailroom.duties.verify import verify
from mailroom.records.items import find_item
from mailroom.records.tables import CustodyEvent
from mailroom.services import Services
from storage.vault import original_key

LETTER = b"Dear council"
OPERATOR = Viewer("cli:op", frozenset({Role.POST_ROOM, Role.AUDITOR}), named_for_limited=True)


def damage(file: Path, content: bytes | None = b"Dear Council") -> None:
    file.chmod(0o600)
    file.unlink() if content is None else file.write_bytes(content)


@pytest.fixture
def original(services: Services, deliver: Callable[..., Receipt], first: Path) -> tuple[Receipt, Path]:
    """A letter, and the file in which it is kept."""
    receipt = deliver(LETTER)
    (file,) = (file for file in (first / "originals").rglob("*") if file.is_file())
    copy_what_has_none(services)
    return receipt, file


def events_of(item_id: str, services: Services) -> list[tuple[str, str | None]]:
    with services.records.look() as session:
        rows = session.query(CustodyEvent).filter_by(item_id=item_id).order_by(CustodyEvent.position)
        return [(row.kind, row.original) for row in rows]


def test_whoever_fetches_a_damaged_original_is_given_the_second_copy_and_it_is_put_back(
    second: Path,
    services: Services,
    original: tuple[Receipt, Path],
    alarms: Callable[[], dict[str, str]],
    tmp_path: Path,
) -> None:
    receipt, file = original
    damage(file)
    digest = fetch_original(receipt.item_id, tmp_path / "o", OPERATOR, "test", services)
    assert (tmp_path / "o").read_bytes() == LETTER
    (fault,) = verify(services)["faults"]
    assert "other bytes in the store" in fault
    assert mend(services) == 1
    assert file.read_bytes() == LETTER
    told = [event for event in events_of(receipt.item_id, services) if event[0] != "original_fetched"]
    assert told == [("received", digest), ("damage_found", digest), ("mended", digest)]
    assert verify(services)["faults"] == []
    assert list(alarms()) == ["originals that were put back"]
    assert alarms()["originals that were put back"].startswith("Put back from the other store: 1 copy of")


def test_that_something_was_put_back_is_alarmed_until_a_whole_walk_meets_nothing_more(
    second: Path,
    services: Services,
    original: tuple[Receipt, Path],
    alarms: Callable[[], dict[str, str]],
    step: Callable[[timedelta], None],
) -> None:
    damage(original[1], None)
    walk_on(services, 1000)
    mend(services)
    assert alarms()
    step(timedelta(days=1))
    walk_on(services, 1000)
    mend(services)
    assert alarms() == {}


@pytest.mark.parametrize("content", [None, b"Dear Council"])
def test_where_there_is_no_second_copy_an_alarm_names_the_item_and_what_to_do_until_it_is_brought_back(
    services: Services,
    original: tuple[Receipt, Path],
    alarms: Callable[[], dict[str, str]],
    step: Callable[[timedelta], None],
    tmp_path: Path,
    content: bytes | None,
) -> None:
    receipt, file = original
    damage(file, content)
    with pytest.raises(CustodyBreach, match="do not rely on a copy"):
        fetch_original(receipt.item_id, tmp_path / "o", OPERATOR, "test", services)
    assert mend(services) == 0
    sentence = alarms()[f"custody:{receipt.item_id}"]
    assert sentence.startswith(f"Item {receipt.reference}: originals/")
    assert "There is no second copy (second_copy.store). Bring it back to the same place from a backup" in sentence
    damage(file, LETTER) if content else file.write_bytes(LETTER)
    assert mend(services) == 0  # it was tried just now
    step(timedelta(minutes=11))
    assert mend(services) == 1
    assert f"custody:{receipt.item_id}" not in alarms()


def test_where_both_copies_are_damaged_neither_is_touched(
    second: Path, services: Services, original: tuple[Receipt, Path], alarms: Callable[[], dict[str, str]], first: Path
) -> None:
    receipt, file = original
    other = second / file.relative_to(first)
    damage(file)
    damage(other, b"dear council")
    walk_on(services, 1000)
    assert mend(services) == 0
    assert (file.read_bytes(), other.read_bytes()) == (b"Dear Council", b"dear council")
    assert "The other copy is no help" in alarms()[f"custody:{receipt.item_id}"]


def test_the_history_says_it_in_words(second: Path, services: Services, original: tuple[Receipt, Path]) -> None:
    damage(original[1], None)
    walk_on(services, 1000)
    mend(services)
    with services.records.look() as session:
        item = find_item(session, original[0].item_id)
        assert item is not None
        lines = history(session, item.id, view(session, item, OPERATOR, services)["custody"], services)
    assert [line.sentence for line in lines[-2:]] == [
        "Its original was found missing in the store.",
        "The original was put back from the second copy.",
    ]


def test_every_item_that_shares_the_bytes_is_told(
    second: Path, services: Services, original: tuple[Receipt, Path], deliver: Callable[..., Receipt]
) -> None:
    again = deliver(LETTER)
    damage(original[1], None)
    walk_on(services, 1000)
    mend(services)
    for receipt in (original[0], again):
        assert [kind for kind, _ in events_of(receipt.item_id, services)][-2:] == ["damage_found", "mended"]


def test_the_key_of_an_original_is_where_it_is_brought_back_to(original: tuple[Receipt, Path], first: Path) -> None:
    assert original[1] == first / original_key(original[1].name)
