"""The commands of an officer who answers, over a mailroom on disk."""

import json
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sample_letters import DISCOUNT

from mailroom.bootstrap import utc_now
from mailroom.cli import app as command_line
from mailroom.domain.capture import Receipt
from mailroom.engine import prepare
from mailroom.records.session import sqlite_url
from mailroom.records.tables import Item

FILLED = ("--fill", "council_tax_account=71204455", "--fill", "from=1 November", "--fill", "new_bill=£1,204.50")
Run = Callable[..., tuple[int, Any, str]]


@pytest.fixture
def now() -> Callable[[], datetime]:
    """The commands ask the real clock, so the items that they find must not lie in its future."""
    return utc_now


@pytest.fixture
def run(data: Path, database: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Run:
    """Runs a command line; returns exit code, what it printed (parsed where it is JSON) and what it complained of."""

    def call(*arguments: str) -> tuple[int, Any, str]:
        monkeypatch.setattr("sys.argv", ["mailroom", *arguments])
        capsys.readouterr()
        try:
            command_line.main()
            code = 0
        except SystemExit as ended:
            code = int(ended.code or 0)
        printed = capsys.readouterr()
        return code, json.loads(printed.out) if "--json" in arguments and printed.out else printed.out, printed.err

    monkeypatch.setenv("COLUMNS", "200")
    if database == "sqlite":  # on a server the admin has made the engine's tables
        prepare(sqlite_url(data / "mailroom.sqlite"))
    return call


@pytest.fixture
def letter(deliver: Callable[..., Receipt], travel: Callable[..., Item], run: Run) -> str:
    item = travel(deliver(DISCOUNT).item_id)
    run("correct", item.reference, "sender_address", "4 Quarry View, Harrowdale")
    return travel(item.id).reference


def test_a_note_and_a_date_stand_in_the_story(letter: str, run: Run) -> None:
    assert run("note", letter, "Rang her.")[0] == 0
    back = (utc_now() + timedelta(days=9)).date()
    assert run("bring-forward", letter, back.isoformat(), "--reason", "the lease")[0] == 0
    assert run("queue", "revenues", "--json")[1] == {"team": "revenues", "items": []}
    (line,) = run("queue", "revenues", "--show", "brought_forward", "--json")[1]["items"]
    assert (line["comes_back"], line["why_back"]) == (back.isoformat(), "the lease")
    _, story, _ = run("timeline", letter, "--json")
    assert {entry["text"] for entry in story if entry["kind"] == "note"} >= {"Rang her."}
    _, told, _ = run("timeline", letter)
    assert "Rang her." in told
    assert "Handed over to Revenues." in told
    assert run("bring-forward", letter)[0] == 0
    assert len(run("queue", "revenues", "--json")[1]["items"]) == 1


def test_a_reply_is_shown_first_and_sent_when_that_is_said(letter: str, run: Run) -> None:
    assert run("reply", letter, "--json")[1][0]["template"] == "discount_granted"
    assert "discount_granted" in run("reply", letter)[1]
    code, draft, _ = run("reply", letter, "discount_granted", "--json")
    assert (code, sorted(draft["missing"])) == (0, ["from", "new_bill"])
    code, _, complaint = run("reply", letter, "discount_granted", "--send")
    assert (code, "not complete" in complaint) == (1, True)
    shown = run("reply", letter, "discount_granted", *FILLED)[1]
    assert "You now have to pay £1,204.50" in " ".join(shown.split())
    code, sent, _ = run("reply", letter, "discount_granted", *FILLED, "--send", "--json")
    assert (code, sent["number"], sent["way"]) == (0, 1, "letter")
    assert run("queue", "revenues", "--show", "going_out", "--json")[1]["items"][0]["reply"] == "held"
    assert run("reply", letter, "--take-back")[0] == 0
    assert run("reply", letter, "--take-back")[0] == 1


def test_what_is_filled_in_has_a_name(letter: str, run: Run) -> None:
    code, _, complaint = run("reply", letter, "answer", "--fill", "just words")
    assert (code, "write NAME=VALUE" in complaint) == (2, True)


def test_what_belongs_to_an_item_is_listed(
    letter: str, deliver: Callable[..., Receipt], travel: Callable[..., Item], run: Run
) -> None:
    other = travel(deliver(DISCOUNT + b"\nP.S. Please hurry.").item_id).reference
    found = run("related", letter, "--json")[1]
    assert [line["reference"] for line in found["sender"]] == [other]
    assert other in run("related", letter)[1]


def test_a_return_says_where_it_belongs(letter: str, run: Run) -> None:
    words = ("return", letter, "--reason", "another_team", "--belongs-to", "housing_tenancy", "--json")
    assert run(*words)[1]["suggested"] == "housing_tenancy"
    (line,) = run("queue", "post_room", "--json")[1]["items"]
    assert line["suggestion"]["case_type"] == "housing_tenancy"
