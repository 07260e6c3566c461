"""A copy in the spool is what was judged, or there is none."""

from __future__ import annotations

import os
import time
from hashlib import sha256
from pathlib import Path

import pytest

from mailroom.channels.sighting import Stamp
from mailroom.channels.spool import SourceChanging, clear_leftovers, spool_copy, stamp_of


@pytest.fixture
def spool(tmp_path: Path) -> Path:
    folder = tmp_path / "spool"
    folder.mkdir()
    return folder


@pytest.fixture
def source(tmp_path: Path) -> Path:
    path = tmp_path / "scan.pdf"
    path.write_bytes(os.urandom(3_000_000))
    return path


def test_a_copy_has_the_bytes_and_their_digest(source: Path, spool: Path) -> None:
    spooled = spool_copy(source, spool, stamp_of(source.stat()))
    assert spooled.path.parent == spool
    assert spooled.path.read_bytes() == source.read_bytes()
    assert spooled.sha256 == sha256(source.read_bytes()).hexdigest()


def test_a_file_that_changed_since_it_was_judged_is_not_copied(source: Path, spool: Path) -> None:
    judged = stamp_of(source.stat())
    with source.open("ab") as stream:
        stream.write(b"one more line")
    with pytest.raises(SourceChanging):
        spool_copy(source, spool, judged)
    assert list(spool.iterdir()) == []


def test_a_file_that_changes_while_it_is_copied_is_not_kept(
    source: Path, spool: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sync = os.fsync

    def sync_while_somebody_writes(descriptor: int) -> None:
        with source.open("r+b") as stream:
            stream.write(b"other")
        os.utime(source, ns=(1, 1))
        sync(descriptor)

    monkeypatch.setattr(os, "fsync", sync_while_somebody_writes)
    with pytest.raises(SourceChanging):
        spool_copy(source, spool, stamp_of(source.stat()))
    assert list(spool.iterdir()) == []


def test_a_link_put_in_place_of_the_file_is_not_followed(source: Path, spool: Path, tmp_path: Path) -> None:
    link = tmp_path / "link.pdf"
    link.symlink_to(source)
    with pytest.raises(OSError, match="symbolic links"):
        spool_copy(link, spool, stamp_of(source.stat()))


def test_a_pipe_put_in_place_of_the_file_does_not_hang(spool: Path, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(SourceChanging):
        spool_copy(tmp_path / "pipe", spool, Stamp(0, 0))


def test_only_our_own_old_leftovers_are_cleared(spool: Path) -> None:
    two_days_ago = time.time() - 2 * 24 * 3600
    for name, modified in (("folder-old", two_days_ago), ("folder-young", time.time()), ("mail-old", two_days_ago)):
        (spool / name).write_bytes(b"a letter")
        os.utime(spool / name, (modified, modified))
    clear_leftovers(spool)
    assert sorted(path.name for path in spool.iterdir()) == ["folder-young", "mail-old"]
