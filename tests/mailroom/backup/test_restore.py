"""A mailroom that is made of a backup is what it was, does nothing twice, and is made in an empty place only."""

from __future__ import annotations

import hashlib
import shutil
import subprocess
from collections.abc import Callable, Iterator
from datetime import UTC, timedelta
from pathlib import Path
from typing import Any, BinaryIO

import pytest
from forging import unguarded
from sample_letters import DISCOUNT
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from mailroom.backup.drill import Drilled
from mailroom.backup.manifest import digest_of_file, read_manifest, write_manifest
from mailroom.backup.restore import Outcome
from mailroom.backup.shelf import Shelf
from mailroom.backup.take import Taken
from mailroom.bootstrap import open_mailroom
from mailroom.bootstrap.backups import place_to_restore_to, records_copy
from mailroom.bootstrap.database import admin_url, service_url
from mailroom.bootstrap.encryption import add_master_key
from mailroom.domain.capture import Channel, Receipt
from mailroom.domain.doubt import IN_DOUBT
from mailroom.domain.errors import Misconfigured, Transient
from mailroom.duties.heads import seal_log
from mailroom.duties.reconcile import reconcile
from mailroom.duties.send_acknowledgements import send_acknowledgements
from mailroom.duties.verify import verify
from mailroom.journey.receive import receive
from mailroom.journey.travel import advance
from mailroom.records import schema
from mailroom.records.custody import number_new_events
from mailroom.records.session import Records
from mailroom.records.tables import Acknowledgement, Base, CustodyDetail, Item, Original
from mailroom.services import Services
from mailroom.settings import load_settings
from storage.errors import StoreUnavailable
from storage.local import LocalStore
from storage.sealing import MARK
from storage.vault import Vault

Take = Callable[..., Taken]
Deliver = Callable[..., Receipt]
Elsewhere = Callable[..., Outcome]
Reopened = Callable[[], Services]
Travel = Callable[..., Item]
Step = Callable[[timedelta], None]
COMPLAINT = b"Dear Sir\n\nI make a formal complaint about my missed bin.\n\nYours faithfully\nJo Bell\n"
PROVEN = {"channel": Channel.EMAIL, "proven_sender": "jo@example.org"}


def bring_key(services: Services, tmp_path: Path) -> None:
    """Put the key back that is kept elsewhere."""
    (tmp_path / "restored").mkdir(exist_ok=True)
    assert services.signer.public_key
    shutil.copyfile(services.settings.data / "custody.pem", tmp_path / "restored" / "custody.pem")


def message_of(services: Services, item_id: str) -> Acknowledgement:
    with services.records.look() as session:
        return session.scalars(select(Acknowledgement).where(Acknowledgement.item_id == item_id)).one()


def carry(item_id: str, services: Services) -> None:
    """Carry an item to the end of its run."""
    with services.records.look() as session:
        run = session.get_one(Item, item_id).run
    while advance(item_id, run, services):
        pass


def number_all(services: Services) -> None:
    with services.records.work() as session:
        number_new_events(session)
        session.commit()


def rows_of(services: Services) -> dict[str, int]:
    """Count the rows of every table."""
    with services.records.look() as session:
        every = Base.metadata.sorted_tables
        return {table.name: session.execute(select(func.count()).select_from(table)).scalar_one() for table in every}


def test_all_of_it_is_back_and_proved(
    post: list[Receipt],
    take: Take,
    services: Services,
    elsewhere: Elsewhere,
    reopened: Reopened,
    tmp_path: Path,
    originals: Callable[[], dict[str, str]],
) -> None:
    (services.settings.data / "mail-log").mkdir()
    (services.settings.data / "mail-log" / "smtp-2026-11-16.jsonl").write_text("")
    seal_log(services)
    taken, before = take(), originals()
    bring_key(services, tmp_path)
    outcome = elsewhere(taken.folder)
    assert outcome.faults == []
    assert outcome.done is not None
    assert [one.reference for one in outcome.done.under_way] == sorted(one.reference for one in post)
    assert {one.stage for one in outcome.done.under_way} == {"unpack"}
    again = reopened()
    with again.records.look() as session:
        assert dict(session.execute(select(Original.sha256, Original.key)).all()) == before
    for sha256, key in before.items():
        with again.vault.open(sha256, key) as there, services.vault.open(sha256, key) as here:
            assert there.read() == here.read()
    number_all(again)
    found = verify(again)
    assert (found["faults"], found["checked"], found["heads"]) == ([], 12, 1)
    assert reconcile(again)["missing"] == []
    assert (tmp_path / "restored" / "mail-log" / "smtp-2026-11-16.jsonl").exists()
    assert not (tmp_path / "restored" / "restoring").exists()


