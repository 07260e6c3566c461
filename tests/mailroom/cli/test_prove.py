"""`verify` and `reconcile`: what is so, and what is not is named with exit code 1."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from forging import unguarded
from mailrooms import Mailrooms
from sqlalchemy import text

Ask = Callable[..., Any]
Spoil = Callable[[str], None]


@pytest.fixture
def copy(house: dict[str, Any], mailrooms: Mailrooms, tmp_path: Path) -> Path:
    """A copy of the mailroom that a test may spoil."""
    return mailrooms.copy(house["data"], tmp_path / "data")


@pytest.fixture
def spoil(copy: Path, mailrooms: Mailrooms) -> Callable[[str], None]:
    """Changes the records of the copy, as whoever owns the database could."""

    def change(statement: str) -> None:
        with closing(mailrooms.records(copy)) as records, unguarded(records) as connection:
            connection.execute(text(statement))

    return change


def test_a_sound_mailroom_is_proved_so(ask: Ask) -> None:
    verified, balanced = ask("verify", "--json"), ask("reconcile", "--json")
    assert (verified.code, balanced.code) == (0, 0)
    assert verified.json.keys() >= {"checked", "faults"}
    assert verified.json["checked"] == 4
    assert balanced.json.keys() == {"channels", "difference", "missing"}
    assert (balanced.json["difference"], balanced.json["missing"], verified.json["faults"]) == (0, [], [])


def test_people_get_a_sentence(ask: Ask) -> None:
    said = ask("verify").out
    assert said.startswith("4 originals, ")
    assert "chain of custody is whole" in said
    assert "balances to zero" in ask("reconcile").out


def test_a_list_of_messages_that_did_not_come_is_told_with_exit_code_1(ask: Ask, tmp_path: Path) -> None:
    names = tmp_path / "names.txt"
    names.write_text("<gone@client.example>\n")
    answer = ask("reconcile", "--against", str(names), "--json")
    assert (answer.code, answer.json["against"]["listed"]) == (1, 1)
    assert answer.json["missing"] == [
        "message <gone@client.example> stands in line 1 of names.txt and is not on the ledger"
    ]
    assert ask("reconcile", "--against", str(tmp_path / "no list"), "--json").code == 2


def test_people_are_told_how_many_messages_are_not_on_the_ledger_and_not_shown_them_all(
    ask: Ask, tmp_path: Path
) -> None:
    names = tmp_path / "names.txt"
    names.write_text("<gone@client.example>\n")
    said = ask("reconcile", "--against", names).out
    assert said.endswith("1 message is not on the ledger.\n")
    assert "Of 1 message listed 0 are on the ledger; 0 cannot be compared" in said
    names.write_text("".join(f"<{number}@client.example>\n" for number in range(3120)))
    said = ask("reconcile", "--against", names).out
    assert len(said.splitlines()) < 40
    assert "  and 3 100 more: mailroom reconcile --json names them all\n" in said
    assert said.endswith("3 120 messages are not on the ledger.\n")
    assert len(ask("reconcile", "--against", names, "--json").json["missing"]) == 3120


def test_a_database_is_no_list_and_is_not_printed(ask: Ask, tmp_path: Path) -> None:
    (tmp_path / "mailroom.sqlite").write_bytes(b"SQLite format 3\0\x10\0\x01\x01\0")
    answer = ask("reconcile", "--against", tmp_path / "mailroom.sqlite")
    assert (answer.code, answer.out) == (2, "")
    assert "is neither a list of Message-IDs nor a log of Postfix" in answer.err.replace("\n", " ")


@pytest.mark.parametrize("act", ["change", "delete"])
def test_an_original_that_is_not_what_was_received_is_named(ask: Ask, copy: Path, act: str) -> None:
    victim = next(path for path in (copy / "vault").rglob("originals/*/*") if path.is_file() and path.stat().st_size)
    victim.chmod(0o600)
    if act == "change":
        victim.write_bytes(victim.read_bytes()[:-1] + b"?")
    else:
        victim.unlink()
    answer = ask("verify", "--json", data=copy)
    assert answer.code == 1
    (fault,) = answer.json["faults"]
    assert victim.name in fault
    said = ask("verify", data=copy).out
    assert fault in said
    assert "is whole" not in said


def test_a_change_in_the_chain_of_custody_is_named(ask: Ask, copy: Path, spoil: Spoil) -> None:
    spoil("UPDATE custody_event SET actor='nobody' WHERE position=2")
    answer = ask("verify", "--json", data=copy)
    assert answer.code == 1
    assert len(answer.json["faults"]) >= 4


def test_an_item_that_is_gone_is_named(ask: Ask, copy: Path, spoil: Spoil) -> None:
    spoil("DELETE FROM item WHERE id IN (SELECT item_id FROM receipt ORDER BY id LIMIT 1)")
    answer = ask("reconcile", "--json", data=copy)
    assert answer.code == 1
    assert answer.json["difference"] == 1
    assert "in the door's ledger and nowhere else" in answer.json["missing"][0]


def test_an_item_that_nobody_received_is_a_difference(ask: Ask, copy: Path, spoil: Spoil) -> None:
    spoil("DELETE FROM receipt WHERE id = 1")
    answer = ask("reconcile", "--json", data=copy)
    assert (answer.code, answer.json["difference"]) == (1, -1)


def test_an_item_without_its_case_is_named(ask: Ask, copy: Path, spoil: Spoil) -> None:
    spoil("UPDATE item SET case_id = NULL WHERE state = 'captured'")
    answer = ask("reconcile", "--json", data=copy)
    assert answer.code == 1
    assert "has no case" in answer.json["missing"][0]


def test_heads_are_signed_on_demand_and_shown_with_the_key_that_checks_them(ask: Ask, copy: Path) -> None:
    shown = ask("heads", "--sign", data=copy)
    assert (shown.code, shown.out.startswith("Public key: mailroom+")) == (0, True)
    found = ask("heads", "--json", data=copy).json
    assert found["heads"][-1]["text"].startswith("mailroom\n")
    assert (found["heads"][-1]["published"], found["heads"][-1]["mailed"]) == (True, False)
    assert ask("verify", "--json", data=copy).json["heads"] == len(found["heads"])
