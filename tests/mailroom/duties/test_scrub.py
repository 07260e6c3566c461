"""The walk over all that is kept finds every damage, keeps to its hours, and goes on where it stopped."""

from __future__ import annotations

import os
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from random import Random

import pytest

from mailroom.domain.capture import Receipt
from mailroom.domain.errors import MailroomError
from mailroom.duties import scrub
from mailroom.duties.kept_in_words import all_in_figures, walk_in_words
from mailroom.duties.mend import mend
from mailroom.duties.scrub import scrub_by_night, walk_on
from mailroom.duties.second_copy import copy_what_has_none
from mailroom.records.kept_objects import count_objects
from mailroom.services import Services
from storage.errors import StoreUnavailable
from storage.local import LocalStore

NO_END = 1000.0
LETTERS = 130
DAMAGED = 100


def originals_in(first: Path) -> list[Path]:
    return sorted(file for file in (first / "originals").rglob("*") if file.is_file())


def flip_a_bit(file: Path, choose: Random) -> None:
    content = bytearray(file.read_bytes())
    content[choose.randrange(len(content))] ^= 1 << choose.randrange(8)
    file.chmod(0o600)
    file.write_bytes(content)


def plant(files: list[Path]) -> dict[Path, bytes]:
    """Damage some files, every other by a bit and every other wholly; return what they were."""
    choose = Random(7)  # noqa: S311  # the same damage each time
    were = {file: file.read_bytes() for file in choose.sample(files, DAMAGED)}
    for number, file in enumerate(were):
        file.unlink() if number % 2 else flip_a_bit(file, choose)
    return were


def test_a_hundred_bit_flips_and_deletions_are_all_found_and_put_back(
    second: Path, services: Services, deliver: Callable[..., Receipt], first: Path
) -> None:
    for number in range(LETTERS):
        deliver(b"letter %d" % number)
    assert copy_what_has_none(services, NO_END) == LETTERS
    were = plant(originals_in(first))
    assert walk_on(services, NO_END)
    found = all_in_figures(services)
    assert (found["checked"], found["not_mended"]) == (LETTERS, DAMAGED)
    assert {first / one["key"] for one in found["damage"]} == were.keys()
    assert {one["wrong"] for one in found["damage"]} == {"missing", "other bytes"}
    assert mend(services) == DAMAGED
    assert {file: file.read_bytes() for file in were} == were
    assert len(list((first / "set-aside").rglob("*.*"))) == DAMAGED // 2
    assert walk_on(services, NO_END, from_the_beginning=True)
    assert all_in_figures(services)["not_mended"] == 0


def test_damage_of_second_copies_is_found_and_put_back_likewise(
    second: Path, services: Services, deliver: Callable[..., Receipt]
) -> None:
    deliver(b"letter")
    copy_what_has_none(services)
    (file,) = originals_in(second)
    file.unlink()
    walk_on(services, NO_END)
    assert [(one["copy"], one["wrong"]) for one in all_in_figures(services)["damage"]] == [("second", "missing")]
    assert mend(services) == 1
    assert file.read_bytes() == b"letter"


def test_it_goes_on_where_it_stopped_even_in_another_process(
    services: Services, deliver: Callable[..., Receipt], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(scrub, "_AT_ONCE", 2)
    read: list[str] = []
    whole = LocalStore.open
    monkeypatch.setattr(LocalStore, "open", lambda store, key, *of: (read.append(key), whole(store, key, *of))[1])
    for number in range(5):
        deliver(b"letter %d" % number)
    assert not walk_on(services, 0)
    assert not walk_on(services, 0)
    assert walk_in_words(services) == "No walk over all has ended yet. Of the next, 4 of 5 objects are done."
    assert walk_on(services, NO_END)
    assert len(read) == len(set(read)) == 5
    assert walk_in_words(services) == "The last walk over all ended on 16 November 2026 at 10:00."


def test_it_keeps_to_its_hours_and_rests_once_it_has_been_through_all(
    services: Services,
    deliver: Callable[..., Receipt],
    step: Callable[[timedelta], None],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(scrub, "_SLICE_SECONDS", NO_END)
    deliver(b"letter")
    scrub_by_night(services)
    assert all_in_figures(services)["checked"] == 0
    step(timedelta(hours=15, minutes=30))  # Tuesday, half past one
    scrub_by_night(services)
    first_end = all_in_figures(services)["last_whole_walk_ended_at"]
    assert first_end == "2026-11-17T01:30:00+00:00"
    step(timedelta(minutes=20))
    scrub_by_night(services)
    assert all_in_figures(services)["last_whole_walk_ended_at"] == first_end
    step(timedelta(days=1))
    scrub_by_night(services)
    assert all_in_figures(services)["last_whole_walk_ended_at"] == "2026-11-18T01:50:00+00:00"


def test_a_store_that_is_away_is_no_damage_and_the_walk_goes_on_afterwards(
    services: Services, deliver: Callable[..., Receipt], monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(*_: object) -> object:
        raise StoreUnavailable("away")

    deliver(b"letter")
    with monkeypatch.context() as meanwhile:
        meanwhile.setattr(LocalStore, "open", away)
        with pytest.raises(StoreUnavailable):
            walk_on(services, NO_END)
    assert all_in_figures(services)["not_mended"] == 0
    assert walk_on(services, NO_END)


def test_what_no_record_knows_is_named_and_left_where_it_is(
    services: Services, deliver: Callable[..., Receipt], first: Path, tmp_path: Path, step: Callable[[timedelta], None]
) -> None:
    deliver(b"letter")
    foreign = ["originals/ab/" + "ab" * 32, "renditions/0/1"]
    for key in foreign:
        (tmp_path / "foreign").write_bytes(key.encode())
        LocalStore(first).put_new(key, tmp_path / "foreign")
    old = services.now().timestamp() - 7200
    for key in foreign:
        os.utime(first / key, (old, old))
    assert walk_on(services, NO_END)
    found = all_in_figures(services)
    assert (found["unknown"], found["unknown_keys"]) == (2, foreign)
    assert all((first / key).exists() for key in foreign)
    with pytest.raises(MailroomError, match="2 objects lie in the store that no record knows"):
        walk_in_words(services)


def test_it_does_not_count_an_object_twice_that_two_items_share(
    services: Services, deliver: Callable[..., Receipt]
) -> None:
    deliver(b"letter")
    deliver(b"letter")
    walk_on(services, NO_END)
    with services.records.look() as session:
        assert count_objects(session).objects == all_in_figures(services)["checked"] == 1