def test_where_a_mailroom_is_nothing_is_written(
    post: list[Receipt], take: Take, services: Services, elsewhere: Elsewhere
) -> None:
    backup, before = take().folder, rows_of(services)
    with pytest.raises(Misconfigured, match="There is a mailroom here already"):
        elsewhere(backup, name="data")
    assert rows_of(services) == before


def test_of_a_damaged_one_nothing_is_restored_unless_told_and_then_what_is_whole(
    post: list[Receipt],
    take: Take,
    shelf: Shelf,
    elsewhere: Elsewhere,
    tmp_path: Path,
    originals: Any,  # noqa: ANN401
) -> None:
    backup = take().folder
    gone, cut = list(originals().values())[:2]
    (shelf.objects / gone).unlink()
    (shelf.objects / cut).write_bytes(b"Dear")
    refused = elsewhere(backup)
    assert refused.done is None
    assert [gone in fault or cut in fault for fault in refused.faults] == [True, True]
    assert records_copy(load_settings()).is_empty()
    assert not (tmp_path / "restored" / "restoring").exists()
    outcome = elsewhere(backup, despite=True)
    assert outcome.done is not None
    assert len(outcome.faults) == 2
    assert len([file for file in (tmp_path / "restored" / "vault").rglob("originals/*/*") if file.is_file()]) == 10


def test_an_edited_manifest_is_refused(take: Take, elsewhere: Elsewhere, tmp_path: Path) -> None:
    backup = take().folder
    text = (backup / "manifest.json").read_text()
    (backup / "manifest.json").write_text(text.replace('"program": "', '"program": "9'))
    outcome = elsewhere(backup)
    assert outcome.done is None
    assert "the manifest was changed" in outcome.faults[0]


class Failing(LocalStore):
    """A store that goes away after three objects."""

    left = 3

    def put_new(self, *told: Any) -> Any:  # noqa: ANN401
        self.left -= 1
        if self.left < 0:
            raise StoreUnavailable("it does not answer")
        return super().put_new(*told)


def test_one_that_is_broken_off_leaves_half_a_mailroom_to_nobody_and_can_be_run_again(
    post: list[Receipt], take: Take, elsewhere: Elsewhere, tmp_path: Path
) -> None:
    backup = take().folder
    with pytest.raises(Transient, match="Run it again"):
        elsewhere(backup, vault=Vault(Failing(tmp_path / "restored" / "vault")))
    with pytest.raises(Misconfigured, match="is at work, or was broken off"), open_mailroom():
        pytest.fail("half a mailroom was opened")
    assert elsewhere(backup).faults == []
    with open_mailroom() as opened, opened.records.look() as session:
        assert len(session.scalars(select(Item.id)).all()) == 12


def older_backup(backup: Path, version: str, services: Services) -> None:
    """Put records of an earlier program in the place of those of a backup, all signed as it would have been.

    They are made where the environment names a place for them.
    """
    settings = load_settings()
    settings.data.mkdir()
    records, copy = Records(admin_url(settings) or service_url(settings)), records_copy(settings)
    schema.upgrade(records, version)
    records.close()
    (backup / "records" / copy.file_name).unlink()
    with copy.copied(backup / "records" / copy.file_name, lambda *_: None):
        pass
    (backup / "objects.sha256").write_text("")
    manifest = read_manifest(backup)
    files = {name: digest_of_file(backup / name) for name in manifest.files}
    write_manifest(backup, manifest.model_copy(update={"files": files, "schema_version": version}), services.signer)


