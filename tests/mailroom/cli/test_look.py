"""`status`, `show`, `find` and `original`: the keys that scripts rely on, and nobody sees what is not theirs."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from mailrooms import Mailrooms
from rich.table import Table
from sqlalchemy import update

from mailroom.cli import look
from mailroom.cli.asking import cell, console
from mailroom.records.alarms import raise_alarm
from mailroom.records.tables import Original

Ask = Callable[..., Any]
Taken = dict[str, dict[str, Any]]

ITEM = {
    "reference", "channel", "received_at", "state", "sender", "case", "documents", "originals", "renditions",
    "acknowledgement", "handoff", "custody",
}  # fmt: skip
CASE = {"reference", "case_type", "service_id", "team", "owner", "opened_at", "clocks"}
DOCUMENT = {"media_type", "pages", "text", "confidence", "decision", "index"}
DECISION = {
    "case_type", "team", "sensitivity", "statutory", "urgency", "confidence", "decided_by", "reasons", "suggestions",
}  # fmt: skip


def test_show_has_every_key_of_the_contract(ask: Ask, taken: Taken) -> None:
    shown = ask("show", taken["request.txt"]["item"], "--json").json
    assert shown.keys() >= ITEM
    assert shown["case"].keys() >= CASE
    assert all(clock.keys() >= {"name", "due_at", "met_at"} for clock in shown["case"]["clocks"])
    (document,) = shown["documents"]
    assert document.keys() >= DOCUMENT
    assert document["decision"].keys() >= DECISION
    assert document["index"]["sender_postcode"].keys() >= {"value", "confidence", "page", "box"}
    assert shown["originals"][0].keys() >= {"sha256", "size", "media_type", "key"}


def test_show_tells_the_whole_journey(ask: Ask, taken: Taken) -> None:
    shown = ask("show", taken["request.txt"]["case"], "--json").json
    assert (shown["state"], shown["case"]["case_type"], shown["documents"][0]["decision"]["settled"]) == (
        "captured",
        "foi",
        True,
    )
    assert shown["handoff"]["state"] == "offered"
    assert [event["kind"] for event in shown["custody"]][:2] == ["received", "unpacked"]


def test_a_look_is_logged_with_who_and_why(ask: Ask, taken: Taken) -> None:
    name = taken["unclear.txt"]["item"]
    ask("show", name, "--json", "--purpose", "complaint 42")
    last = ask("show", name, "--json").json["custody"][-2]
    assert (last["kind"], last["details"]) == ("viewed", {"purpose": "complaint 42"})
    assert last["actor"].startswith("cli:")


def test_an_exception_says_what_is_wrong(ask: Ask, taken: Taken) -> None:
    shown = ask("show", taken["empty.txt"]["item"], "--json").json
    assert (shown["state"], shown["cause"], shown["case"]["owner"]) == ("exception", "empty", "team:post_room")
    assert shown["problem"]


def test_what_people_are_shown_cannot_steer_their_terminal(ask: Ask, tmp_path: Path) -> None:
    hostile = tmp_path / "let\x1b[2J\x07\u202etxt.exe"
    hostile.write_text("Dear Sir\n", encoding="utf-8")
    (line,) = ask("take", hostile, "--json", data=tmp_path / "data").json
    answer = ask("show", line["item"], data=tmp_path / "data")
    assert "let[2Jtxt.exe" in answer.out
    assert not {"\x1b", "\u202e", "\x07"} & set(answer.out)
    assert ask("show", line["item"], "--json", data=tmp_path / "data").json["file_name"] == hostile.name


def test_an_original_comes_back_byte_for_byte(ask: Ask, taken: Taken, house: dict[str, Any], tmp_path: Path) -> None:
    for name, line in taken.items():
        answer = ask("original", line["item"], "-o", tmp_path / name)
        assert answer.code == 0
        assert (tmp_path / name).read_bytes() == (house["post"] / name).read_bytes()


def test_an_original_is_chosen_by_the_beginning_of_its_digest(ask: Ask, taken: Taken, tmp_path: Path) -> None:
    name = taken["request.txt"]["item"]
    sha256 = ask("show", name, "--json").json["originals"][0]["sha256"]
    assert ask("original", name, "-o", tmp_path / "a", "--digest", sha256[:12].upper()).code == 0
    answer = ask("original", name, "-o", tmp_path / "b", "--digest", "0" * 64)
    assert (answer.code, (tmp_path / "b").exists()) == (1, False)


def test_a_file_that_is_there_is_written_over_only_when_told(ask: Ask, taken: Taken, tmp_path: Path) -> None:
    name, target = taken["request.txt"]["item"], tmp_path / "mine.txt"
    target.write_text("mine", encoding="utf-8")
    answer = ask("original", name, "-o", target)
    assert (answer.code, target.read_text(encoding="utf-8")) == (1, "mine")
    assert "is there already" in answer.err
    assert ask("original", name, "-o", target, "--force").code == 0
    assert target.read_text(encoding="utf-8").startswith("12 Hill Road")


def test_what_is_held_back_is_written_only_for_an_auditor_who_says_so(
    ask: Ask, taken: Taken, house: dict[str, Any], mailrooms: Mailrooms, tmp_path: Path
) -> None:
    data = mailrooms.copy(house["data"], tmp_path / "data")
    name, target = taken["request.txt"]["item"], tmp_path / "original"
    with closing(mailrooms.records(data)) as records, records.work() as session:
        session.execute(update(Original).where(Original.item_id == name).values(quarantined="Eicar-Test"))
        session.commit()
    answer = ask("original", name, "-o", target, data=data)
    assert (answer.code, answer.out, target.exists()) == (1, "", False)
    assert "found Eicar-Test in this file" in answer.err.replace("\n", " ")
    assert "--quarantined" in answer.err
    assert ask("original", name, "-o", target, "--as", "post_room", "--quarantined", data=data).code == 1
    answer = ask("original", name, "-o", target, "--quarantined", data=data)
    assert (answer.code, target.exists(), "may do harm" in answer.err) == (0, True, True)
    custody = ask("show", name, "--json", data=data).json["custody"]
    fetched = [event for event in custody if event["kind"] == "original_fetched"]
    assert fetched[-1]["details"]["held_back"] == "Eicar-Test"


def test_of_a_mail_people_read_subject_sender_and_the_address_it_was_written_to(ask: Ask, tmp_path: Path) -> None:
    (tmp_path / "message.eml").write_bytes(
        b'From: "Mary O\'Bell" <mary@bell.example>\r\nTo: Planning <planning@harrowdale.example>\r\n'
        b"Message-ID: <1@bell.example>\r\nSubject: Blocked gully\r\n\r\nWater stands there when it rains.\r\n"
    )
    data = tmp_path / "data"
    (line,) = ask("take", tmp_path / "message.eml", "--wait", "--json", data=data).json
    said = ask("show", line["item"], data=data).out.splitlines()
    assert "subject: Blocked gully" in said
    assert "written to: Planning, planning@harrowdale.example" in said
    assert any(one.startswith("sender: Mary O'Bell") for one in said)
    assert line["item"] in [hit["item"] for hit in ask("find", "blocked gully", "--json", data=data).json["items"]]


def test_a_place_that_cannot_be_written_is_named(ask: Ask, taken: Taken, tmp_path: Path) -> None:
    answer = ask("original", taken["request.txt"]["item"], "-o", tmp_path / "nowhere" / "x")
    assert answer.code == 1
    assert "nowhere" in answer.err


def test_find_prints_headlines(ask: Ask, taken: Taken) -> None:
    found = ask("find", "refuse contracts", "--json").json
    assert [item["item"] for item in found["items"]] == [taken["request.txt"]["item"]]
    assert ask("find", "HD2 3AB", "--json").json == found
    assert ask("find", taken["request.txt"]["reference"], "--json").json == found
    assert ask("find", "nothing-of-the-kind", "--json").json == {"items": []}
    assert taken["request.txt"]["reference"] in ask("find", "refuse contracts").out


def test_people_find_the_sender_and_the_team_by_name(ask: Ask) -> None:
    heads, line = ask("find", "refuse contracts").out.splitlines()
    assert heads.split() == ["reference", "received", "channel", "state", "what", "from", "team"]
    assert "Mary Bell" in line
    assert "Information Governance" in line
    assert "team:" not in line


def test_a_postcode_without_its_space_is_found(ask: Ask, taken: Taken) -> None:
    (found,) = ask("find", "hd23ab", "--json").json["items"]
    assert found["item"] == taken["request.txt"]["item"]
    assert found["sender"]["postcode"] == "HD2 3AB"


def test_a_part_of_a_name_is_told_to_be_none(ask: Ask) -> None:
    answer = ask("find", "name:Nobody")
    assert answer.code == 0
    assert "name: finds a whole name" in answer.err.replace("\n", " ")


def test_a_file_in_no_folder_is_refused_by_the_name_of_the_folder(ask: Ask, taken: Taken, tmp_path: Path) -> None:
    item, gone = taken["request.txt"]["item"], tmp_path / "gone"
    for command in (("original", item), ("evidence", item), ("redact", item, "--reason", "r", "--words", "w")):
        answer = ask(*command, "-o", gone / "a")
        assert (answer.code, answer.err.replace("\n", " ").startswith(f"There is no folder {gone}.")) == (1, True)


def test_nothing_found_is_said_and_is_no_failure(ask: Ask) -> None:
    answer = ask("find", "nothing-of-the-kind")
    assert (answer.code, answer.out, answer.err.strip()) == (0, "", "Nothing found.")


def test_show_tells_people_the_headlines_and_the_rest_when_asked(ask: Ask, taken: Taken) -> None:
    name = taken["empty.txt"]["item"]
    short, long = ask("show", name).out, ask("show", name, "--all").out
    first = [line.partition(":")[0] for line in short.splitlines()]
    assert first[:6] == ["reference", "state", "what is wrong", "case type", "team", "due"]
    assert "empty: " in short
    assert "(post_room)" in short
    assert "custody" not in short
    assert len(short.splitlines()) < 15
    assert long.startswith(short.rpartition("All on record")[0])
    assert "custody:" in long
    assert "sha256:" in long


def test_show_names_sender_and_whoever_has_it(ask: Ask, taken: Taken) -> None:
    short = ask("show", taken["request.txt"]["item"]).out
    assert "sender: Mary Bell, HD2 3AB" in short
    assert "case type: Freedom of information request (foi)" in short
    assert "handed to: information_governance, offered " in short
    assert "what is wrong" not in short


@pytest.mark.parametrize(
    ("role", "seen"),
    [
        ("post_room", {"request.txt", "unclear.txt", "empty.txt"}),
        ("auditor", {"request.txt", "unclear.txt", "empty.txt"}),
        ("post_room+limited", {"request.txt", "unclear.txt", "empty.txt", "risk.txt"}),
        ("back_office:revenues", set()),
        ("manager+limited", set()),
        ("administrator", set()),
    ],
)
def test_nobody_sees_what_is_not_theirs(ask: Ask, taken: Taken, role: str, seen: set[str], tmp_path: Path) -> None:
    assert {name for name, line in taken.items() if ask("show", line["item"], "--as", role).code == 0} == seen
    for name in ("risk.txt", "request.txt"):
        line = taken[name]
        assert bool(ask("find", line["reference"], "--as", role, "--json").json["items"]) == (name in seen)
        assert (ask("original", line["item"], "-o", tmp_path / name, "--as", role).code == 0) == (name in seen)
        assert (tmp_path / name).exists() == (name in seen)


def test_a_team_sees_its_own(ask: Ask, taken: Taken) -> None:
    team = ask("show", taken["request.txt"]["item"], "--json").json["case"]["team"]
    assert ask("show", taken["request.txt"]["item"], "--as", f"back_office:{team}").code == 0
    assert ask("show", taken["unclear.txt"]["item"], "--as", f"back_office:{team}").code == 1


def test_what_may_not_be_seen_is_answered_like_what_is_not_there(ask: Ask, taken: Taken) -> None:
    hidden, absent = taken["risk.txt"]["item"], "0" * 32
    answers = [ask("show", name, "--as", "post_room") for name in (hidden, absent)]
    assert [answer.code for answer in answers] == [1, 1]
    assert answers[0].err.replace(hidden, "X") == answers[1].err.replace(absent, "X")
    assert [answer.out for answer in answers] == ["", ""]


def test_a_team_that_there_is_not_is_refused_with_near_ones(ask: Ask) -> None:
    answer = ask("status", "--as", "back_office:planning,hosing")
    assert answer.code == 2
    assert "'hosing'" in answer.err
    assert "housing" in answer.err
    assert ask("status", "--as", "back_office:planning,housing").code == 0


@pytest.mark.parametrize("role", ["king", "post_room+all", ""])
def test_a_role_that_is_none_is_refused(ask: Ask, taken: Taken, role: str) -> None:
    assert ask("show", taken["request.txt"]["item"], "--as", role).code == 2


def test_status_balances_for_each_channel(ask: Ask) -> None:
    found = ask("status", "--json").json
    for line in found["channels"].values():
        assert line.keys() == {"received", "captured", "waiting", "exceptions", "refused"}
        assert line["received"] == line["captured"] + line["waiting"] + line["exceptions"] + line["refused"]
    assert found["channels"]["post"]["received"] == 4
    promise = found["one_working_day"]
    assert promise.keys() >= {"number", "share", "late"}
    assert all(late.keys() >= {"reference", "reason"} for late in promise["late"])


def test_status_rounds_for_people_and_is_exact_for_scripts(ask: Ask, monkeypatch: pytest.MonkeyPatch) -> None:
    found = ask("status", "--json").json
    found["one_working_day"]["share"] = 2 / 3
    monkeypatch.setattr(look, "status_of", lambda *_: found)
    assert "share: 66.7%" in ask("status").out
    assert ask("status", "--json").json["one_working_day"]["share"] == 2 / 3


@pytest.mark.parametrize(
    ("first", "last", "received"),
    [("2026-11-16", "2026-11-16", 4), ("2026-11-17", "2026-12-31", 0), ("2026-01-01", "2026-11-15", 0)],
)
def test_status_can_be_asked_for_days_of_receipt(ask: Ask, first: str, last: str, received: int) -> None:
    channels = ask("status", "--json", "--from", first, "--to", last).json["channels"]
    assert sum(line["received"] for line in channels.values()) == received


def test_status_asked_as_somebody_lists_only_what_is_theirs(ask: Ask, taken: Taken) -> None:
    everything, clerk = (ask("status", "--json", *who).json for who in ((), ("--as", "post_room")))
    assert clerk["channels"] == everything["channels"]
    assert taken["risk.txt"]["reference"] in {line["reference"] for line in everything["one_working_day"]["late"]}
    assert taken["risk.txt"]["reference"] not in {line["reference"] for line in clerk["one_working_day"]["late"]}
    assert clerk["not_shown"]["late"] == 1


def test_what_a_letter_says_is_no_markup_in_a_table() -> None:
    with console.capture() as shown:
        table = Table("from")
        table.add_row(cell("[red]Ann[/red] [/] \x1b[2J"))
        console.print(table)
    assert "[red]Ann[/red] [/] [2J" in shown.get()


def test_a_day_that_is_none_is_refused(ask: Ask) -> None:
    answer = ask("status", "--from", "16/11/2026")
    assert answer.code == 2
    assert "16/11/2026" in answer.err


def test_status_calls_an_alarm_by_plain_words_and_scripts_by_its_own(
    ask: Ask, mailrooms: Mailrooms, tmp_path: Path
) -> None:
    (tmp_path / "a.txt").write_text("Dear Sir", encoding="utf-8")
    assert ask("take", tmp_path / "a.txt", data=tmp_path / "data").code == 0
    with closing(mailrooms.records(tmp_path / "data")) as records, records.work() as session:
        raise_alarm(session, "waiting:unpack", "Items wait to be opened. The store is away.", datetime.now(UTC))
        session.commit()
    told = ask("status", data=tmp_path / "data").out
    assert "items wait to be opened" in told
    assert "waiting:unpack" not in told
    assert ask("status", "--json", data=tmp_path / "data").json["alarms"][0]["subject"] == "waiting:unpack"
