"""What is kept is encrypted by keys on record, wrapped by master keys elsewhere, which can be changed for others."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack
from pathlib import Path

import pyrage
import pytest
from database_server import ON_BOTH, ON_SQLITE
from sqlalchemy import select, text

from mailroom.bootstrap import open_mailroom
from mailroom.bootstrap.encryption import MasterKeyFile, add_master_key, master_keys
from mailroom.domain.capture import Receipt
from mailroom.domain.errors import MailroomError, Misconfigured
from mailroom.duties.encryption import encryption_in_words, masters_in_figures
from mailroom.duties.mend import mend
from mailroom.duties.move_store import prove_all
from mailroom.duties.rewrap import rewrap_all
from mailroom.duties.scrub import walk_on
from mailroom.duties.second_copy import copy_what_has_none
from mailroom.duties.verify import verify
from mailroom.records.data_keys import masters_in_use
from mailroom.records.tables import CustodyEvent, DataKeyRow
from mailroom.services import Services
from mailroom.settings import load_settings
from storage.errors import StoreRefused
from storage.sealing import MARK

LETTER = b"Dear Council, this is a secret."


@pytest.fixture
def key_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A file with one master key, which the services are told of that are built after this."""
    file = tmp_path / "safe" / "masters"
    file.parent.mkdir()
    add_master_key(file)
    monkeypatch.setenv("MAILROOM_ENCRYPTION__KEY_FILE", str(file))
    return file


@pytest.fixture
def reopened(services: Services, open_services: Callable[..., AbstractContextManager[Services]]) -> Iterator[Callable]:
    """Builds the bundle anew over the same records, as a start of the service does."""
    with ExitStack() as stack:
        yield lambda: stack.enter_context(open_services(services.records, services.now, services.queue))


def files_below(folder: Path) -> dict[str, bytes]:
    found = (file for file in folder.rglob("*") if file.is_file())
    return {file.relative_to(folder).as_posix(): file.read_bytes() for file in found}


def rows(services: Services) -> dict[str, bytes]:
    with services.records.look() as session:
        return {row.key: row.wrapped for row in session.scalars(select(DataKeyRow))}


def quietly(_number: int) -> None:
    """Stand in where nobody watches."""


def rotate(services: Services, key_file: Path) -> list[str]:
    """Put a new master key first, wrap all by it, and throw the former ones away; return their names."""
    former = list(MasterKeyFile(key_file).names)
    add_master_key(key_file)
    rewrap_all(services, "cli:kim", quietly)
    key_file.write_text("".join(key_file.read_text().splitlines(keepends=True)[:2]))
    return former


@pytest.mark.usefixtures("second", "key_file")
def test_both_copies_are_sealed_verified_walked_over_moved_and_mended(
    services: Services, deliver: Callable[..., Receipt], first: Path, second: Path
) -> None:
    deliver(LETTER)
    assert copy_what_has_none(services) == 1
    for folder in (first, second):
        (content,) = files_below(folder).values()
        assert content.startswith(MARK)
        assert b"secret" not in content
    assert verify(services)["faults"] == []
    prove_all(services)
    (file,) = (file for file in first.rglob("*") if file.is_file())
    file.chmod(0o600)
    file.write_bytes(file.read_bytes()[:-1] + b"?")
    walk_on(services, 60.0)
    (fault,) = verify(services)["faults"]
    assert "other bytes in the store" in fault
    assert mend(services) == 1
    assert verify(services)["faults"] == []


def test_anybody_with_age_the_row_and_the_master_key_opens_an_object(
    key_file: Path, services: Services, deliver: Callable[..., Receipt], first: Path, tmp_path: Path
) -> None:
    deliver(LETTER)
    ((key, wrapped),) = rows(services).items()
    (tmp_path / "wrapped").write_bytes(wrapped)
    (tmp_path / "key").write_bytes(opened_by_age(key_file, tmp_path / "wrapped"))
    assert opened_by_age(tmp_path / "key", first / key) == LETTER


def opened_by_age(identity: Path, sealed: Path) -> bytes:
    return subprocess.run(["age", "-d", "-i", identity, sealed], check=True, capture_output=True).stdout