def test_an_older_one_is_brought_up_to_date(
    take: Take, services: Services, elsewhere: Elsewhere, reopened: Reopened, empty_place: Callable[[str], None]
) -> None:
    backup = take().folder
    empty_place("older")
    older_backup(backup, "0015", services)
    assert elsewhere(backup).faults == []
    with reopened().records.connection() as connection:
        assert schema.version_of(connection) == schema.HEAD


def test_a_newer_one_is_refused(take: Take, elsewhere: Elsewhere, monkeypatch: pytest.MonkeyPatch) -> None:
    backup = take().folder
    monkeypatch.setattr(schema, "HEAD", "0001")
    with pytest.raises(Misconfigured, match="was taken by a newer mailroom"):
        elsewhere(backup)
    assert records_copy(load_settings()).is_empty()


@pytest.fixture
def told_after_the_backup(
    mailing: Services, deliver: Deliver, travel: Travel, take: Take, step: Step
) -> tuple[str, Path]:
    """A complaint whose acknowledgement was held when the backup was taken, and has gone out since."""
    item = travel(deliver(COMPLAINT, **PROVEN).item_id, using=mailing)
    backup = take().folder
    step(timedelta(minutes=10))
    assert send_acknowledgements(mailing) == 1
    return item.id, backup


def test_what_went_out_after_the_backup_is_not_sent_again(
    told_after_the_backup: tuple[str, Path],
    elsewhere: Elsewhere,
    reopened: Reopened,
    with_mail: Callable[[Services], Services],
    mail_server: Any,  # noqa: ANN401
) -> None:
    item_id, backup = told_after_the_backup
    assert len(mail_server.taken) == 1
    outcome = elsewhere(backup)
    assert outcome.done is not None
    assert len(outcome.done.held_back) == 1
    again = with_mail(reopened())
    assert send_acknowledgements(again) == 0
    assert len(mail_server.taken) == 1
    message = message_of(again, item_id)
    assert (message.state, message.reason) == ("withheld", IN_DOUBT)


def test_an_item_that_was_under_way_goes_on_and_is_not_told_again_but_a_new_one_is(
    mailing: Services,
    deliver: Deliver,
    capture: Any,  # noqa: ANN401
    take: Take,
    elsewhere: Elsewhere,
    reopened: Reopened,
    travel: Travel,
    with_mail: Callable[[Services], Services],
) -> None:
    before = deliver(COMPLAINT, **PROVEN)
    backup = take().folder
    travel(before.item_id, using=mailing)
    elsewhere(backup)
    again = with_mail(reopened())
    after = receive(capture(COMPLAINT, **PROVEN | {"received_at": again.now()}), again)
    for receipt in (before, after):
        carry(receipt.item_id, again)
    assert (message_of(again, before.item_id).state, message_of(again, before.item_id).reason) == ("withheld", IN_DOUBT)
    assert message_of(again, after.item_id).state == "held"
    with again.records.look() as session:
        assert session.get_one(Item, before.item_id).state == "captured"


def test_what_is_handed_over_again_says_that_it_may_have_been(
    deliver: Deliver, take: Take, elsewhere: Elsewhere, reopened: Reopened, travel: Travel, services: Services
) -> None:
    before = deliver(DISCOUNT)
    backup = take().folder
    travel(before.item_id)
    released = services.settings.data / "release" / "revenues" / before.reference / "manifest.json"
    assert "perhaps_released_before" not in released.read_text()
    elsewhere(backup)
    again = reopened()
    carry(before.item_id, again)
    again_released = again.settings.data / "release" / "revenues" / before.reference / "manifest.json"
    assert '"perhaps_released_before": true' in again_released.read_text()


