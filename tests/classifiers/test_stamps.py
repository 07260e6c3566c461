"""A stamp of receipt says when a letter came; the date of the letter is another. Each case is labelled by hand."""

import pytest
from paper import Paper

from classifiers.classifier import Evidence
from classifiers.fields import FieldFinder

HEAD = "4 Quarry View\nHarrowdale HD7 4QT\n\n"
TAIL = "\n\nDear Sirs\n\nMy lodger has moved away.\n"

STAMPS = [
    "RECEIVED 12 NOV 2026",
    "RECEIVED\n12 NOV 2026\nPOST ROOM",
    "RECEIVED\nHARROWDALE DISTRICT COUNCIL\n12 NOV 2026",
    "HARROWDALE DISTRICT COUNCIL\n12 NOV 2026\nRECEIVED",
    "12 November 2026\nReceived",
    "Date received: 12/11/2026",
    "Rec'd 12.11.2026",
    "RECEIVED BY THE POST ROOM\n12 NOV 2026",
    "RECEIVEO\n12 NOV 2026",
    "RECElVED\n12 NOV 2026",
    "RECEWED\n12 NOV 2026",
    "DERBYNIWYD\n12 Tachwedd 2026",
]
"""As post rooms stamp them and Tesseract reads them; each says 12 November 2026."""


def dates(finder: FieldFinder, evidence: Evidence) -> tuple[str | None, str | None]:
    """Return the date of the letter and the one stamped on it, as they were found."""
    found = {field.name: field.value for field in finder.find(evidence)}
    return found.get("letter_date"), found.get("date_stamped")


@pytest.mark.parametrize("stamp", STAMPS)
@pytest.mark.parametrize(("written", "iso"), [("10 November 2026", "2026-11-10"), ("", None)])
def test_what_is_stamped_is_not_the_date_of_the_letter(
    finder: FieldFinder, stamp: str, written: str, iso: str | None
) -> None:
    for text in (f"{stamp}\n\n{HEAD}{written}{TAIL}", f"{HEAD}{written}{TAIL}\n\n\n{stamp}\n"):
        assert dates(finder, Evidence(text)) == (iso, "2026-11-12")


def test_a_stamp_beside_the_letters_own_date_takes_only_its_own(finder: FieldFinder) -> None:
    for text in (
        f"RECEIVED\n12 NOV 2026\n10 November 2026{TAIL}",
        f"10 November 2026\nRECEIVED\n12 NOV 2026{TAIL}",
        f"10 November 2026\n12 NOV 2026\nRECEIVED{TAIL}",
        f"4 Quarry View          RECEIVED\nHarrowdale HD7 4QT     12 NOV 2026\n10 November 2026       POST ROOM{TAIL}",
    ):
        assert dates(finder, Evidence(text)) == ("2026-11-10", "2026-11-12")


def test_two_stamps_take_a_date_each_and_the_first_is_shown(finder: FieldFinder) -> None:
    text = f"RECEIVED\n12 NOV 2026\n\n\nRECEIVED\n13 NOV 2026\n\n\n10 November 2026{TAIL}"
    assert dates(finder, Evidence(text)) == ("2026-11-10", "2026-11-12")


@pytest.mark.parametrize(
    "text",
    [
        f"10 November 2026{TAIL}\n\nI received your bill, and it is wrong.",
        "10 November 2026\n\nDear Sirs\nI received your bill",
        "10 November 2026\nReceived with thanks your letter, and the bill that came with it.",
        "10 November 2026\n\nDear Sirs\n\nThe bill that I have\nreceived is wrong.",
        f"10 November 2026\n\n\n\n\n\nRECEIVED{TAIL}",
    ],
)
def test_who_writes_of_what_they_received_has_stamped_nothing(finder: FieldFinder, text: str) -> None:
    assert dates(finder, Evidence(text)) == ("2026-11-10", None)


def test_a_stamp_in_another_column_of_the_paper_leaves_the_letters_date_alone(finder: FieldFinder) -> None:
    """The stamp's word stands in the line of the letter's date, far to its right, and its own date a line lower."""
    paper = Paper().line((100, "10 November 2026"), (900, "RECEIVED")).line((100, "Dear Sirs"), (900, "12 NOV 2026"))
    assert dates(finder, paper.evidence()) == ("2026-11-10", "2026-11-12")