@pytest.mark.usefixtures("key_file")
def test_an_item_travels_to_its_end_and_equal_bytes_share_one_object(
    services: Services, deliver: Callable[..., Receipt], travel: Callable[..., object], first: Path
) -> None:
    for _ in range(2):
        travel(deliver(b"Dear Council\n\nMy bin was missed.\n\nJo Bell\n").item_id)
    files = files_below(first)
    assert len([key for key in files if key.startswith("originals/")]) == 1
    assert all(content.startswith(MARK) for content in files.values())
    assert set(rows(services)) == set(files)
    assert verify(services)["faults"] == []


@ON_BOTH
def test_a_new_master_key_wraps_all_anew_touches_no_object_and_the_former_opens_nothing(
    key_file: Path, services: Services, deliver: Callable[..., Receipt], first: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("mailroom.duties.rewrap._AT_ONCE", 2)
    for number in range(5):
        deliver(LETTER + b"%d" % number)
    objects, wrapped = files_below(first), rows(services)
    stamps = {file: file.stat().st_mtime_ns for file in first.rglob("*")}
    former_key = pyrage.x25519.Identity.from_str(key_file.read_text().splitlines()[1])
    (former,) = rotate(services, key_file)
    assert files_below(first) == objects
    assert {file: file.stat().st_mtime_ns for file in first.rglob("*")} == stamps
    assert all(rows(services)[key] != old for key, old in wrapped.items())
    for anew in rows(services).values():
        with pytest.raises(pyrage.DecryptError):
            pyrage.decrypt(anew, [former_key])
    assert verify(services)["faults"] == []
    with services.records.look() as session:
        assert former not in masters_in_use(session)
        (event,) = session.scalars(select(CustodyEvent).where(CustodyEvent.kind == "keys_rewrapped"))
        assert event.actor == "cli:kim"
    deliver(b"another")
    assert [one["objects"] for one in masters_in_figures(services)] == [6]


def test_what_was_broken_off_goes_on_where_it_was(
    key_file: Path, services: Services, deliver: Callable[..., Receipt], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("mailroom.duties.rewrap._AT_ONCE", 2)
    for number in range(5):
        deliver(LETTER + b"%d" % number)
    add_master_key(key_file)

    def stop(_number: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        rewrap_all(services, "cli:kim", stop)
    assert "2 of 5" not in encryption_in_words(services)
    assert "Former master keys wrap 3 of their data keys: `mailroom keys rotate`" in encryption_in_words(services)
    assert rewrap_all(services, "cli:kim", quietly) == 3
    assert encryption_in_words(services).endswith("5 of 5 objects are.")


def test_what_was_kept_before_is_read_as_it_lies_and_stays_so(
    services: Services,
    deliver: Callable[..., Receipt],
    reopened: Callable[[], Services],
    first: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    deliver(LETTER)
    assert encryption_in_words(services).startswith("What is kept lies in the store as it came, not encrypted")
    add_master_key(tmp_path / "masters")
    monkeypatch.setenv("MAILROOM_ENCRYPTION__KEY_FILE", str(tmp_path / "masters"))
    after = reopened()
    (tmp_path / "letter").write_bytes(LETTER)
    after.vault.keep(tmp_path / "letter")
    assert list(files_below(first).values()) == [LETTER]
    assert verify(after)["faults"] == []
    assert encryption_in_words(after).endswith("0 of 1 objects are.")


def test_a_service_is_refused_without_the_master_key_of_what_it_keeps(
    key_file: Path,
    services: Services,
    deliver: Callable[..., Receipt],
    reopened: Callable[[], Services],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    deliver(LETTER)
    (former,) = MasterKeyFile(key_file).names
    key_file.unlink()
    with pytest.raises(Misconfigured, match=r"encryption\.key_file: .*masters is not there.*bring it back"):
        reopened()
    add_master_key(key_file)
    with pytest.raises(Misconfigured, match=rf"encryption\.key_file: .*{former}, which is not at hand"):
        reopened()
    monkeypatch.delenv("MAILROOM_ENCRYPTION__KEY_FILE")
    with pytest.raises(Misconfigured, match=rf"{former}, which is not at hand"):
        reopened()


def test_a_file_that_others_read_lies_with_the_data_or_holds_none_is_refused(
    key_file: Path, data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    key_file.chmod(0o604)
    with pytest.raises(Misconfigured, match="every account may read"):
        master_keys(load_settings())
    key_file.chmod(0o640)
    assert master_keys(load_settings()) is not None
    for content, told in (("", "holds no key"), ("AGE-SECRET-KEY-1NOT\n", "is no key of age")):
        key_file.write_text(content)
        with pytest.raises(Misconfigured, match=told):
            master_keys(load_settings())
    with pytest.raises(Misconfigured, match="is no key of age"):
        add_master_key(key_file)
    monkeypatch.setenv("MAILROOM_ENCRYPTION__KEY_FILE", str(data / "masters"))
    with pytest.raises(Misconfigured, match="MAILROOM_DATA"):
        master_keys(load_settings())


def test_a_master_key_that_goes_missing_while_the_service_runs_is_said_and_is_no_damage(
    key_file: Path, services: Services, deliver: Callable[..., Receipt], alarms: Callable[[], dict[str, str]]
) -> None:
    deliver(LETTER)
    (one,) = rows(services)
    key_file.write_text("")  # half written: the keys that were read before go on
    assert verify(services)["faults"] == []
    key_file.unlink()
    add_master_key(key_file)
    with pytest.raises(StoreRefused, match="is not in"):
        services.vault.open(one.rpartition("/")[2])
    with pytest.raises(MailroomError, match="were left as they are"):
        rewrap_all(services, "cli:kim", quietly)
    with services.records.look() as session:
        assert session.execute(text("SELECT count(*) FROM damage")).scalar() == 0


def test_the_file_is_one_of_age_and_keeps_its_rights(key_file: Path) -> None:
    key_file.chmod(0o640)
    former = key_file.read_text()
    name = add_master_key(key_file)
    assert key_file.read_text().endswith(former)
    assert key_file.stat().st_mode & 0o777 == 0o640
    assert MasterKeyFile(key_file).name == name
    assert list(key_file.parent.iterdir()) == [key_file]


_KILLED = """
import os, signal, sys
from mailroom.__main__ import main
from storage.local import LocalStore
LocalStore.put_new = lambda *_: os.kill(os.getpid(), signal.SIGKILL)
sys.argv = ["mailroom", "take", sys.argv[1]]
main()
"""


@ON_SQLITE
@pytest.mark.usefixtures("key_file")
def test_killed_between_the_key_and_the_object_the_letter_is_taken_in_when_it_comes_again(
    tmp_path: Path, data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fresh = data.with_name("fresh")
    monkeypatch.setenv("MAILROOM_DATA", str(fresh))
    letter = tmp_path / "letter.txt"
    letter.write_bytes(LETTER)
    killed = subprocess.run([sys.executable, "-c", _KILLED, letter], env=os.environ, check=False, capture_output=True)
    assert killed.returncode == -signal.SIGKILL
    with sqlite3.connect(fresh / "mailroom.sqlite") as look:
        (before,) = look.execute("SELECT key, wrapped FROM data_key").fetchall()
        assert look.execute("SELECT count(*) FROM kept_object").fetchone() == (0,)
    again = [sys.executable, "-m", "mailroom", "take", letter]
    assert subprocess.run(again, env=os.environ, check=False, capture_output=True).returncode == 0
    with sqlite3.connect(fresh / "mailroom.sqlite") as look:
        assert look.execute("SELECT key, wrapped FROM data_key WHERE key LIKE 'originals/%'").fetchall() == [before]
    checked = subprocess.run([sys.executable, "-m", "mailroom", "verify"], env=os.environ, check=False)
    assert checked.returncode == 0


@pytest.fixture
def small_tmp(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The folder for temporary files of the system, with room for one large original; needs the right to mount."""
    folder = tmp_path / "tmp"
    folder.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=16m", "tmpfs", str(folder)], check=False)
    if mounted.returncode:
        pytest.skip("no right to mount: NOT TESTED that a small /tmp is enough")
    monkeypatch.setattr("tempfile.tempdir", str(folder))
    yield folder
    subprocess.run(["umount", "--lazy", str(folder)], check=True)


@pytest.mark.usefixtures("data", "key_file")
def test_a_large_original_needs_no_room_in_the_folder_for_temporary_files(small_tmp: Path, tmp_path: Path) -> None:
    large = tmp_path / "large"
    large.write_bytes(os.urandom(12 << 20))
    with open_mailroom() as services:
        kept = services.vault.keep(large)
        with services.vault.open(kept.sha256) as content:
            assert content.read() == large.read_bytes()
        assert list(services.scratch.iterdir()) == []
    assert tempfile.gettempdir() == str(small_tmp)
