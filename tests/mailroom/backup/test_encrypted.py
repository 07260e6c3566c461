"""A backup of what is encrypted is encrypted, too, and is a mailroom again for whoever has the master key.

On both databases, for the wrapped data keys are on record there and are copied with the records.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from hashlib import sha256
from pathlib import Path

import pytest
from database_server import ON_BOTH

from mailroom.backup.drill import Drilled, drill
from mailroom.backup.records_copy import RecordsCopy
from mailroom.backup.restore import Outcome
from mailroom.backup.shelf import MANIFEST, Shelf
from mailroom.backup.take import Taken, take_backup
from mailroom.bootstrap.backups import records_copy
from mailroom.bootstrap.encryption import add_master_key
from mailroom.bootstrap.places import spool_of
from mailroom.domain.capture import Capture, Channel, Receipt
from mailroom.domain.errors import Misconfigured
from mailroom.duties.heads import seal_log
from mailroom.duties.reconcile import reconcile
from mailroom.duties.rewrap import rewrap_all
from mailroom.duties.verify import verify
from mailroom.journey.receive import receive
from mailroom.records.tables import DataKeyRow
from mailroom.services import Services
from storage.local import LocalStore
from storage.sealing import MARK
from storage.vault import original_key

pytestmark = ON_BOTH
Take = Callable[..., Taken]
Elsewhere = Callable[..., Outcome]


@pytest.fixture
def key_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    file = tmp_path / "masters"
    add_master_key(file)
    monkeypatch.setenv("MAILROOM_ENCRYPTION__KEY_FILE", str(file))
    return file


@pytest.fixture
def services(key_file: Path, services: Services) -> Services:
    return services


@pytest.fixture
def backup(post: list[Receipt], services: Services, take: Take) -> Path:
    seal_log(services)
    return take().folder


def objects_in(folder: Path) -> list[Path]:
    return sorted(place for place in folder.rglob("*") if place.is_file())


def test_nobody_reads_an_object_of_it_and_what_opens_them_is_not_in_it(
    backup: Path, shelf: Shelf, key_file: Path
) -> None:
    assert len(objects_in(shelf.objects)) == 12
    assert all(place.read_bytes().startswith(MARK) for place in objects_in(shelf.objects))
    secret = key_file.read_text().splitlines()[1].encode()
    assert all(secret not in place.read_bytes() for place in objects_in(shelf.root))
    told = json.loads((backup / MANIFEST).read_text())["kept_elsewhere"]
    assert any(str(key_file) in line and "NOTHING" in line for line in told)


def test_what_lies_there_is_not_copied_again_and_is_read_where_all_is_looked_at(
    backup: Path, take: Take, shelf: Shelf
) -> None:
    assert take().new_objects == 0
    place = objects_in(shelf.objects)[0]
    place.write_bytes(place.read_bytes()[:-1] + b"?")
    assert take(thorough=True).new_objects == 1
    assert take(thorough=True).new_objects == 0


def test_a_drill_finds_it_true_and_leaves_no_plain_byte_and_names_what_is_damaged(
    backup: Path, try_out: Callable[[Path], Drilled], shelf: Shelf, services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    put: list[bytes] = []
    whole = LocalStore.put_new
    monkeypatch.setattr(
        LocalStore,
        "put_new",
        lambda store, key, source, *more: (put.append(source.read_bytes()), whole(store, key, source, *more))[1],
    )
    assert try_out(backup).faults == []
    assert len(put) == 12
    assert all(content.startswith(MARK) for content in put)
    assert list(services.scratch.iterdir()) == []
    place = objects_in(shelf.objects)[0]
    place.write_bytes(place.read_bytes()[:-1] + b"?")
    (fault,) = try_out(backup).faults
    assert place.name in fault


def test_a_drill_says_what_came_in_since_and_what_is_missing_where_the_master_key_is_not_at_hand(
    backup: Path,
    try_out: Callable[[Path], Drilled],
    deliver: Callable[..., Receipt],
    step: Callable[[timedelta], None],
    services: Services,
    copy: RecordsCopy,
) -> None:
    for number in range(3):
        deliver(b"too late for the backup %d" % number)
    step(timedelta(minutes=90))
    found = try_out(backup)
    assert (found.faults, found.gap_items, round(found.gap_minutes)) == ([], 3, 90)
    without = replace(services, masters=None)
    with pytest.raises(Misconfigured, match=r"encryption\.key_file: .*age1\w+, which is not at hand.*bring it back"):
        drill(backup, copy, without, services.scratch, nothing, "cli:kim", nothing)
    assert list(services.scratch.iterdir()) == []


def test_a_mailroom_is_made_of_it_with_the_same_data_keys(
    backup: Path, elsewhere: Elsewhere, reopened: Callable[[], Services], tmp_path: Path, services: Services
) -> None:
    bring_key(services, tmp_path)
    assert elsewhere(backup).faults == []
    sealed = [place for place in objects_in(tmp_path / "restored" / "vault") if place.parent.name != "heads"]
    assert len(sealed) == 12
    assert all(place.read_bytes().startswith(MARK) for place in sealed)
    restored = reopened()
    assert verify(restored)["faults"] == []
    assert keys_on_record(restored) == keys_on_record(services)
    assert not list((tmp_path / "restored").glob("restoring*"))


def bring_key(services: Services, tmp_path: Path) -> None:
    """Put the key back that signs heads."""
    (tmp_path / "restored").mkdir(exist_ok=True)
    shutil.copyfile(services.settings.data / "custody.pem", tmp_path / "restored" / "custody.pem")


def keys_on_record(services: Services) -> dict[str, bytes]:
    with services.records.look() as session:
        return {row.key: row.wrapped for row in session.query(DataKeyRow)}


def test_one_from_before_the_master_key_was_changed_needs_the_former_one(
    backup: Path,
    elsewhere: Elsewhere,
    services: Services,
    key_file: Path,
    reopened: Callable[[], Services],
    tmp_path: Path,
) -> None:
    bring_key(services, tmp_path)
    add_master_key(key_file)
    rewrap_all(services, "cli:kim", lambda _: None)
    both = key_file.read_text()
    key_file.write_text("".join(both.splitlines(keepends=True)[:2]))
    with pytest.raises(Misconfigured, match=r"encryption\.key_file: .*is not at hand.*bring it back"):
        elsewhere(backup)
    key_file.write_text(both)
    assert elsewhere(backup).faults == []
    assert verify(reopened())["faults"] == []


def test_without_the_file_it_is_refused_and_nothing_is_done(
    backup: Path, elsewhere: Elsewhere, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("MAILROOM_ENCRYPTION__KEY_FILE")
    with pytest.raises(Misconfigured, match=r"encryption\.key_file: what is kept was encrypted by the master key age1"):
        elsewhere(backup)
    assert objects_in(tmp_path / "restored") == []


def test_what_came_after_the_backup_and_is_taken_in_again_is_copied_again_with_its_new_data_key(
    backup: Path,
    take: Take,
    deliver: Callable[..., Receipt],
    elsewhere: Elsewhere,
    reopened: Callable[[], Services],
    shelf: Shelf,
    tmp_path: Path,
    services: Services,
) -> None:
    deliver(b"after the backup")
    assert take().new_objects == 1
    bring_key(services, tmp_path)
    assert elsewhere(backup).faults == []
    restored = reopened()
    receive(capture_of(restored, b"after the backup"), restored)
    copy = records_copy(restored.settings)
    daily = take_backup(restored, shelf, copy, "machine:backup", nothing, thorough=False)
    assert (daily.new_objects, daily.manifest.faults) == (1, [])
    assert drill(daily.folder, copy, restored, restored.scratch, nothing, "cli:kim", nothing).faults == []
    assert take_backup(restored, shelf, copy, "machine:backup", nothing, thorough=False).new_objects == 0


def test_an_original_that_came_after_the_backup_is_said_not_to_open_until_it_is_taken_in_again(
    backup: Path,
    deliver: Callable[..., Receipt],
    elsewhere: Elsewhere,
    reopened: Callable[[], Services],
    tmp_path: Path,
    services: Services,
) -> None:
    content = b"after the backup, and only the store has it"
    deliver(content)
    shutil.copytree(services.settings.data / "vault", tmp_path / "restored" / "vault")
    bring_key(services, tmp_path)
    assert elsewhere(backup).later == 1
    restored = reopened()
    (told,) = reconcile(restored)["missing"]
    sealed = tmp_path / "restored" / "vault" / original_key(sha256(content).hexdigest())
    assert f"cannot be opened ({sealed.stat().st_size} bytes as it lies there" in told
    assert "encrypted by a data key that was lost with the records" in told
    receive(capture_of(restored, content), restored)
    assert (reconcile(restored)["missing"], verify(restored)["faults"]) == ([], [])


def nothing(*_told: object) -> None:
    """Stand in where nobody watches."""


def capture_of(services: Services, content: bytes) -> Capture:
    spooled = spool_of(services) / "again"
    spooled.write_bytes(content)
    return Capture(spooled, Channel.POST, "again", services.now(), file_name="letter.txt")
