"""When an alarm has another cause than before, and what its subject is called."""

from __future__ import annotations

import pytest

from mailroom.domain.alarm_words import plain_subject, same_cause

CERTIFICATE = "No mail is taken out of it at imap.x, port 993: its certificate is not to be trusted (self-signed)."
PASSWORD = "No mail is taken out of it at imap.x, port 993: it does not let housing in."


@pytest.mark.parametrize(
    ("before", "now", "same"),
    [
        (CERTIFICATE, CERTIFICATE, True),
        (CERTIFICATE, CERTIFICATE.replace("self-signed", "has expired"), True),
        (CERTIFICATE, PASSWORD, False),
        ("There are 12 MB free and 200 are kept.", "There are 9 MB free and 200 are kept.", True),
        ("2 of 1 000 messages are left.", "3 of 12 messages are left.", True),
        ("HD-26-000001-L cannot be deleted.", "HD-26-000002-C cannot be deleted.", True),
        ("It cannot be written (Permission denied).", "It cannot be read (Permission denied).", False),
    ],
)
def test_another_cause_is_another_sentence_but_for_numbers_and_what_stands_in_brackets(
    before: str, now: str, same: bool
) -> None:
    assert same_cause(before, now) is same


@pytest.mark.parametrize(
    ("subject", "plain"),
    [
        ("waiting:unpack", "items wait to be opened"),
        ("waiting:hand_over:planning", "items wait to be handed over (planning)"),
        ("misconfigured:read", "a setting is wrong: items wait to be read"),
        ("waiting:something_new", "items wait at something_new"),
        ("withdrawal", "copies cannot be taken back"),
        ("custody:25ba55", "an original is not what was received"),
        ("emergency:17", "emergency access"),
        ("mailbox housing", "mailbox housing"),
    ],
)
def test_a_subject_is_called_in_plain_words(subject: str, plain: str) -> None:
    assert plain_subject(subject) == plain
