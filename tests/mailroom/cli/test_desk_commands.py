"""The commands of the desks over a mailroom on disk: one sentence or JSON, and an exit code that scripts rely on."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from mailroom.bootstrap import utc_now
from mailroom.cli import app as command_line
from mailroom.domain.capture import Channel, Receipt
from mailroom.duties.send_acknowledgements import send_acknowledgements
from mailroom.engine import prepare
from mailroom.records.session import sqlite_url
from mailroom.records.tables import Item
from mailroom.services import Services

DISCOUNT = b"""Council tax: single person discount

My lodger has moved out, and I am now the only adult living here. Please give me the single person discount on my
council tax from 1 November. My council tax account number is 71204455.

Yours faithfully

Jane Pemberton
"""
ADDRESS = b"Jane Pemberton\n4 Quarry View\nHarrowdale\nHD7 4QT\n\n12 November 2026\n\nDear Sir or Madam\n\n"
UNCLEAR = b"Dear Sir or Madam\n\nI enclose the papers that we talked about.\n\nRhys Treharne\n"

Answer = tuple[int, Any, str]
Run = Callable[..., Answer]


@pytest.fixture
def now() -> Callable[[], datetime]:
    """The commands ask the real clock, so the items that they find must not lie in its future."""
    return utc_now


@pytest.fixture
def run(data: Path, database: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Run:
    """Runs a command line; returns exit code, what it printed (parsed where it is JSON) and what it complained of."""

    def call(*arguments: str) -> Answer:
        monkeypatch.setattr("sys.argv", ["mailroom", *arguments])
        capsys.readouterr()
        try:
            command_line.main()
            code = 0
        except SystemExit as ended:
            code = int(ended.code or 0)
        printed = capsys.readouterr()
        answer = json.loads(printed.out) if "--json" in arguments and printed.out else printed.out
        return code, answer, printed.err

    monkeypatch.setenv("COLUMNS", "200")
    if database == "sqlite":  # on a server the admin has made the engine's tables
        prepare(sqlite_url(data / "mailroom.sqlite"))
    return call


@pytest.fixture
def settled(deliver: Callable[..., Receipt], travel: Callable[..., Item]) -> str:
    return travel(deliver(DISCOUNT).item_id).reference


@pytest.fixture
def unclear(deliver: Callable[..., Receipt], travel: Callable[..., Item]) -> str:
    return travel(deliver(UNCLEAR).item_id).reference


def test_settling_says_what_happened_and_the_item_is_on_its_way(unclear: str, run: Run) -> None:
    code, answer, _ = run("settle", unclear, "housing_tenancy", "--json")
    assert (code, answer["reference"], answer["team"]) == (0, unclear, "housing")
    _, shown, _ = run("show", unclear, "--json")
    assert (shown["state"], shown["documents"][0]["decision"]["decided_by"]) == ("waiting", "person")
    code, sentence, _ = run("settle", unclear, "housing_tenancy")
    assert (code, "already" in sentence) == (0, True)


def test_a_refusal_is_one_sentence_and_exit_code_1(unclear: str, run: Run) -> None:
    code, printed, complaint = run("settle", unclear, "no_such_type")
    assert (code, printed) == (1, "")
    assert "There is no case type 'no_such_type'" in complaint


@pytest.mark.parametrize(
    ("arguments", "offered"),
    [
        (("settle", "X", "council_tax_exempt"), "council_tax_exemption (Council tax: exemption"),
        (("settle", "X", "fio"), "foi (Freedom of information request)"),
        (("reroute", "X", "--type", "blue badge", "--reason", "r"), "not_ours_blue_badge"),
        (("reroute", "X", "--team", "hosing", "--reason", "r"), "housing (Housing"),
        (("queue", "benifits"), "benefits (Benefits)"),
    ],
)
def test_a_wrong_key_is_refused_with_those_nearest(arguments: tuple[str, ...], offered: str, run: Run) -> None:
    code, printed, complaint = run(*arguments)
    assert (code, printed) == (1, "")
    assert offered in complaint
    assert "mailroom types" in complaint


def test_case_types_are_listed_by_words(run: Run) -> None:
    code, found, _ = run("types", "council", "BILL", "--json")
    assert code == 0
    assert [(line["key"], line["title"], line["team"]) for line in found] == [
        ("council_tax_bill", "Council tax: bill or payment", "revenues")
    ]
    assert {line["team"] for line in run("types", "electoral services", "--json")[1]} == {"elections"}
    everything = {line["key"] for line in run("types", "--json")[1]}
    assert "unsorted" not in everything
    assert {"foi", "junk"} <= everything
    (_, line) = run("types", "council", "bill")[1].splitlines()
    assert line.split()[0] == "council_tax_bill"


def test_where_nothing_is_listed_that_is_said(run: Run) -> None:
    for arguments, sentence in {
        ("types", "no-such-word"): "Nothing found.",
        ("find", "no-such-word"): "Nothing found.",
        ("queue", "housing"): "Nothing waits.",
        ("queue", "post_room"): "Nothing waits.",
        ("letters",): "Nothing waits.",
        ("confirm-date",): "Nothing waits.",
    }.items():
        code, printed, said = run(*arguments)
        assert (code, printed, said.strip()) == (0, "", sentence)
    assert run("types", "no-such-word", "--json")[:2] == (0, [])
    assert run("queue", "post_room", "--json")[:2] == (0, {"team": "post_room", "items": []})


def test_the_queue_of_the_post_room_holds_exceptions_and_what_was_returned(
    unclear: str, settled: str, run: Run
) -> None:
    run("return", settled, "--reason", "about rent")
    code, printed, _ = run("queue", "post_room")
    heads, *lines = printed.splitlines()
    assert (code, len(lines)) == (0, 2)
    assert heads.split() == ["reference", "due", "channel", "why", "from", "perhaps", "title"]
    shown = {line.split()[0]: line for line in lines}
    assert "returned by a team" in shown[settled]
    assert "Jane Pemberton" in shown[settled]
    assert " post " in shown[unclear]
    assert run("queue", "revenues", "--json")[1]["items"] == []


def test_a_team_sees_which_lines_of_its_queue_are_messages_in_a_case(
    deliver: Callable[..., Receipt], settled: str, run: Run, travel: Callable[..., Item]
) -> None:
    item = travel(deliver(UNCLEAR).item_id)
    assert run("add", unclear := item.reference, settled)[0] == 0
    travel(item.id)
    shown = {line.split()[0]: line for line in run("queue", "revenues")[1].splitlines()}
    assert f"message in {settled}" in shown[unclear]
    assert "message in" not in shown[settled]


def test_the_subject_of_a_mail_stands_in_its_line(
    deliver: Callable[..., Receipt], run: Run, travel: Callable[..., Item]
) -> None:
    for text, team in ((DISCOUNT, "revenues"), (UNCLEAR, "post_room")):
        mail = b"From: jane@pemberton.example\nSubject: Our papers\n\n" + text
        item = travel(deliver(mail, channel=Channel.EMAIL, file_name="message.eml").item_id)
        (line,) = [line for line in run("queue", team, "--json")[1]["items"] if line["item"] == item.id]
        assert line["subject"] == "Our papers"
        assert ', "Our papers"' in run("queue", team)[1]


def test_a_team_reads_its_queue_without_our_prefix(settled: str, run: Run) -> None:
    _, line = run("queue", "revenues")[1].splitlines()
    assert "Jane Pemberton" in line
    assert "team:" not in line
    assert run("queue", "revenues", "--json")[1]["items"][0]["owner"] == "team:revenues"


def test_a_role_may_not_do_what_is_not_its_work(unclear: str, settled: str, run: Run) -> None:
    assert run("settle", unclear, "foi", "--as", "auditor")[0] == 1
    assert run("accept", settled, "--as", "back_office:housing")[0] == 1
    assert run("accept", settled, "--as", "back_office:revenues")[0] == 0


def test_a_team_works_through_its_queue(settled: str, run: Run) -> None:
    _, waiting, _ = run("queue", "revenues", "--json")
    assert [line["reference"] for line in waiting["items"]] == [settled]
    assert settled in run("queue", "revenues")[1]
    assert run("accept", settled, "--officer", "sam")[0] == 1
    assert run("account", "join", "sam", "--role", "back_office", "--team", "revenues")[0] == 0
    assert run("accept", settled, "--officer", "sam", "--json")[1]["owner"] == "sam"
    assert run("allocate", settled, "jo")[0] == 1
    assert run("account", "join", "jo", "--role", "back_office", "--team", "revenues")[0] == 0
    assert run("allocate", settled, "jo")[0] == 0
    later = (utc_now() + timedelta(days=7)).date().isoformat()
    assert run("hold", settled, "--until", later)[0] == 0
    assert run("close", settled, "--outcome", "discount granted")[0] == 0
    _, shown, _ = run("show", settled, "--json")
    assert (shown["case"]["owner"], shown["case"]["outcome"]) == ("jo", "discount granted")
    assert run("queue", "revenues", "--json")[1]["items"] == []


def test_a_team_returns_what_is_not_its_own(settled: str, run: Run) -> None:
    assert run("return", settled, "--reason", "about rent")[0] == 0
    _, shown, _ = run("show", settled, "--json")
    assert (shown["state"], shown["handoff"]["returned"]) == ("exception", 1)


def test_index_data_and_routes_are_corrected(settled: str, run: Run) -> None:
    assert run("correct", settled, "sender_postcode", "hd7 4qt")[0] == 0
    assert run("reroute", settled, "--team", "housing", "--reason", "about rent")[0] == 0
    _, shown, _ = run("show", settled, "--json")
    assert shown["sender"]["postcode"] == "HD7 4QT"
    assert shown["documents"][0]["decision"]["team"] == "housing"


def test_a_later_date_waits_for_somebody_else(settled: str, run: Run) -> None:
    day = "2026-11-02T10:00"
    assert run("redate", settled, "2026-11-01", "--reason", "stamped")[0] == 0
    code, answer, _ = run("redate", settled, day, "--reason", "the tray of the second", "--json")
    assert (code, answer["takes_effect"]) == (0, False)
    assert run("confirm-date", "--json")[1]["waiting"][0]["correction"] == answer["correction"]
    code, _, complaint = run("confirm-date", str(answer["correction"]))
    assert (code, "Somebody other" in complaint) == (1, True)


def test_what_is_sensitive_is_gone_for_the_others(settled: str, run: Run) -> None:
    run("show", settled, "--as", "post_room")
    code, answer, _ = run("sensitive", settled, "--reason", "names a refuge", "--json")
    assert (code, len(answer["seen_by"])) == (0, 1)
    assert run("find", "lodger", "--as", "post_room", "--json")[1]["items"] == []
    assert run("show", settled, "--as", "post_room")[0] == 1


def test_joining_and_asking_for_a_scan(unclear: str, settled: str, run: Run) -> None:
    assert run("rescan", unclear, "--reason", "page 2 is missing")[0] == 0
    code, sentence, _ = run("join", settled, unclear)
    assert (code, sentence.strip()) == (0, f"{settled} is joined to {unclear}.")
    assert run("reconcile")[0] == 0


def test_an_exception_is_tried_again(unclear: str, settled: str, run: Run) -> None:
    code, answer, _ = run("retry", unclear, "--from", "read", "--json")
    assert (code, answer["stage"]) == (0, "read")
    assert run("show", unclear, "--json")[1]["state"] == "waiting"
    code, _, complaint = run("retry", settled)
    assert (code, "is no exception" in complaint) == (1, True)


def test_a_text_is_not_split(settled: str, run: Run) -> None:
    code, _, complaint = run("split", settled, "2")
    assert (code, "one PDF or TIFF" in complaint) == (1, True)


def test_letters_of_an_item_are_its_own(
    deliver: Callable[..., Receipt], travel: Callable[..., Item], unclear: str, run: Run, services: Services
) -> None:
    first, second = (travel(deliver(ADDRESS + DISCOUNT + tail).item_id).reference for tail in (b"", b"Again.\n"))
    send_acknowledgements(replace(services, now=lambda: utc_now() + timedelta(minutes=11)))
    for names, theirs in (((first,), {first}), ((), {first, second}), ((unclear,), set())):
        assert {line["reference"] for line in run("letters", *names, "--json")[1]["letters"]} == theirs
    printed = run("letters", second.lower())[1]
    assert (second in printed, first in printed) == (True, False)
    assert run("letters", "HD-26-999999-X")[0] == 1


def test_letters_are_listed_and_a_message_is_taken_back(settled: str, run: Run, tmp_path: Path) -> None:
    assert run("letters", "--json") == (0, {"letters": []}, "")
    code, answer, _ = run("letters", settled, "--print", str(tmp_path), "--json")
    assert (code, "problem" in answer["letters"][0]) == (1, True)
    code, _, complaint = run("undo", settled)
    assert (code, "No message goes out" in complaint) == (1, True)


@pytest.mark.parametrize(
    "arguments",
    [
        ("redate", "X", "yesterday", "--reason", "r"),
        ("hold", "X", "--until", "soon"),
        ("close", "X"),
        ("settle", "X", "foi", "--as", "king"),
    ],
)
def test_an_argument_that_means_nothing_is_exit_code_2(arguments: tuple[str, ...], run: Run) -> None:
    assert run(*arguments)[0] == 2
