"""`import` as a person at the terminal and a script read it, and killed in the middle of its work."""

from __future__ import annotations

import json
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from mailrooms import Mailrooms
from sqlalchemy import func, select

from mailroom.records.session import Records
from mailroom.records.tables import Item

SAMPLE = Path(__file__).parents[3] / "samples" / "older-system"
Ask = Callable[..., Any]
ROWS = 150


@pytest.fixture
def older(tmp_path: Path) -> Path:
    """The closed matters of the sample of an older system."""
    folder = Path(shutil.copytree(SAMPLE, tmp_path / "older-system"))
    index = folder / "index.csv"
    lines = index.read_text("utf-8").splitlines(keepends=True)
    index.write_text("".join(line for line in lines if "backlog" not in line), "utf-8")
    return folder


@pytest.fixture
def place(ask: Ask, tmp_path: Path) -> Path:
    """A mailroom of this test's own, with nothing in it."""
    data = tmp_path / "data"
    data.mkdir()
    ask("status", data=data)
    return data


def test_a_dry_run_says_what_would_happen_and_changes_nothing(ask: Ask, older: Path, place: Path) -> None:
    dry = ask("import", older, "--dry-run", data=place)
    assert (dry.code, dry.out) == (
        0, "3 rows: 3 closed matters, 0 with open work would be brought over. Nothing was changed.\n",
    )  # fmt: skip
    assert ask("status", "--json", data=place).json["channels"] == {}
    done = ask("import", older, data=place)
    assert (done.code, done.out) == (0, "Imported 3: 3 closed matters, 0 with open work.\n")
    again = ask("import", older, "--json", data=place)
    assert (again.code, again.json["imported"], again.json["known"], again.json["faults"]) == (0, 0, 3, [])
    assert ask("status", "--json", data=place).json["channels"]["import"]["captured"] == 3
    (found,) = ask("find", "DMS-104311", "--json", data=place).json["items"]
    history = ask("show", found["reference"], "--all", data=place).out
    assert "imported" in history


def test_nothing_is_imported_until_the_index_is_clean_or_the_bad_rows_are_left_out(
    ask: Ask, older: Path, place: Path
) -> None:
    (older / "2019" / "0740.txt").unlink()
    refused = ask("import", older, data=place)
    assert refused.code == 1
    assert refused.out.splitlines()[0].startswith("line 3, file: There is no such file.")
    assert refused.out.splitlines()[1].startswith("Not good: 1 of 3 rows; nothing was imported.")
    skipped = ask("import", older, "--skip-bad", "--json", data=place)
    assert (skipped.code, skipped.json["imported"], skipped.json["left_out"]) == (1, 2, 1)
    assert [(one["line"], one["column"]) for one in skipped.json["faults"]] == [(3, "file")]
    assert "0740" in (older / "index.left-out.csv").read_text("utf-8-sig")


def test_a_folder_without_an_index_is_a_wrong_argument(ask: Ask, tmp_path: Path) -> None:
    assert ask("import", tmp_path).code == 2


@pytest.mark.usefixtures("made_by_its_folder")
def test_a_place_without_a_mailroom_is_a_wrong_argument(ask: Ask, older: Path, tmp_path: Path) -> None:
    assert ask("import", older, data=tmp_path / "nowhere").code == 2


def test_killed_in_the_middle_it_goes_on_and_nothing_is_lost_or_there_twice(
    ask: Ask, place: Path, mailrooms: Mailrooms, tmp_path: Path
) -> None:
    folder = tmp_path / "archive"
    folder.mkdir()
    lines = ["file,received,closed"]
    for number in range(ROWS):
        (folder / f"{number}.txt").write_text(f"Letter {number} of the archive.\n")
        lines.append(f"{number}.txt,2019-03-12,2019-04-02")
    (folder / "index.csv").write_text("\n".join(lines) + "\n")
    command = [sys.executable, "-m", "mailroom", "import", str(folder)]
    running = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    with closing(mailrooms.records(place)) as records:
        while _items(records) < 20 and running.poll() is None:
            time.sleep(0.01)
        running.send_signal(signal.SIGKILL)
        running.wait(30)
        before = _items(records)
    assert 20 <= before < ROWS
    answer = ask("import", folder, "--json", data=place).json
    assert (answer["known"], answer["imported"], answer["faults"]) == (before, ROWS - before, [])
    with closing(mailrooms.records(place)) as records:
        assert _items(records) == ROWS
    balance = ask("reconcile", "--json", data=place).json
    assert (balance["difference"], balance["missing"], balance["channels"]["import"]["captured"]) == (0, [], ROWS)
    assert ask("verify", "--json", data=place).json["faults"] == []


def test_open_work_is_carried_to_its_end_where_nobody_else_carries(ask: Ask, place: Path) -> None:
    command = [sys.executable, "-m", "mailroom", "import", str(SAMPLE), "--read", "--json"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    told = json.loads(done.stdout)
    assert (done.returncode, told["closed"], told["open"], told["unread"]) == (0, 3, 2, 0)
    counts = {"received": 5, "captured": 4, "waiting": 0, "exceptions": 1, "refused": 0}
    assert ask("status", "--json", data=place).json["channels"] == {"import": counts}
    (found,) = ask("find", "tyres flat", "--json", data=place).json["items"]
    assert found["reference"].startswith("HD-19-000001-")


def _items(records: Records) -> int:
    with records.look() as session:
        return session.execute(select(func.count()).select_from(Item)).scalar_one()