def test_what_still_lies_there_as_it_was_released_is_not_released_twice(
    deliver: Deliver, take: Take, elsewhere: Elsewhere, reopened: Reopened, travel: Travel, services: Services
) -> None:
    before = deliver(DISCOUNT)
    backup = take().folder
    travel(before.item_id)
    elsewhere(backup)
    again = reopened()
    theirs = again.settings.data / "release" / "revenues"
    shutil.copytree(services.settings.data / "release" / "revenues", theirs)
    carry(before.item_id, again)
    assert [folder.name for folder in theirs.iterdir()] == [before.reference]


def test_no_reference_is_given_to_two_letters(
    post: list[Receipt],
    take: Take,
    deliver: Deliver,
    elsewhere: Elsewhere,
    reopened: Reopened,
    capture: Any,  # noqa: ANN401
) -> None:
    backup = take().folder
    lost = {deliver(f"Dear Council, lost {number}".encode()).reference for number in range(5)}
    outcome = elsewhere(backup)
    assert outcome.done is not None
    assert outcome.done.left_out >= 1000
    again = reopened()
    new = receive(capture(b"Dear Council, I come after it", received_at=again.now()), again)
    assert new.reference not in lost
    assert int(new.reference.split("-")[2]) > 1000


def test_heads_of_the_log_that_was_lost_are_told_and_are_no_fault_where_the_key_says_so(
    post: list[Receipt],
    take: Take,
    services: Services,
    deliver: Deliver,
    elsewhere: Elsewhere,
    reopened: Reopened,
    tmp_path: Path,
    step: Step,
) -> None:
    seal_log(services)
    backup = take().folder
    step(timedelta(minutes=30))
    deliver(b"Dear Council, I am lost with the log")
    number_all(services)
    seal_log(services, now_and_here=True)
    shutil.copytree(services.settings.data / "vault", tmp_path / "restored" / "vault")
    bring_key(services, tmp_path)
    assert elsewhere(backup).faults == []
    again = reopened()
    number_all(again)
    found = verify(again)
    assert (found["faults"], found["heads_of_a_lost_log"]) == ([], 1)
    with unguarded(again.records) as connection, Session(connection) as session:
        for told in session.scalars(select(CustodyDetail)):
            told.details = {**told.details, **({"log_size": 0} if "log_size" in told.details else {})}
        session.flush()
    assert [fault for fault in verify(again)["faults"] if "it was cut short" in fault or "not those" in fault]


def test_a_head_that_was_signed_after_the_backup_over_what_is_in_it_is_no_fault(
    post: list[Receipt],
    take: Take,
    services: Services,
    elsewhere: Elsewhere,
    reopened: Reopened,
    tmp_path: Path,
    step: Step,
) -> None:
    backup = take().folder
    step(timedelta(minutes=30))
    seal_log(services)
    shutil.copytree(services.settings.data / "vault", tmp_path / "restored" / "vault")
    bring_key(services, tmp_path)
    assert elsewhere(backup).faults == []
    assert len(list((tmp_path / "restored" / "vault" / "heads").iterdir())) == 1
    assert verify(reopened())["faults"] == []


def test_originals_that_came_after_the_backup_are_named_until_they_are_taken_in_again(
    post: list[Receipt],
    take: Take,
    services: Services,
    deliver: Deliver,
    capture: Any,  # noqa: ANN401
    elsewhere: Elsewhere,
    reopened: Reopened,
    tmp_path: Path,
) -> None:
    backup = take().folder
    deliver(b"Dear Council, only the vault knows me")
    shutil.copytree(services.settings.data / "vault", tmp_path / "restored" / "vault")
    assert elsewhere(backup).later == 1
    again = reopened()
    (told,) = reconcile(again)["missing"]
    assert told.startswith("an original of 37 bytes was kept at ")
    assert "after the backup that the mailroom was restored from" in told
    receive(capture(b"Dear Council, only the vault knows me", received_at=again.now()), again)
    assert reconcile(again)["missing"] == []


