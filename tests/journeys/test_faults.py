"""Faults of what lies under the mailroom: it refuses at the start with a sentence, or goes on by itself."""

import os
import signal
import subprocess
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from checker import faults
from letters import jpeg_letter, mixed_post, text_letter
from place import Place, finish, warm_parents_of

MEGABYTE = 1 << 20


@pytest.fixture
def small_disk(place: Place) -> Iterator[Path]:
    """The data folder of the place on a disk of 24 MB; needs the right to mount."""
    place.data.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=24m", "tmpfs", str(place.data)], check=False)
    if mounted.returncode:
        pytest.skip("no right to mount a small disk: NOT TESTED what happens when the disk is full")
    yield place.data
    subprocess.run(["umount", "--lazy", str(place.data)], check=True)


def test_nothing_is_taken_in_below_the_reserve_and_intake_goes_on_by_itself(place: Place, small_disk: Path) -> None:
    post = mixed_post(6)
    with place.running("run", settings={"INTAKE__LEAST_FREE_MEGABYTES": "12"}) as service:
        place.wait_until_open(service)
        (small_disk / "ballast").write_bytes(bytes(12 * MEGABYTE))
        for name, content in post.items():
            place.drop(name, content)
        time.sleep(3)
        assert place.ask("SELECT count(*) FROM item") == [(0,)]
        assert len([file for file in place.post.iterdir() if file.is_file()]) == 6
        (small_disk / "ballast").unlink()
        finish(place, 6)
    assert faults(place.data, post) == []


def test_a_disk_full_to_the_last_byte_loses_nothing_accepted(place: Place, small_disk: Path) -> None:
    post = mixed_post(20)
    with place.running("run", settings={"INTAKE__LEAST_FREE_MEGABYTES": "0"}) as service:
        place.wait_until_open(service)
        for name, content in post.items():
            place.drop(name, content)
        place.wait_until(lambda: place.through() >= 2, "the first items")
        fill(small_disk / "ballast")
        time.sleep(8)
        (small_disk / "ballast").unlink()
        finish(place, 20, 150)
    assert faults(place.data, post) == []


def fill(ballast: Path) -> None:
    """Write until nothing more goes in."""
    with ballast.open("wb", buffering=0) as file:
        for size in (MEGABYTE, 4096, 1):
            try:
                while file.write(bytes(size)) == size:
                    pass
            except OSError:
                continue


def test_a_warm_parent_that_is_killed_costs_no_item_anything(place: Place) -> None:
    post = {f"letter-{number}.jpeg": jpeg_letter(number) for number in range(3)}
    with place.running("run", settings={"OCR__ENGINE": "engines:SlowEngine"}) as service:
        for name, content in post.items():
            place.drop(name, content)
        place.wait_until(lambda: ("read",) in place.ask("SELECT next_stage FROM item"), "the stage `read`")
        time.sleep(1)
        killed = warm_parents_of(service)
        for pid in killed:
            os.kill(pid, signal.SIGKILL)
        finish(place, 3)
    assert len(killed) == 1
    assert faults(place.data, post) == []


def test_a_team_s_folder_that_cannot_be_written_holds_up_that_team_s_post_alone_and_is_told(place: Place) -> None:
    post, unclear = mixed_post(6), b"Dear Sir\n\nThank you for the other day.\n"
    with place.running("run") as service:
        place.wait_until_open(service)
        place.drop("first.txt", text_letter(99))
        finish(place, 1)
        ((team,),) = place.ask("SELECT team FROM item")
        folder = place.data / "release" / place.ask("SELECT released_to FROM handoff")[0][0].split("/")[0]
        folder.rename(aside := folder.with_name("aside"))
        folder.write_text("a file in its place")
        for name, content in post.items():
            place.drop(name, content)
        place.drop("unclear.txt", unclear)
        alarm = f"SELECT cleared_at IS NOT NULL FROM alarm WHERE subject = 'waiting:hand_over:{team}'"  # noqa: S608  # ours
        place.wait_until(lambda: place.ask(alarm) == [(0,)], "an alarm")
        place.wait_until(lambda: place.under_way() == 6 and place.through() == 2, "the post of nobody's team")
        folder.unlink()
        aside.rename(folder)
        finish(place, 8)
        place.wait_until(lambda: place.ask(alarm) == [(1,)], "the end of the alarm")
    sent = post | {"first.txt": text_letter(99), "unclear.txt": unclear}
    assert faults(place.data, sent, {"unclear.txt": "unsure"}) == []


def test_four_commands_may_start_a_fresh_mailroom_at_once(place: Place) -> None:
    letters = [place.root / f"letter-{number}.txt" for number in range(4)]
    for number, letter in enumerate(letters):
        letter.write_bytes(text_letter(number))
    with ThreadPoolExecutor(4) as pool:
        done = list(pool.map(lambda letter: place.call("take", str(letter)), letters))
    assert [(take.returncode, take.stderr) for take in done] == [(0, "")] * 4
    assert place.ask("SELECT count(*) FROM item") == [(4,)]


@pytest.mark.parametrize("fault", ["a file in its place", "no rights"])
def test_a_hot_folder_that_cannot_be_written_stops_the_start_with_a_sentence(place: Place, fault: str) -> None:
    if fault == "no rights" and os.geteuid() == 0:
        place = Place(place.root, {"FOLDERS__POST__PATH": "/proc/post"})
    elif fault == "no rights":
        place.post.mkdir(mode=0o500)
    else:
        place.post.write_text("a file")
    run = place.call("run")
    assert run.returncode == 2
    assert "cannot be written" in run.stderr
    assert "Traceback" not in run.stderr


def test_a_database_that_cannot_be_opened_stops_the_start_with_a_sentence(place: Place) -> None:
    (place.data / "mailroom.sqlite").mkdir(parents=True)
    run = place.call("run")
    assert run.returncode == 2
    assert "The database cannot be opened" in run.stderr
    assert "Traceback" not in run.stderr


@pytest.fixture
def frozen_database(place: Place) -> Iterator[None]:
    """A fresh mailroom whose database file nobody can write; needs the right to mount."""
    place.data.mkdir()
    assert place.call("status").returncode == 0
    file = str(place.data / "mailroom.sqlite")
    if subprocess.run(["mount", "--bind", file, file], check=False).returncode:
        pytest.skip("no right to mount: NOT TESTED what happens when the database cannot be written")
    subprocess.run(["mount", "-o", "remount,ro,bind", file], check=True)
    yield
    subprocess.run(["umount", file], check=True)


@pytest.mark.usefixtures("frozen_database")
def test_a_database_that_cannot_be_written_stops_the_start_with_a_sentence(place: Place) -> None:
    run = place.call("run")
    assert run.returncode == 2
    assert "The database cannot be written" in run.stderr
    assert "Traceback" not in run.stderr


def test_a_missing_language_model_stops_the_start_with_a_sentence(place: Place) -> None:
    run = place.call("run", settings={"OCR__LANGUAGES": "eng+xxx"})
    assert run.returncode == 2
    assert "xxx" in run.stderr
    assert "Traceback" not in run.stderr
