"""A bag holds what was received, is valid by the rules of BagIt, and takes no name from whoever sent a file."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

import bagit
import pytest
from sample_letters import AT_RISK, DISCOUNT
from sqlalchemy import update

from mailroom.bags.bag import Bag
from mailroom.bags.export import Exported, Wanted, export
from mailroom.desk.acting import Refused
from mailroom.desk.audit import NotThere
from mailroom.domain.access import Role, Viewer
from mailroom.domain.capture import Receipt
from mailroom.domain.errors import MailroomError
from mailroom.records.ledger import Days
from mailroom.records.tables import Item, Original
from mailroom.services import Services

Deliver = Callable[..., Receipt]
ADA = Viewer("ada", frozenset({Role.AUDITOR}), named_for_limited=True)
NAMES = ["../../../etc/passwd", "=cmd|' /C calc'!A0", "a/b\x00c\n.pdf", "CON", "x" * 300]


@pytest.fixture
def carry_out(services: Services, tmp_path: Path) -> Callable[..., tuple[Path, Exported]]:
    """Writes a bag: `carry_out(names=..., days=..., viewer=...)`."""

    def write(viewer: Viewer = ADA, **wanted: object) -> tuple[Path, Exported]:
        target = tmp_path / f"bag{len(list(tmp_path.glob('bag*')))}"
        done = export(Wanted(**wanted), target, viewer, services, lambda *_: None)  # type: ignore[arg-type]
        return target, done

    return write


def rows_of(bag: Path) -> list[dict[str, str]]:
    with (bag / "data" / "index.csv").open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def test_a_bag_is_valid_and_holds_the_very_bytes_with_their_custody(
    deliver: Deliver, travel: Callable[..., Item], carry_out: Callable[..., tuple[Path, Exported]]
) -> None:
    item = travel(deliver(DISCOUNT, file_name="discount.txt").item_id)
    bag, done = carry_out(names=[item.reference], purpose="for the county archive")
    assert bagit.Bag(str(bag)).validate()
    assert (done.items, done.originals, done.left_out) == (1, 1, [])
    (row,) = rows_of(bag)
    assert (bag / "data" / row["path"]).read_bytes() == DISCOUNT
    assert (row["reference"], row["received"], row["given_name"]) == (item.reference, "2026-11-16", "discount.txt")
    assert (row["sender_name"], row["sender_postcode"], row["team"]) == ("Jane Pemberton", "HD7 4QT", "revenues")
    lines = (bag / "data" / "custody" / f"{item.reference}.jsonl").read_text().splitlines()
    kinds = [json.loads(json.loads(line)["hashed"])["kind"] for line in lines]
    assert (kinds[0], kinds[-1]) == ("received", "exported")
    assert "for the county archive" in json.loads(lines[-1])["details"]


def test_days_choose_what_was_received_on_them_and_is_theirs_to_see(
    deliver: Deliver, travel: Callable[..., Item], carry_out: Callable[..., tuple[Path, Exported]], services: Services
) -> None:
    early = deliver(b"early", received_at=services.now() - timedelta(days=3))
    inside = [travel(deliver(DISCOUNT).item_id).reference for _ in range(2)]
    limited = travel(deliver(AT_RISK).item_id)
    days = Days(date(2026, 11, 15), date(2026, 11, 16))
    bag, _ = carry_out(days=days)
    assert {row["reference"] for row in rows_of(bag)} == {*inside, limited.reference}
    unnamed = Viewer("kim", frozenset({Role.AUDITOR}))
    bag, _ = carry_out(unnamed, days=days)
    assert {row["reference"] for row in rows_of(bag)} == set(inside)
    with pytest.raises(NotThere):
        carry_out(unnamed, names=[limited.reference])
    assert early.reference not in (bag / "data" / "index.csv").read_text("utf-8")


def test_hostile_names_are_data_and_never_paths_nor_formulas(
    deliver: Deliver, carry_out: Callable[..., tuple[Path, Exported]]
) -> None:
    taken = [deliver(f"letter {number}".encode(), file_name=name) for number, name in enumerate(NAMES)]
    bag, _ = carry_out(names=[one.reference for one in taken])
    assert bagit.Bag(str(bag)).validate()
    files = [file.relative_to(bag).as_posix() for file in bag.rglob("*") if file.is_file()]
    assert [path for path in files if ".." in path or not path.isascii() or " " in path] == []
    rows = rows_of(bag)
    assert rows[0]["given_name"] == NAMES[0]
    assert rows[1]["given_name"] == f"'{NAMES[1]}"


def test_what_is_held_back_or_lost_is_named_and_the_rest_is_whole(
    deliver: Deliver, carry_out: Callable[..., tuple[Path, Exported]], services: Services
) -> None:
    taken = [deliver(f"letter {number}".encode()) for number in range(3)]
    with services.records.work() as session:
        held = update(Original).where(Original.item_id == taken[0].item_id).values(quarantined="Eicar")
        session.execute(held)
        session.commit()
    with services.records.look() as session:
        lost = session.get_one(Item, taken[1].item_id).originals[0].key
    (services.settings.data / "vault" / lost).unlink()
    bag, done = carry_out(names=[one.reference for one in taken])
    assert bagit.Bag(str(bag)).validate()
    assert [("held back" in one, taken[0].reference in one) for one in done.left_out[:1]] == [(True, True)]
    assert "missing" in done.left_out[1]
    assert [bool(row["path"]) for row in rows_of(bag)] == [False, False, True]
    assert done.originals == 1


def test_a_folder_that_is_there_is_not_written_into_and_nothing_half_done_is_left(
    deliver: Deliver, services: Services, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    reference = deliver(b"letter").reference
    (tmp_path / "bag").mkdir()
    with pytest.raises(MailroomError, match="is there already"):
        export(Wanted([reference]), tmp_path / "bag", ADA, services, lambda *_: None)
    with pytest.raises(Refused, match="Name items, or the first and the last day"):
        export(Wanted(), tmp_path / "new", ADA, services, lambda *_: None)

    def full(*_told: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Bag, "close", full)
    with pytest.raises(MailroomError, match="No space left"):
        export(Wanted([reference]), tmp_path / "new", ADA, services, lambda *_: None)
    assert [place.name for place in tmp_path.iterdir() if "new" in place.name] == []


@pytest.mark.parametrize("path", ["../x", "/etc/passwd", "a//b", ".hidden", "a b", "a/../b", ""])
def test_a_bag_takes_no_path_that_leads_elsewhere(tmp_path: Path, path: str) -> None:
    with pytest.raises(ValueError, match="not a path for a bag"):
        Bag(tmp_path).put(path, io.BytesIO(b"x"))
