"""A hot folder watched by a running thread, while others write to it: here time is real."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

import pytest
from fpdf import FPDF

from mailroom.channels.folder import FolderChannel
from mailroom.channels.folder_settings import FolderSettings
from mailroom.channels.incomplete import IncompleteFile
from mailroom.domain.capture import Capture, Receipt


class Board:
    """Shows what it is told."""

    def __init__(self) -> None:
        self.notices: dict[str, IncompleteFile] = {}

    def report(self, file: IncompleteFile) -> None:
        self.notices[file.path] = file

    def report_cleared(self, path: str) -> None:
        self.notices.pop(path, None)


class Watched:
    """A hot folder with a running channel, the bytes it handed in and what it shows."""

    def __init__(self, place: Path) -> None:
        self.hot, self.spool = place / "hot", place / "spool"
        self.hot.mkdir()
        self.spool.mkdir()
        self.board = Board()
        self.contents: list[bytes] = []

    def deliver(self, capture: Capture) -> Receipt:
        self.contents.append(capture.spooled.read_bytes())
        return Receipt("an-item", "HD-26-000001-X")

    def taken(self) -> dict[str, bytes]:
        root = self.hot / "taken"
        return {path.relative_to(root).as_posix(): path.read_bytes() for path in root.rglob("*") if path.is_file()}

    @contextmanager
    def running(self, poll_seconds: float, *, use_events: bool = True) -> Iterator[None]:
        settings = FolderSettings(self.hot, quiet_seconds=0.2, poll_seconds=poll_seconds, use_events=use_events)
        channel = FolderChannel(settings, self.deliver, self.spool, self.board)
        stop = threading.Event()
        thread = threading.Thread(target=channel.run, args=(stop,))
        thread.start()
        try:
            yield
        finally:
            stop.set()
            thread.join(10)
            assert not thread.is_alive()


@pytest.fixture
def watched(tmp_path: Path) -> Watched:
    return Watched(tmp_path)


def pdf() -> bytes:
    document = FPDF()
    for number in range(60):
        document.add_page()
        document.set_font("helvetica")
        document.cell(text=f"Sheet {number}")
    return bytes(document.output())


def until(condition: Callable[[], bool], seconds: float = 20) -> None:
    end = time.monotonic() + seconds
    while not condition() and time.monotonic() < end:
        time.sleep(0.02)
    assert condition()


@pytest.mark.parametrize("use_events", [True, False])
def test_a_scanner_that_drips_truncates_and_renames_makes_exactly_one_item(watched: Watched, use_events: bool) -> None:
    whole = pdf()
    bursts = [whole[len(whole) * n // 200 : len(whole) * (n + 1) // 200] for n in range(200)]
    pauses = {50: 0.6, 120: 0.6, 199: 0.6}
    with watched.running(poll_seconds=0.1, use_events=use_events):
        path = watched.hot / "scan.pdf"
        path.write_bytes(whole[:5000])
        time.sleep(0.3)
        with path.open("wb") as stream:
            for number, burst in enumerate(bursts):
                if number == 120:
                    path.rename(watched.hot / "renamed.pdf")
                stream.write(burst)
                stream.flush()
                time.sleep(pauses.get(number, 0.003))
        until(lambda: watched.taken() != {})
        time.sleep(0.5)
    assert watched.contents == [whole]
    assert watched.taken() == {"renamed.pdf": whole}
    assert watched.board.notices == {}


def test_events_shorten_the_wait(watched: Watched) -> None:
    (watched.hot / "planning").mkdir()
    with watched.running(poll_seconds=3600):
        time.sleep(1)
        (watched.hot / "planning/letter.txt").write_bytes(b"a letter")
        until(lambda: watched.taken() == {"planning/letter.txt": b"a letter"})


def test_a_watched_folder_at_rest_is_not_looked_at_without_end(
    watched: Watched, monkeypatch: pytest.MonkeyPatch
) -> None:
    looks: list[datetime] = []
    look_once = FolderChannel.scan_once

    def count_the_look(channel: FolderChannel, now: datetime, stop: threading.Event) -> int:
        looks.append(now)
        return look_once(channel, now, stop)

    monkeypatch.setattr(FolderChannel, "scan_once", count_the_look)
    with watched.running(poll_seconds=3600):
        time.sleep(1)
        (watched.hot / "letter.txt").write_bytes(b"a letter")
        until(lambda: watched.taken() != {})
        time.sleep(0.5)
        after_the_work = len(looks)
        time.sleep(1)
        assert len(looks) == after_the_work


def test_a_folder_that_is_not_there_yet_is_taken_up_by_polling(watched: Watched) -> None:
    watched.hot.rmdir()
    with watched.running(poll_seconds=0.1):
        until(lambda: len(watched.board.notices) == 1)
        watched.hot.mkdir()
        (watched.hot / "letter.txt").write_bytes(b"a letter")
        until(lambda: watched.taken() == {"letter.txt": b"a letter"})
    assert watched.board.notices == {}
