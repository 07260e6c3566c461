"""What a log line holds."""

import json
import logging
import subprocess
import sys
from pathlib import Path

from mailroom.cli.logs import JsonFormatter

REPOSITORY = Path(__file__).parents[3]


def written(**extra: object) -> dict[str, object]:
    record = logging.makeLogRecord(
        {"name": "mailroom.x", "levelname": "WARNING", "msg": "%s stood still", "args": ("one",)}
    )
    vars(record).update(extra)
    told: dict[str, object] = json.loads(JsonFormatter().format(record))
    return told


def test_a_line_says_when_how_serious_where_and_what() -> None:
    line = written()
    assert (line["level"], line["logger"], line["message"]) == ("WARNING", "mailroom.x", "one stood still")
    assert str(line["at"]).endswith("+00:00")


def test_the_ids_given_with_it_stand_in_the_line() -> None:
    assert written(item="5d41", stage="read")["item"] == "5d41"


def test_nothing_else_of_the_record_does() -> None:
    assert set(written(item="5d41")) == {"at", "level", "logger", "message", "item"}


def look_up(words: str) -> None:
    raise KeyError(words)


def test_of_a_fault_kind_and_place_are_told_but_never_its_message() -> None:
    try:
        try:
            look_up("Dear Sir, I am Xanthippe")
        except KeyError as fault:
            raise ValueError("Xanthippe") from fault
    except ValueError:
        told = written(exc_info=sys.exc_info())["fault"]
    assert "Xanthippe" not in str(told)
    assert isinstance(told, list)
    assert [line.rpartition(" ")[2] for line in told] == [
        "ValueError",
        "test_of_a_fault_kind_and_place_are_told_but_never_its_message",
        "KeyError",
        "test_of_a_fault_kind_and_place_are_told_but_never_its_message",
        "look_up",
    ]


def test_the_workflow_engine_logs_in_the_same_form() -> None:
    program = """
import logging
from mailroom.cli.logs import log_as_json
log_as_json()
from dbos import DBOS
DBOS(config={"name": "mailroom", "system_database_url": "sqlite:///unused", "log_level": "WARNING"})
logging.getLogger("dbos").warning("a word")
logging.getLogger("dbos").info("not this")
"""
    done = subprocess.run([sys.executable, "-c", program], cwd=REPOSITORY, capture_output=True, text=True, check=True)
    (line,) = done.stderr.splitlines()
    assert (json.loads(line)["logger"], json.loads(line)["message"]) == ("dbos", "a word")
