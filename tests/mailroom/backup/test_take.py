"""A backup is whole or no backup, holds one moment, copies nothing twice, and holds no secret."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path

import pytest
from database_server import ON_BOTH

from mailroom.backup import records_copy as copying
from mailroom.backup import shelf as shelves
from mailroom.backup import take as taking
from mailroom.backup.drill import Drilled
from mailroom.backup.records_copy import RecordsCopy
from mailroom.backup.shelf import Shelf, backup_at, prepared
from mailroom.backup.take import Taken, take_backup
from mailroom.domain.capture import Receipt
from mailroom.domain.errors import MailroomError, Misconfigured
from mailroom.duties.heads import sign_now
from mailroom.services import Services

Take = Callable[..., Taken]
Deliver = Callable[..., Receipt]
Originals = Callable[[], dict[str, str]]
MEGABYTE = 1 << 20


class Stopped(Exception):
    """Somebody pulled the plug."""


def stop(*_told: object) -> None:
    raise Stopped


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A folder on a disk of 16 MB, which an empty database of a server has room in; needs the right to mount."""
    folder = tmp_path / "small"
    folder.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=16m", "tmpfs", str(folder)], check=False)
    if mounted.returncode:
        pytest.skip("no right to mount a small disk: NOT TESTED what a backup does when its disk is full")
    yield folder
    subprocess.run(["umount", "--lazy", str(folder)], check=True)


def test_a_shell_alone_can_check_it_and_its_manifest_says_what_there_is(
    post: list[Receipt], take: Take, shelf: Shelf, services: Services
) -> None:
    taken = take()
    told = json.loads((taken.folder / "manifest.json").read_text())
    assert (told["counts"]["items"], told["counts"]["objects"]) == (12, 12)
    assert told["counts"]["under_way"] == 12
    assert told["taken_at"].startswith("2026-11-16T10:00")
    by_shell = ["sha256sum", "--strict", "-c", f"{taken.folder.name}/objects.sha256"]
    checked = subprocess.run(by_shell, cwd=shelf.root, capture_output=True, text=True, check=True)
    assert checked.stdout.count(": OK") == 12
    assert (taken.folder / "config" / "mailroom.toml").read_bytes() == Path("config/mailroom.toml").read_bytes()
    assert "sha256sum" in (shelf.root / "README.txt").read_text()
    assert any("custody.pem" in line for line in told["kept_elsewhere"])


def test_no_secret_is_in_it(take: Take, shelf: Shelf, services: Services, tmp_path: Path) -> None:
    config = tmp_path / "config"
    config.mkdir()
    (config / "mailroom.toml").write_text("# mine\n")
    (config / "access.txt").write_text("an access key")
    (config / "tls.key").write_text("a private key")
    told = services.settings.s3.model_copy(update={"access_key_file": str(config / "access.txt")})
    settings = services.settings.model_copy(update={"config": config, "s3": told})
    taking.copy_config(settings, tmp_path / "copied")
    assert [file.name for file in (tmp_path / "copied").iterdir()] == ["mailroom.toml"]
    assert any("access.txt" in line for line in taking.kept_elsewhere(settings))
    take()
    key = (services.settings.data / "custody.pem").read_bytes()
    assert [file for file in shelf.root.rglob("*") if file.is_file() and key in file.read_bytes()] == []


def test_what_comes_in_while_the_records_are_copied_holds_nobody_up_and_is_in_the_next_one(
    post: list[Receipt],
    take: Take,
    deliver: Deliver,
    copy: RecordsCopy,
    monkeypatch: pytest.MonkeyPatch,
    try_out: Callable[[Path], Drilled],
) -> None:
    monkeypatch.setattr(copying, "_PAGES_AT_ONCE", 8)
    steps: list[int] = []
    most = {"sqlite": 12, "postgresql": 2}[copy.kind]  # a server's own program copies in one step

    def write_meanwhile(what: str, done: int, _total: int) -> None:
        if what == "records" and len(steps) < most:
            steps.append(done)
            deliver(f"Dear Council, I write at step {done}.".encode())

    taken = take(write_meanwhile)
    assert len(steps) == most
    assert steps == sorted(set(steps)), "the copy began anew, and under constant writing would never end"
    assert taken.manifest.counts.items == 12
    found = try_out(taken.folder)
    assert (found.faults, found.gap_items) == ([], most)
    assert take().manifest.counts.items == 12 + most


