"""A corrected release beside the one before it: what a team that polls its folder finds, at every moment."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from mailroom.domain.catalogue import ALWAYS_RELEASED, Release
from mailroom.journey import put_release
from mailroom.journey.put_release import SUPERSEDED, Placed, put_in_place
from mailroom.journey.release import Enclosed, Released, build

REF = "HD-26-000001-L"
LAYOUT = Release("revenues", ("pdf", "csv"), "%Y-%m-%d", {name: name for name in ALWAYS_RELEASED}, {}, "Document")
FACTS = Released(REF, datetime(2026, 11, 16, 10, tzinfo=UTC), "CT", "council_tax", "revenues", 1, "ab" * 32, {})
Make = Callable[..., Placed]


@pytest.fixture
def team(tmp_path: Path) -> Path:
    return tmp_path / "release" / "revenues"


@pytest.fixture
def release(tmp_path: Path) -> Make:
    """Releases the item with so many pages; `release(2)` after `release(1)` is a correction."""
    document = tmp_path / "0.pdf"
    document.write_bytes(b"%PDF-1.7 a letter")

    def act(pages: int, before: Iterable[str] = (), *, accepted: bool = False) -> Placed:
        enclosed = [Enclosed(document, words_read=True)]
        making = build(replace(FACTS, page_count=pages), enclosed, LAYOUT, tmp_path / "release")
        return put_in_place(making, REF, before, accepted=accepted)

    return act


def names(team: Path) -> list[str]:
    return sorted(place.name for place in team.iterdir())


def manifest(folder: Path) -> dict[str, Any]:
    told: dict[str, Any] = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    return told


def supersedes(folder: Path) -> list[tuple[str, bool]]:
    return [(one["folder"], one["still_there"]) for one in manifest(folder)["supersedes"]]


def test_the_first_release_lies_under_the_reference_and_supersedes_nothing(release: Make, team: Path) -> None:
    assert release(1).folder == team / REF
    assert supersedes(team / REF) == []


def test_the_same_release_again_leaves_the_folder_alone(release: Make, team: Path) -> None:
    before = release(1).folder.stat().st_ino
    assert release(1).folder.stat().st_ino == before
    assert names(team) == [REF]


def test_an_earlier_release_that_nobody_has_taken_goes_and_the_new_one_names_it(release: Make, team: Path) -> None:
    digest = hashlib.sha256((release(1).folder / "manifest.json").read_bytes()).hexdigest()
    placed = release(2)
    assert (placed.folder.name, names(team)) == (REF, [REF])
    assert manifest(placed.folder)["supersedes"] == [{"folder": REF, "still_there": False, "manifest_sha256": digest}]


def test_an_earlier_release_of_an_accepted_item_stays_where_it_is_and_is_marked(release: Make, team: Path) -> None:
    release(1)
    placed = release(2, accepted=True)
    assert names(team) == [REF, f"{REF}.2"]
    assert f"Superseded by: {REF}.2\n" in (team / REF / SUPERSEDED).read_text(encoding="utf-8")
    assert supersedes(placed.folder) == [(REF, True)]
    assert not (placed.folder / SUPERSEDED).exists()


def take_the_document(folder: Path) -> None:
    (folder / f"{REF}.pdf").unlink()


def take_the_manifest(folder: Path) -> None:
    (folder / "manifest.json").unlink()


def leave_a_note(folder: Path) -> None:
    (folder / "imported.ok").touch()


def write_over_the_manifest(folder: Path) -> None:
    (folder / "manifest.json").write_text('{"imported": true}', encoding="utf-8")


def write_into_the_index(folder: Path) -> None:
    (folder / "index.csv").write_text("done", encoding="utf-8")


@pytest.mark.parametrize(
    "touch", [take_the_document, take_the_manifest, leave_a_note, write_into_the_index, write_over_the_manifest]
)
def test_an_earlier_release_that_is_not_as_we_left_it_was_taken_and_is_marked(
    release: Make, team: Path, touch: Callable[[Path], None]
) -> None:
    touch(release(1).folder)
    release(2)
    assert names(team) == [REF, f"{REF}.2"]
    assert (team / REF / SUPERSEDED).is_file()


def test_the_newest_names_every_earlier_one_and_every_mark_names_the_newest(release: Make, team: Path) -> None:
    leave_a_note(release(1).folder)
    release(2)
    leave_a_note(team / f"{REF}.2")
    newest = release(3).folder
    assert names(team) == [REF, f"{REF}.2", f"{REF}.3"]
    assert supersedes(newest) == [(REF, True), (f"{REF}.2", True)]
    for earlier in (REF, f"{REF}.2"):
        assert f"Superseded by: {REF}.3\n" in (team / earlier / SUPERSEDED).read_text(encoding="utf-8")


def test_what_a_team_has_carried_off_is_named_and_its_name_is_not_given_again(release: Make, team: Path) -> None:
    release(1).folder.rename(team.parent / "picked-up")
    placed = release(2, before=[REF])
    assert placed.folder.name == f"{REF}.2"
    assert supersedes(placed.folder) == [(REF, False)]


def test_a_team_that_has_taken_the_manifest_gets_the_release_anew(release: Make, team: Path) -> None:
    take_the_manifest(release(1).folder)
    assert (release(1).folder / "manifest.json").is_file()


@pytest.mark.parametrize("accepted", [True, False])
def test_the_run_after_one_that_died_before_its_commit_tells_of_the_same_earlier_ones(
    release: Make, accepted: bool
) -> None:
    release(1)
    first = release(2, [REF], accepted=accepted)
    assert first.supersedes != ()
    assert release(2, [REF], accepted=accepted) == first


class _Died(BaseException):
    """The worker is gone."""


@pytest.mark.parametrize("accepted", [True, False])
@pytest.mark.parametrize("call", range(1, 8))
def test_a_run_that_dies_anywhere_is_ended_by_the_next_one(
    release: Make, team: Path, monkeypatch: pytest.MonkeyPatch, accepted: bool, call: int
) -> None:
    release(1)
    left = call

    def dying(real: Callable[..., Any]) -> Callable[..., Any]:
        def act(*given: object, **named: object) -> object:
            nonlocal left
            left -= 1
            if left == 0:
                raise _Died
            return real(*given, **named)

        return act

    with monkeypatch.context() as patched:
        patched.setattr(put_release, "write", dying(put_release.write))
        patched.setattr(put_release, "sync", dying(put_release.sync))
        patched.setattr(Path, "rename", dying(Path.rename))
        patched.setattr(Path, "replace", dying(Path.replace))
        patched.setattr(put_release.shutil, "rmtree", dying(put_release.shutil.rmtree))
        try:
            release(2, [REF], accepted=accepted)
        except _Died:
            in_between = [place for place in team.iterdir() if not place.name.startswith(".")]
            unmarked = [place.name for place in in_between if not (place / SUPERSEDED).exists()]
            assert len(unmarked) <= 1, "old and new side by side, and neither marked"
    release(2, [REF], accepted=accepted)
    if accepted:
        assert names(team) == [REF, f"{REF}.2"]
        assert (team / REF / SUPERSEDED).exists()
    (newest,) = (place for place in team.iterdir() if not (place / SUPERSEDED).exists())
    assert "2" in (newest / "index.csv").read_text(encoding="utf-8-sig").splitlines()[1].split(",")
    assert [name for name, _ in supersedes(newest)] == [REF]
    assert [file.name for file in team.rglob(".*")] == []


def test_a_correction_that_is_undone_after_a_run_died_over_it_leaves_no_mark(
    release: Make, team: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    release(1)

    def die(*_given: object) -> None:
        raise _Died

    with monkeypatch.context() as patched:
        patched.setattr(put_release, "_name_earlier", die)
        with pytest.raises(_Died):
            release(2, accepted=True)
    assert (team / REF / SUPERSEDED).is_file()
    release(1, accepted=True)
    assert (names(team), (team / REF / SUPERSEDED).exists()) == ([REF], False)
