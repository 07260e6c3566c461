"""Whatever dies, and whenever: no item is lost, none is done twice, and none needs a hand afterwards."""

import os
import random
import signal
import time
from pathlib import Path

from checker import faults
from letters import jpeg_letter, mixed_post, text_letter
from place import Place, finish, kill

KILLS = 20
ITEMS = 40
A_ROUND = 2 * ITEMS // KILLS
_A_LOOK = 0.1
"""Seconds between two looks at how far a round is."""


def test_forty_items_travel_through_twenty_kills_of_the_service(place: Place) -> None:
    chance = random.Random(20261122)  # noqa: S311  # the same kills each time, not a secret
    post = mixed_post(ITEMS)
    waiting = list(post.items())
    caught = 0
    for number in range(KILLS):
        service = place.start("run")
        if number % 2:  # at any moment of its work, however fast the machine is
            before = len(post) - len(waiting)
            for _ in range(A_ROUND):
                place.drop(*waiting.pop())
            wait_until_under_way(place, before + chance.randrange(A_ROUND), before + A_ROUND)
            time.sleep(chance.uniform(0.0, _A_LOOK))
        else:  # at any moment of its life, with what the last kill has left
            time.sleep(chance.uniform(0.5, 5.0))
        caught += place.under_way() > 0
        kill(service)
    with place.running("run"):
        finish(place, len(post))
    assert caught >= KILLS // 4, "the kills hit nothing: this proves too little"
    assert faults(place.data, post) == []
    assert not [file for file in place.post.iterdir() if file.is_file()]


def wait_until_under_way(place: Place, through: int, of_all: int) -> None:
    """Wait until so many items are through and another is not; a machine that was quicker has all of them through."""

    def so_far() -> bool:
        done = place.through()
        return done >= of_all or (done >= through and place.under_way() > 0)

    place.wait_until(so_far, "an item under way")


def test_a_frozen_worker_that_wakes_up_changes_nothing(place: Place) -> None:
    quick = {"WORKER__DEAD_AFTER_SECONDS": "2", "ACKNOWLEDGE__UNDO_MINUTES": "10"}
    letter = place.root / "letter.jpeg"
    letter.write_bytes(jpeg_letter(1))
    assert place.call("take", str(letter), settings=quick).returncode == 0
    with place.running("work", settings={**quick, "OCR__ENGINE": "engines:SlowEngine"}) as first:
        place.wait_until(lambda: place.ask("SELECT next_stage FROM item") == [("read",)], "the stage `read`")
        time.sleep(1)
        os.killpg(first.pid, signal.SIGSTOP)
        with place.running("work", settings=quick):
            finish(place, 1)
            before = everything(place)
            os.killpg(first.pid, signal.SIGCONT)
            time.sleep(6)
            assert everything(place) == before
    assert faults(place.data, {"letter.jpeg": letter.read_bytes()}) == []


def everything(place: Place) -> list[tuple[object, ...]]:
    """What is on record, all but heartbeats and the engine's own rows."""
    tables = ("item", "document", "page", "rendition", "case_file", "handoff", "acknowledgement", "custody_event")
    return [row for table in tables for row in place.ask(f"SELECT * FROM {table}")]  # noqa: S608  # names from above


def test_a_document_that_kills_its_reader_goes_to_a_person_alone(place: Place) -> None:
    post = mixed_post(10) | {"deadly.jpeg": jpeg_letter(99, black=True)}
    with place.running("run", settings={"OCR__ENGINE": "engines:DeadlyEngine"}):
        for name, content in post.items():
            place.drop(name, content)
        finish(place, len(post))
    assert faults(place.data, post, {"deadly.jpeg": "stopped_the_reader"}) == []


def test_an_item_that_kills_the_service_each_time_goes_to_a_person_alone(place: Place) -> None:
    post = mixed_post(10) | {"poison.txt": text_letter(99)}
    for name, content in post.items():
        place.drop(name, content)
    starts = 0
    while place.through() < len(post):
        starts += 1
        assert starts <= 3, "its third start and all later ones must live"
        service = place.start("run", path=Path(__file__).parent / "poison")
        place.wait_until(lambda: service.poll() is not None or place.through() == len(post), "an end")  # noqa: B023
    finish(place, len(post))
    service.terminate()
    assert service.wait(60) == 0
    assert faults(place.data, post, {"poison.txt": "stopped_the_service"}) == []


def test_a_second_service_on_the_same_data_is_refused(place: Place) -> None:
    with place.running("run") as first:
        place.wait_until_open(first)
        second = place.call("run")
    assert second.returncode == 2
    assert "A service runs on" in second.stderr


def test_a_service_told_to_stop_finishes_what_is_in_hand(place: Place) -> None:
    post = {"letter.jpeg": jpeg_letter(1)}
    with place.running("run", settings={"OCR__ENGINE": "engines:SlowEngine"}):
        place.drop("letter.jpeg", post["letter.jpeg"])
        place.wait_until(lambda: place.ask("SELECT next_stage FROM item") == [("read",)], "the stage `read`")
        time.sleep(1)
    assert place.ask("SELECT state, next_stage, service_deaths FROM item") == [("captured", None, 0)]
    assert place.call("verify").returncode == 0
    assert faults(place.data, post) == []