@ON_BOTH
@pytest.mark.parametrize("when", ["records", "objects"])
def test_a_head_that_is_signed_while_it_is_taken_makes_it_no_less_true(
    post: list[Receipt],
    take: Take,
    deliver: Deliver,
    services: Services,
    try_out: Callable[[Path], Drilled],
    when: str,
) -> None:
    sign_now(services)
    signed: list[str] = []

    def sign_meanwhile(what: str, _done: int, _total: int) -> None:
        if what == when and not signed:
            signed.append(what)
            deliver(b"Dear Council, I come in the middle of it.")
            sign_now(services)

    taken = take(sign_meanwhile)
    assert signed == [when]
    assert len(list((taken.folder / "heads").iterdir())) == taken.manifest.counts.heads == 1
    assert try_out(taken.folder).faults == []


def test_what_lies_there_is_not_copied_again_and_what_is_damaged_there_is(
    post: list[Receipt], take: Take, shelf: Shelf, originals: Originals
) -> None:
    first = take()
    files = [shelf.objects / key for key in originals().values()]
    numbers = {file: file.stat().st_ino for file in files}
    again = take(thorough=False)
    assert (first.new_objects, again.new_objects) == (12, 0)
    assert {file: file.stat().st_ino for file in files} == numbers
    truncated, flipped, gone = files[:3]
    os.truncate(truncated, 3)
    content = flipped.read_bytes()
    flipped.write_bytes(content[:-1] + b"?")
    gone.unlink()
    assert take(thorough=False).new_objects >= 2
    take()
    assert flipped.read_bytes() == content
    assert {file.name for file in files if file.stat().st_ino != numbers[file]} == {
        truncated.name,
        gone.name,
        flipped.name,
    }


def test_a_lost_original_is_named_and_keeps_no_other_from_the_backup(
    post: list[Receipt], take: Take, originals: Originals, services: Services, shelf: Shelf, deliver: Deliver
) -> None:
    take()
    lost, kept = list(originals().values())[:2]
    deliver(b"Dear Council, a new one.")
    (gone,) = {*originals().values()} - {
        file.relative_to(shelf.objects).as_posix() for file in shelf.objects.rglob("*")
    }
    for key in (lost, gone):
        (services.settings.data / "vault" / key).unlink()
    taken = take()
    (fault,) = taken.manifest.faults
    assert gone in fault
    assert (shelf.objects / lost).is_file()
    assert (shelf.objects / kept).is_file()


def test_one_that_is_broken_off_is_no_backup_and_the_next_one_clears_it_away(
    post: list[Receipt], take: Take, shelf: Shelf, services: Services, copy: RecordsCopy
) -> None:
    with pytest.raises(Stopped):
        take(stop)
    assert shelf.finished() == []
    assert shelf.broken_off() == []
    killed = shelf.new(services.now())
    (killed / "records").mkdir()
    with pytest.raises(Misconfigured, match="There is no finished backup"):
        backup_at(shelf.root)
    with pytest.raises(Misconfigured, match="was never finished"):
        backup_at(killed)
    taken = take(thorough=False)
    assert not killed.exists()
    assert backup_at(shelf.root) == taken.folder
    (taken.folder / "manifest.json").unlink()
    with pytest.raises(Misconfigured, match="was never finished"):
        backup_at(taken.folder)


