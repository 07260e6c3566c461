"""What a local disk can do to an object: crashes between any two steps, a full disk, bad folders."""

from __future__ import annotations

import errno
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from storage.errors import BadKey, StoreFull, StoreRefused, StoreUnavailable
from storage.local import LocalStore

STEPS = ["made", "written", "synced", "linked", "folder_synced"]

DIES_AT_A_STEP = """
import os, pathlib, signal, sys
from storage.local import LocalStore

where, source, last_step = sys.argv[1:]

def die(step):
    if step == last_step:
        os.kill(os.getpid(), signal.SIGKILL)

LocalStore(where, die).put_new("originals/ab/letter", pathlib.Path(source))
"""


@pytest.mark.parametrize("step", STEPS)
def test_a_kill_between_any_two_steps_leaves_the_whole_object_or_none(tmp_path: Path, step: str) -> None:
    source = tmp_path / "source"
    content = os.urandom(3_000_000)
    source.write_bytes(content)
    command = [sys.executable, "-c", DIES_AT_A_STEP, str(tmp_path / "store"), str(source), step]
    died = subprocess.run(command, check=False, timeout=60)
    assert died.returncode == -signal.SIGKILL

    store = LocalStore(tmp_path / "store")
    for found in store.list():
        assert (tmp_path / "store" / found.key).read_bytes() == content
    assert len(list(store.list())) == (1 if step in {"linked", "folder_synced"} else 0)
    store.put_new("originals/ab/letter", source)
    assert [found.size for found in store.list()] == [len(content)]


def test_every_step_is_passed_in_order(tmp_path: Path) -> None:
    passed: list[str] = []
    (tmp_path / "source").write_bytes(b"letter")
    LocalStore(tmp_path / "store", passed.append).put_new("one", tmp_path / "source")
    assert passed == STEPS


@pytest.mark.parametrize("step", STEPS[:3])
@pytest.mark.parametrize(
    ("number", "expected"),
    [
        (errno.ENOSPC, StoreFull),
        (errno.EDQUOT, StoreFull),
        (errno.EIO, StoreUnavailable),
        (errno.ESTALE, StoreUnavailable),
        (errno.EROFS, StoreRefused),
    ],
)
def test_a_fault_is_told_apart_and_leaves_nothing_behind(
    tmp_path: Path, step: str, number: int, expected: type[Exception]
) -> None:
    def fail(name: str) -> None:
        if name == step:
            raise OSError(number, os.strerror(number))

    (tmp_path / "source").write_bytes(b"letter")
    store = LocalStore(tmp_path / "store", fail)
    with pytest.raises(expected) as caught:
        store.put_new("originals/ab/letter", tmp_path / "source")
    assert type(caught.value) is expected
    assert [path for path in (tmp_path / "store").rglob("*") if path.is_file()] == []


def test_a_disk_that_is_really_full_is_told_and_later_tries_succeed(tmp_path: Path) -> None:
    if os.geteuid() != 0:
        pytest.skip("mounting a small disk needs root")
    disk = tmp_path / "disk"
    disk.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", disk], check=False, capture_output=True)
    if mounted.returncode != 0:
        pytest.skip("this machine does not let a test mount a disk")
    try:
        store = LocalStore(disk / "store")
        (tmp_path / "source").write_bytes(b"x" * 800_000)
        store.put_new("first", tmp_path / "source")
        with pytest.raises(StoreFull):
            store.put_new("second", tmp_path / "source")
        assert [found.key for found in store.list()] == ["first"]
        store.delete("first")
        assert store.put_new("second", tmp_path / "source").size == 800_000
    finally:
        subprocess.run(["umount", disk], check=True)


def test_an_object_is_a_read_only_file(tmp_path: Path) -> None:
    (tmp_path / "source").write_bytes(b"letter")
    LocalStore(tmp_path / "store").put_new("a/one", tmp_path / "source")
    assert (tmp_path / "store/a/one").stat().st_mode & 0o777 == 0o440


def test_only_old_leftovers_are_cleared_at_the_start(tmp_path: Path) -> None:
    LocalStore(tmp_path)
    old, young = tmp_path / ".incoming/old", tmp_path / ".incoming/young"
    for leftover in (old, young):
        leftover.write_bytes(b"half a let")
    two_days_ago = time.time() - 2 * 24 * 3600
    os.utime(old, (two_days_ago, two_days_ago))
    store = LocalStore(tmp_path)
    assert not old.exists()
    assert young.exists()
    assert list(store.list()) == []


def test_a_folder_removed_under_the_store_is_made_again(tmp_path: Path) -> None:
    (tmp_path / "source").write_bytes(b"letter")
    store = LocalStore(tmp_path / "store")
    store.put_new("a/one", tmp_path / "source")
    store.delete("a/one")
    (tmp_path / "store/a").rmdir()
    assert store.put_new("a/one", tmp_path / "source").size == 6


def test_listing_never_leaves_the_folder(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere/secret").write_bytes(b"secret")
    with pytest.raises(BadKey):
        list(LocalStore(tmp_path / "store").list("../elsewhere/"))


def test_a_place_that_is_no_folder_is_refused_at_the_start(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(StoreRefused):
        LocalStore(tmp_path / "file" / "store")
