"""What a log line holds."""

import json
import logging

from mailroom.cli.logs import JsonFormatter


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
