"""What is handed in at the door for one file, and where the file goes afterwards."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from pathlib import Path

import pytest

from mailroom.channels.complete.verdict import COMPLETE, incomplete
from mailroom.channels.folder_settings import FolderSettings
from mailroom.channels.folder_steps import FolderSteps
from mailroom.channels.sighting import Sighting, Step
from mailroom.channels.spool import stamp_of
from mailroom.domain.capture import Capture, Channel, Receipt

NOW = datetime(2026, 11, 20, 9, tzinfo=UTC)
MODIFIED_NS = 1_763_000_000_123_456_789


class OneFolder:
    """The steps of one hot folder, and what its door was given."""

    def __init__(self, place: Path) -> None:
        self.hot, spool = place / "hot", place / "spool"
        spool.mkdir()
        self.captures: list[Capture] = []
        self.steps = FolderSteps(FolderSettings(self.hot, Channel.FAX, "{date}/{team}"), self.deliver, spool)

    def deliver(self, capture: Capture) -> Receipt:
        self.captures.append(capture)
        return Receipt("an-item", "HD-26-000001-X")

    def put(self, name: str, content: bytes = b"a letter") -> Sighting:
        path = self.hot / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        os.utime(path, ns=(MODIFIED_NS, MODIFIED_NS))
        return Sighting(stamp_of(path.stat()), NOW, NOW, verdict=COMPLETE)

    def take(self, name: str, content: bytes = b"a letter") -> Capture:
        self.steps.do(Step.TAKE, Path(name), self.put(name, content), NOW)
        return self.captures[-1]

    def move(self, name: str, content: bytes = b"a letter") -> Sighting | None:
        return self.steps.do(Step.MOVE, Path(name), self.put(name, content), NOW)

    def taken(self) -> dict[str, bytes]:
        root = self.hot / "taken"
        return {path.relative_to(root).as_posix(): path.read_bytes() for path in root.rglob("*") if path.is_file()}


@pytest.fixture
def folder(tmp_path: Path) -> OneFolder:
    return OneFolder(tmp_path)


def test_folders_give_date_and_team(folder: OneFolder) -> None:
    capture = folder.take("2025-11-20/planning/extension.txt")
    assert capture.received_at == datetime(2025, 11, 20, 12, tzinfo=UTC)
    assert (capture.channel, capture.hints.team, capture.receipt_assumed) == (Channel.FAX, "planning", False)
    assert capture.file_name == "extension.txt"


def test_without_a_date_the_time_of_the_file_is_assumed(folder: OneFolder) -> None:
    capture = folder.take("letter.txt")
    assert capture.receipt_assumed
    assert capture.received_at.timestamp() == pytest.approx(MODIFIED_NS / 1e9)


def test_an_unfinished_file_carries_the_sentence_that_says_so(folder: OneFolder) -> None:
    sighting = folder.put("letter.txt")
    cut_off = Sighting(sighting.stamp, NOW, NOW, verdict=incomplete("It stops."))
    folder.steps.do(Step.TAKE, Path("letter.txt"), cut_off, NOW)
    assert folder.captures[0].defect == "It stops."
    assert folder.take("whole.txt").defect is None


def test_the_source_is_the_same_for_the_same_delivery_only(folder: OneFolder) -> None:
    again = folder.take("letter.txt").source
    assert folder.take("letter.txt").source == again
    assert folder.take("letter.txt", b"b letter").source != again
    assert folder.take("2025-11-20/letter.txt").source != again
    os.utime(folder.hot / "letter.txt", ns=(MODIFIED_NS + 1, MODIFIED_NS + 1))
    later = Sighting(stamp_of((folder.hot / "letter.txt").stat()), NOW, NOW, verdict=COMPLETE)
    folder.steps.do(Step.TAKE, Path("letter.txt"), later, NOW)
    assert folder.captures[-1].source != again


def test_a_name_that_is_no_text_is_still_taken(folder: OneFolder) -> None:
    name = os.fsdecode(b"pr\xe9sum\xe9\n.txt")
    capture = folder.take(name)
    assert capture.file_name == "pr\\xe9sum\\xe9\n.txt"
    assert capture.source.encode("utf-8")
    assert folder.move(name) is None
    assert (folder.hot / "taken" / name).exists()


def test_a_name_that_is_taken_already_gets_a_number(folder: OneFolder) -> None:
    for content in (b"first", b"second", b"third"):
        assert folder.move("fax/scan0001.txt", content) is None
    assert folder.taken() == {
        "fax/scan0001.txt": b"first",
        "fax/scan0001-2.txt": b"second",
        "fax/scan0001-3.txt": b"third",
    }


def test_a_file_that_was_written_to_since_is_not_moved(folder: OneFolder) -> None:
    accepted = folder.put("letter.txt")
    (folder.hot / "letter.txt").write_bytes(b"a letter, and more")
    still_there = folder.steps.do(Step.MOVE, Path("letter.txt"), accepted, NOW)
    assert still_there is not None
    assert not still_there.accepted
    assert folder.taken() == {}


def test_a_move_that_fails_leaves_no_empty_file_behind(folder: OneFolder, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(_source: Path, _target: Path) -> Path:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "replace", fail)
    with pytest.raises(PermissionError):
        folder.move("letter.txt")
    assert folder.taken() == {}
    assert (folder.hot / "letter.txt").exists()
