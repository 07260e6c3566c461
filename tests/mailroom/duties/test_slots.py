from __future__ import annotations

import subprocess
import sys
import threading
from pathlib import Path

from mailroom.duties.slots import free_slot, one_after_another, slot_name, sole

HOLD = """
import sys
from pathlib import Path
from mailroom.duties.slots import free_slot
with free_slot(Path(sys.argv[1]), 2) as slot:
    print(slot, flush=True)
    sys.stdin.read()
"""


def holder(folder: Path) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", HOLD, str(folder)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )


def test_each_worker_gets_a_slot_of_its_own_until_all_are_taken(tmp_path: Path) -> None:
    with free_slot(tmp_path, 2) as first, free_slot(tmp_path, 2) as second, free_slot(tmp_path, 2) as third:
        assert (first, second, third) == (slot_name(tmp_path, "1"), slot_name(tmp_path, "2"), None)


def test_a_slot_is_free_again_when_its_process_is_killed(tmp_path: Path) -> None:
    with holder(tmp_path) as other:
        assert other.stdout
        assert other.stdout.readline().strip() == slot_name(tmp_path, "1")
        with free_slot(tmp_path, 2) as slot:
            assert slot == slot_name(tmp_path, "2")
        other.kill()
        other.wait()
    with free_slot(tmp_path, 2) as slot:
        assert slot == slot_name(tmp_path, "1")


def test_containers_of_one_name_that_share_a_database_share_no_slot(tmp_path: Path) -> None:
    here, there = tmp_path / "here", tmp_path / "there"
    here.mkdir()
    there.mkdir()
    assert slot_name(here, "1") != slot_name(there, "1")
    assert slot_name(here, "1") == slot_name(here, "1")


def test_a_name_has_one_holder(tmp_path: Path) -> None:
    with sole(tmp_path, "service") as first, sole(tmp_path, "service") as second, sole(tmp_path, "other") as other:
        assert (first, second, other) == (True, False, True)
    with sole(tmp_path, "service") as again:
        assert again


def test_one_after_another_waits_for_its_turn(tmp_path: Path) -> None:
    order: list[str] = []

    def second() -> None:
        with one_after_another(tmp_path, "schema"):
            order.append("second")

    thread = threading.Thread(target=second)
    with one_after_another(tmp_path, "schema"):
        thread.start()
        thread.join(0.3)
        order.append("first")
    thread.join()
    assert order == ["first", "second"]