def test_one_that_cannot_be_read_this_moment_breaks_no_restore_off_and_is_not_called_lost(
    post: list[Receipt],
    take: Take,
    services: Services,
    deliver: Deliver,
    elsewhere: Elsewhere,
    reopened: Reopened,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    backup = take().folder
    later, whole = b"Dear Council, only the vault knows me", LocalStore.open
    deliver(later)
    shutil.copytree(services.settings.data / "vault", tmp_path / "restored" / "vault")

    def is_slow(store: LocalStore, key: str, version: str | None = None) -> BinaryIO:
        if key.endswith(hashlib.sha256(later).hexdigest()):
            raise StoreUnavailable("it hardly answers")
        return whole(store, key, version)

    with monkeypatch.context() as slow:
        slow.setattr(LocalStore, "open", is_slow)
        assert elsewhere(backup).later == 1
    (told,) = reconcile(reopened())["missing"]
    assert told.startswith("an original of 37 bytes was kept at ")


def test_the_moments_in_the_chain_are_those_of_backup_and_restore(
    post: list[Receipt],
    take: Take,
    elsewhere: Elsewhere,
    reopened: Reopened,
    now: Any,  # noqa: ANN401
) -> None:
    from mailroom.records.backups import restorations

    backup = take().folder
    elsewhere(backup)
    with reopened().records.look() as session:
        (one,) = restorations(session)
    assert (one.taken_at, one.at) == (now().astimezone(UTC), now() + timedelta(hours=1))
    assert one.signature == ""


def test_a_backup_in_plain_becomes_an_encrypted_mailroom_also_where_it_was_broken_off(
    post: list[Receipt],
    take: Take,
    elsewhere: Elsewhere,
    reopened: Reopened,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    backup = take().folder
    add_master_key(tmp_path / "masters")
    monkeypatch.setenv("MAILROOM_ENCRYPTION__KEY_FILE", str(tmp_path / "masters"))
    whole, put = LocalStore.put_new, set()

    def away(store: LocalStore, key: str, *more: Any) -> Any:  # noqa: ANN401
        if len(put) == 5:
            raise StoreUnavailable("away")
        put.add(key)
        return whole(store, key, *more)

    with monkeypatch.context() as meanwhile:
        meanwhile.setattr(LocalStore, "put_new", away)
        with pytest.raises(Transient, match="broken off"):
            elsewhere(backup)
    assert elsewhere(backup).faults == []
    lying = [file for file in (tmp_path / "restored" / "vault").rglob("*") if file.is_file()]
    assert len(lying) == len(post)
    assert all(file.read_bytes().startswith(MARK) for file in lying)
    assert verify(reopened())["faults"] == []


@pytest.fixture
def locked_away(shelf: Shelf) -> Iterator[Callable[[], None]]:
    """Makes the folder of backups one that can only be read, as from a tape or a share of another machine."""
    mounted = []

    def mount() -> None:
        for told in (["--bind"], ["-o", "remount,bind,ro"]):
            done = subprocess.run(["mount", *told, str(shelf.root), str(shelf.root)], check=False)
            if done.returncode:
                pytest.skip("no right to mount: NOT TESTED that a restore needs only to read")
            mounted.append(told)

    yield mount
    if mounted:
        subprocess.run(["umount", "--lazy", str(shelf.root)], check=True)


def test_from_where_it_can_only_read_it_restores_and_tries_all_the_same(
    take: Take, elsewhere: Elsewhere, try_out: Callable[[Path], Drilled], locked_away: Callable[[], None]
) -> None:
    backup = take().folder
    locked_away()
    with pytest.raises(OSError, match="Read-only"):
        (backup / "written").touch()
    assert try_out(backup).faults == []
    assert elsewhere(backup).faults == []


def test_it_is_on_the_disk_before_anybody_is_told_that_it_is_there(
    take: Take, elsewhere: Elsewhere, tmp_path: Path, database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    backup, seen = take().folder, list[set[str]]()
    restored = tmp_path / "restored"
    monkeypatch.setattr("os.sync", lambda: seen.append({file.name for file in restored.iterdir()}))
    elsewhere(backup)
    mark = place_to_restore_to(load_settings(), backup).mark
    expected = {mark.name, *(["mailroom.sqlite"] if database == "sqlite" else [])}
    assert [expected <= there for there in seen] == [True]
    assert not mark.exists()
