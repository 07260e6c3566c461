"""The sentences about what could not be opened name the files, say why, and say what to ask of the sender."""

from __future__ import annotations

import pytest

from mailroom.domain.errors import Cause
from mailroom.domain.unopened import Unopened, files_unopened, kept, number_unopened, unopened_in_words

WORD = Unopened("x.docx", Cause.ENCRYPTED, "an Office document locked with a password")
PLAN = Unopened("plan.dwg", Cause.UNKNOWN_FORMAT, "a file of unknown kind")
EMPTY = Unopened("a.pdf", Cause.EMPTY, "an empty file")


LOOK = "Open the original, look at what is attached and settle the message with what it says."
OPEN_IT = "Ask the sender for it without {}, or by post."


@pytest.mark.parametrize(
    ("file", "why", "what_to_do"),
    [
        (WORD, "The attachment 'x.docx' is an Office document locked with a password.", OPEN_IT.format("a password")),
        (
            Unopened("a.pdf", Cause.ENCRYPTED, "a PDF document"),
            "The attachment 'a.pdf' is a PDF document locked with a password.",
            OPEN_IT.format("a password"),
        ),
        (
            Unopened("a.gpg", Cause.ENCRYPTED, "a file encrypted with PGP"),
            "The attachment 'a.gpg' is a file encrypted with PGP.",
            OPEN_IT.format("encryption"),
        ),
        (Unopened("", Cause.EMPTY), "An attachment without a name is empty.", "Ask the sender to send it again."),
        (PLAN, "The attachment 'plan.dwg' is a file of unknown kind, which the mailroom cannot read.", LOOK),
        (Unopened("deep.eml"), "The attachment 'deep.eml' could not be opened.", LOOK),
    ],
)
def test_one_file_is_named_with_why_and_what_to_do(file: Unopened, why: str, what_to_do: str) -> None:
    assert unopened_in_words(1, [file]) == f"{why} {what_to_do}"


def test_several_are_listed_with_what_to_do_about_each_kind() -> None:
    assert unopened_in_words(3, [WORD, PLAN, EMPTY]) == (
        "3 attachments could not be opened: 'x.docx' is an Office document locked with a password; "
        "'plan.dwg' is a file of unknown kind, which the mailroom cannot read; 'a.pdf' is empty. "
        "Ask the sender for what is locked without its password, or by post. "
        "Ask the sender to send again what is empty or damaged. "
        "Open the original, look at what is attached and settle the message with what it says."
    )


@pytest.mark.parametrize("cause", Cause)
def test_however_many_there_are_and_however_long_their_names_it_stays_readable(cause: Cause) -> None:
    files = [Unopened(f"{'long ' * 50}{number}.docx", cause, "a Word document") for number in range(1000)]
    told = unopened_in_words(1000, files)
    assert len(told) < 1000
    assert "and 995 more" in told
    assert "4.docx'" in told


def test_what_is_written_down_is_read_again_and_bounded() -> None:
    head = kept([WORD, PLAN] * 50)
    assert (number_unopened(head), files_unopened(head)) == (100, [WORD, PLAN] * 10)


def test_what_was_written_down_before_names_were_kept_is_counted() -> None:
    old, older = {"unopened": 2}, {"attachments": [{"name": "a"}]}
    assert (number_unopened(old), number_unopened(older), files_unopened(old)) == (2, 1, [])
    assert unopened_in_words(2, []).startswith("The message has 2 attachments that could not be opened.")