def test_room_is_asked_for_before_anything_is_written(
    post: list[Receipt], services: Services, copy: RecordsCopy, small_disk: Path
) -> None:
    shelf = prepared(small_disk, services.settings.data)
    (small_disk / "ballast").write_bytes(bytes(MEGABYTE * 31 // 2))
    with pytest.raises(MailroomError, match=r"The backup needs \d+ MB in .*, and \d are free\. Make room"):
        take_backup(services, shelf, copy, "cli:kim", lambda *_: None)
    assert list(shelf.broken_off()) == []


@pytest.mark.parametrize(
    ("database", "what", "told"),
    [
        ("sqlite", "records", "disk is full"),
        ("sqlite", "objects", "Make room"),
        ("postgresql", "records", "Make room"),
        ("postgresql", "objects", "Make room"),
    ],
    indirect=["database"],
)
def test_a_disk_that_fills_meanwhile_breaks_it_off_with_a_sentence_and_once_there_is_room_it_goes_on(
    post: list[Receipt],
    services: Services,
    copy: RecordsCopy,
    small_disk: Path,
    monkeypatch: pytest.MonkeyPatch,
    try_out: Callable[[Path], Drilled],
    deliver: Deliver,
    what: str,
    told: str,
) -> None:
    shelf = prepared(small_disk, services.settings.data)
    before = take_backup(services, shelf, copy, "cli:kim", lambda *_: None)
    deliver(b"Dear Council, I am in no backup yet.")
    monkeypatch.setattr(copying, "_PAGES_AT_ONCE", 8)
    filled: list[str] = []
    at = 0 if copy.kind == "postgresql" else 4

    def fill(now: str, done: int, _total: int) -> None:
        if now == what and done >= at and not filled:
            filled.append(now)
            with suppress(OSError), (small_disk / "ballast").open("wb", buffering=0) as ballast:
                while ballast.write(bytes(4096)) == 4096:
                    pass

    with pytest.raises(MailroomError, match="was broken off") as fault:
        take_backup(services, shelf, copy, "cli:kim", fill)
    assert told in str(fault.value)
    assert str(fault.value).endswith(f"The last finished backup is {before.folder.name}.")
    assert (shelf.finished(), shelf.broken_off()) == ([before.folder], [])
    assert try_out(before.folder).faults == []
    (small_disk / "ballast").unlink()
    assert take_backup(services, shelf, copy, "cli:kim", lambda *_: None).manifest.faults == []


def test_older_ones_go_once_a_newer_one_is_finished_and_with_them_what_no_other_names(
    post: list[Receipt], services: Services, shelf: Shelf, copy: RecordsCopy, originals: Originals
) -> None:
    told = services.settings.backup.model_copy(update={"keep": 2})
    settings = services.settings.model_copy(update={"backup": told})
    few = replace(services, settings=settings)
    stray = shelf.objects / "renditions" / "erased"
    stray.parent.mkdir()
    stray.write_bytes(b"what retention has taken out")
    for _ in range(2):
        take_backup(few, shelf, copy, "cli:kim", lambda *_: None)
    first = shelf.finished()[0]
    assert stray.exists()
    take_backup(few, shelf, copy, "cli:kim", lambda *_: None)
    assert len(shelf.finished()) == 2
    assert not first.exists()
    assert not stray.exists()
    assert all((shelf.objects / key).is_file() for key in originals().values())


def test_the_one_that_was_just_taken_stays_where_a_clock_gave_others_later_names(
    post: list[Receipt], take: Take, shelf: Shelf, services: Services, copy: RecordsCopy
) -> None:
    told = services.settings.backup.model_copy(update={"keep": 1})
    keeping = replace(services, settings=services.settings.model_copy(update={"backup": told}))

    def later(hours: int) -> datetime:
        return services.now() + timedelta(hours=hours)

    for hours in (30, 20, 0):
        then = replace(keeping, now=partial(later, hours))
        taken = take_backup(then, shelf, copy, "cli:kim", lambda *_: None)
        assert (taken.folder / "manifest.json").is_file()
        assert (shelf.objects / "originals").is_dir()


def test_the_names_in_it_are_on_the_disk_before_it_has_its_own(
    take: Take, shelf: Shelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    synced = list[tuple[str, bool]]()
    sync = shelves.sync_folder

    def watched(folder: Path) -> None:
        synced.append((folder.suffix, (folder / "manifest.json").is_file()))
        sync(folder)

    monkeypatch.setattr(shelves, "sync_folder", watched)
    take()
    assert synced == [(".unfinished", True), (shelf.root.suffix, False)]


def test_a_folder_of_others_and_one_that_would_be_lost_with_the_data_are_refused(
    services: Services, tmp_path: Path
) -> None:
    (tmp_path / "home").mkdir()
    (tmp_path / "home" / "thesis.txt").touch()
    with pytest.raises(Misconfigured, match="holds something else than backups"):
        prepared(tmp_path / "home", services.settings.data)
    with pytest.raises(Misconfigured, match="would be lost with it"):
        prepared(services.settings.data / "backups", services.settings.data)
