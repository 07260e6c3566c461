"""What people read of a reconciliation: sentences in place of keys, and a verdict that names what is wrong."""

from __future__ import annotations

from typing import Any

import pytest

from mailroom.cli.balance import lines_of, verdict

GONE = "message <1@client.example> stands in line 1 of names.txt and is not on the ledger"


@pytest.mark.parametrize(
    ("difference", "missing", "said"),
    [
        (0, [], "The ledger balances to zero."),
        (0, [GONE], "1 message is not on the ledger."),
        (0, ["HD-26-000001-J has no original"], "1 thing is not as promised; each is named above."),
        (
            -1,
            [GONE, GONE, "item 1 is in the door's ledger and nowhere else"],
            (
                "The ledger does not balance: received is -1 against what became of it. "
                "2 messages are not on the ledger. 1 thing is not as promised; each is named above."
            ),
        ),
    ],
)
def test_the_verdict_names_what_is_wrong(difference: int, missing: list[str], said: str) -> None:
    assert verdict(difference, missing) == said


def found(**more: Any) -> dict[str, Any]:  # noqa: ANN401  # as JSON has it
    return {"channels": {}, "difference": 0, "missing": [], **more}


def test_what_was_refused_is_named() -> None:
    one = {
        "reference": "HD-26-000001-J",
        "channel": "email",
        "received_at": "2026-11-16T10:00:00+00:00",
        "why": "This e-mail has 170 MB.",
    }
    title, line, _ = lines_of(found(refused=[one]))
    assert title == "Refused, and told so:"
    assert line == "  HD-26-000001-J, Mon 16 Nov 10:00, by email: This e-mail has 170 MB."


@pytest.mark.parametrize("taken", [None, 5])
def test_a_mailbox_is_told_in_words_with_why_there_is_no_newer_count(taken: int | None) -> None:
    count = {
        "counted_at": "2026-11-16T10:00:00+00:00",
        "in_mailbox": 2,
        "not_taken_in": 1,
        "in_taken_folder": taken,
        "on_ledger": 7,
        "deleted_since": None if taken is None else 2,
        "more_than_taken_in": 0,
        "problem": "No mail is taken out of it at imap, port 993: refused.",
    }
    told = "\n".join(lines_of(found(mailboxes={"housing": count})))
    assert "Mailbox housing, as its server counted on Mon 16 Nov 10:00" in told
    assert ("is not counted" in told, "2 deleted there since" in told) == (taken is None, taken is not None)
    assert "No newer count: No mail is taken out of it at imap, port 993: refused." in told
    assert "None" not in told
