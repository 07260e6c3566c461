"""A hot folder as scanners and people use it, look by look, under a clock of our own."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from fpdf import FPDF

from mailroom.channels.folder import FolderChannel
from mailroom.channels.folder_settings import FolderSettings
from mailroom.channels.incomplete import IncompleteFile
from mailroom.domain.capture import Capture, Channel, Receipt
from mailroom.domain.errors import Transient

START = datetime(2026, 11, 20, 9, tzinfo=UTC)


def pdf() -> bytes:
    document = FPDF()
    for number in range(60):
        document.add_page()
        document.set_font("helvetica")
        document.cell(text=f"Sheet {number}")
    return bytes(document.output())


class Room:
    """A hot folder with all that is around it: a door that counts, a board, and a clock in seconds since the start."""

    def __init__(self, place: Path) -> None:
        self.hot, self.spool = place / "hot", place / "spool"
        self.hot.mkdir()
        self.spool.mkdir()
        self.captures: list[Capture] = []
        self.contents: list[bytes] = []
        self.notices: dict[str, IncompleteFile] = {}
        self.at_the_door: Callable[[Capture], object] = lambda _capture: None
        self.board_is_down = False
        self.channel = self.watched_by(FolderSettings(self.hot, retry_seconds=10))

    def watched_by(self, settings: FolderSettings) -> FolderChannel:
        self.channel = FolderChannel(settings, self.deliver, self.spool, self)
        return self.channel

    def deliver(self, capture: Capture) -> Receipt:
        self.at_the_door(capture)
        self.captures.append(capture)
        self.contents.append(capture.spooled.read_bytes())
        return Receipt(str(len(self.captures)), "HD-26-000001-X")

    def report(self, file: IncompleteFile) -> None:
        if self.board_is_down:
            raise Transient("the database is away")
        self.notices[file.path] = file

    def report_cleared(self, path: str) -> None:
        if self.board_is_down:
            raise Transient("the database is away")
        self.notices.pop(path, None)

    def put(self, name: str, content: bytes = b"a letter") -> Path:
        path = self.hot / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        return path

    def look(self, seconds: float) -> int:
        return self.channel.scan_once(START + timedelta(seconds=seconds))

    def sentences(self) -> list[str]:
        return [notice.sentence for notice in self.notices.values()]

    def taken(self) -> dict[str, bytes]:
        root = self.hot / "taken"
        return {path.relative_to(root).as_posix(): path.read_bytes() for path in root.rglob("*") if path.is_file()}


@pytest.fixture
def room(tmp_path: Path) -> Room:
    return Room(tmp_path)


def test_a_file_is_taken_once_it_has_been_quiet(room: Room) -> None:
    room.put("team/letter.txt")
    assert (room.look(0), room.look(4.9)) == (0, 0)
    assert room.captures == []
    assert room.look(5) == 1
    assert room.contents == [b"a letter"]
    assert room.taken() == {"team/letter.txt": b"a letter"}
    assert list(room.spool.iterdir()) == []
    assert room.look(100) == 0


def test_every_change_starts_the_wait_again(room: Room) -> None:
    room.put("letter.txt", b"Dear")
    room.look(0)
    room.put("letter.txt", b"Dear council")
    room.look(4)
    assert room.look(8) == 0
    assert room.look(9) == 1
    assert room.contents == [b"Dear council"]


def test_links_are_not_followed(room: Room, tmp_path: Path) -> None:
    (tmp_path / "secret").mkdir()
    (tmp_path / "secret/letter.txt").write_bytes(b"not for the mailroom")
    (room.hot / "link.txt").symlink_to(tmp_path / "secret/letter.txt")
    (room.hot / "folder").symlink_to(tmp_path / "secret")
    room.look(0)
    assert room.look(100) == 0


def test_an_unfinished_file_is_shown_then_cleared_when_it_is_finished(room: Room) -> None:
    whole = pdf()
    path = room.put("scan.pdf", whole[:1000])
    for seconds in (0, 10, 599):
        room.look(seconds)
        assert room.notices == {}
    room.look(600)
    notice = room.notices[str(path)]
    assert notice == IncompleteFile(Channel.POST, str(path), 1000, START, START, "The PDF stops before its end mark.")
    path.write_bytes(whole)
    room.look(700)
    assert room.look(705) == 1
    assert room.notices == {}
    assert (room.contents, room.captures[0].defect) == ([whole], None)


def test_an_unfinished_file_is_taken_as_it_is_after_two_hours(room: Room) -> None:
    room.put("scan.pdf", pdf()[:1000])
    room.look(0)
    assert room.look(7199) == 0
    assert room.look(7200) == 1
    assert room.captures[0].defect == "The PDF stops before its end mark."
    assert room.contents == [pdf()[:1000]]
    assert room.notices == {}


def test_a_file_that_is_written_to_for_ever_is_shown_within_a_quarter_of_an_hour(room: Room) -> None:
    for minute in range(15):
        room.put("log.txt", b"line\n" * (minute + 1))
        room.look(minute * 60)
    assert room.sentences() == ["The file is still being written to."]


def test_a_notice_goes_when_its_file_goes(room: Room) -> None:
    path = room.put("scan.pdf", b"%PDF-1.4")
    room.look(0)
    room.look(700)
    assert len(room.notices) == 1
    path.unlink()
    room.look(710)
    assert room.notices == {}


def test_a_notice_of_an_earlier_run_is_cleared_when_the_file_is_taken(room: Room) -> None:
    path = room.put("letter.txt")
    room.notices[str(path)] = IncompleteFile(Channel.POST, str(path), 1, START, START, "shown before the restart")
    room.look(0)
    room.look(5)
    assert room.notices == {}


def test_a_board_that_is_down_stops_nothing_and_is_told_later(room: Room) -> None:
    room.put("scan.pdf", b"%PDF-1.4")
    room.look(0)
    room.board_is_down = True
    room.put("letter.txt")
    room.look(700)
    assert room.look(706) == 1
    assert room.notices == {}
    room.board_is_down = False
    room.look(707)
    assert room.sentences() == ["The PDF stops before its end mark."]


def test_failures_are_tried_again_with_growing_pauses_and_shown(room: Room) -> None:
    tries: list[float] = []
    seconds = 0

    def refuse(_capture: Capture) -> None:
        tries.append(seconds)
        raise Transient("There is no room.")

    room.at_the_door = refuse
    room.put("letter.txt")
    for seconds in range(0, 1200, 5):
        room.look(seconds)
    assert tries == [5, 15, 35, 75, 155, 315, 615, 915]
    assert room.sentences() == ["Not taken in yet: There is no room. It is tried again by itself."]
    room.at_the_door = lambda _capture: None
    assert room.look(1215) == 1
    assert room.notices == {}


def test_a_spool_that_cannot_be_written_is_said_so(room: Room) -> None:
    room.spool.rmdir()
    room.put("letter.txt")
    room.look(0)
    room.look(700)
    assert room.sentences() == ["Not taken in yet: No such file or directory. It is tried again by itself."]
    room.spool.mkdir()
    assert room.look(710) == 1


def test_a_folder_that_does_not_open_is_shown_at_once_and_taken_up_again(room: Room) -> None:
    room.hot.rename(room.hot.with_name("away"))
    room.look(0)
    room.look(10)
    assert room.sentences() == ["Nothing in here can be taken in: No such file or directory."]
    room.hot.with_name("away").rename(room.hot)
    room.put("letter.txt")
    room.look(20)
    assert room.look(25) == 1
    assert room.notices == {}


def test_an_accepted_file_that_cannot_be_moved_is_not_handed_in_again(room: Room) -> None:
    obstacle = room.put("taken", b"a file where the folder should be")
    room.put("letter.txt")
    room.look(0)
    for seconds in range(5, 700, 50):
        assert room.look(seconds) == 0
    assert len(room.captures) == 1
    assert "It was accepted, but cannot be moved" in room.sentences()[0]
    obstacle.unlink()
    assert room.look(1000) == 1
    assert len(room.captures) == 1
    assert room.taken() == {"letter.txt": b"a letter"}


def test_what_is_written_after_acceptance_is_other_post_and_not_lost(room: Room) -> None:
    path = room.hot / "letter.txt"

    def write_more(_capture: Capture) -> None:
        room.at_the_door = lambda _capture: None
        path.write_bytes(b"a letter, and more")

    room.at_the_door = write_more
    room.put("letter.txt")
    room.look(0)
    assert room.look(5) == 0
    assert room.look(10) == 1
    assert room.contents == [b"a letter", b"a letter, and more"]
    assert room.taken() == {"letter.txt": b"a letter, and more"}


def test_file_names_stay_out_of_the_log(room: Room, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("DEBUG")

    def refuse(_capture: Capture) -> None:
        raise OSError(28, "No space left on device", "/hot/Mrs Ada Example.txt")

    room.at_the_door = refuse
    room.put("Mrs Ada Example.txt")
    room.look(0)
    room.look(5)
    room.at_the_door = lambda _capture: None
    room.look(100)
    assert len(caplog.records) >= 2
    assert "Ada" not in caplog.text


def test_of_many_files_the_bad_ones_hold_up_no_other(room: Room) -> None:
    def refuse_every_tenth(capture: Capture) -> None:
        if capture.file_name.endswith("0.txt"):
            raise ValueError("not foreseen")

    room.at_the_door = refuse_every_tenth
    for number in range(100):
        room.put(f"letter{number:02d}.txt", b"letter %d" % number)
    room.look(0)
    assert room.look(5) == 90


def test_stopping_ends_after_the_file_at_hand(room: Room) -> None:
    stop = threading.Event()
    room.at_the_door = lambda _capture: stop.set()
    for number in range(5):
        room.put(f"letter{number}.txt")
    room.look(0)
    assert room.channel.scan_once(START + timedelta(seconds=5), stop) == 1
